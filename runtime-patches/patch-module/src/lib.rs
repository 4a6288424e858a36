//! The policies as functions that the weaver puts into a runtime. Each runs right after the function whose result it
//! rewrites, in the runtime's own memory, and reads the runtime's storage through the host function that every runtime
//! imports.
//!
//! Each takes where its hook's result is, the layout of that (a number, as `stakes` and `layouts` give it) and its own
//! parameters. It has no data and no table: what it needs beside the runtime's memory is on the runtime's stack. Whatever is not as
//! assumed (a layout, a length, a parameter) traps, so that the run stops instead of going on with a wrong number.
#![cfg_attr(target_arch = "wasm32", no_std)]
#![cfg(target_arch = "wasm32")]

mod aiarena;
mod composite;
mod hook;
mod layouts;
mod memory;
mod performance_weighted;
mod pools;
mod probe;
mod refusal;
mod rewards;
mod role_split;
mod stake_cap;
mod stake_power;
mod stakes;
mod storage;
mod trust_bonus;

/// Most uids a subnet may have for a policy that keeps a number for each on the stack.
const MAX_UIDS: usize = 4096;

/// Stops the run: something is not as this module assumes, which the weaver should have seen.
fn trap() -> ! {
    core::arch::wasm32::unreachable()
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    trap()
}
