//! A solo-chain node for runtimes with Aura and GRANDPA: what `epochdiff rehearse` spawns for those who have no node.
//! It carries no native runtime; every block is executed by the wasm of the chain's own state.

// Substrate's own error types, met once at the end of the process.
#![allow(clippy::result_large_err)]

mod api;
mod chain_spec;
mod cli;
mod service;

fn main() -> sc_cli::Result<()> {
    cli::run()
}
