#!/usr/bin/env bash
# Formats, lints and tests the Rust side; arguments go to `cargo test` (--no-run compiles only). Without cargo it says that it
# did not, and succeeds: everything TypeScript needs is prebuilt.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

if ! command -v cargo >/dev/null; then
  echo 'The Rust tests were NOT run: cargo is not installed.'
  exit 0
fi
cargo fmt --all --check
# Clippy compiles what is then tested, with its warnings as errors, where `cargo clippy` would compile everything a second time.
export RUSTC_WORKSPACE_WRAPPER=clippy-driver CLIPPY_ARGS='--deny__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__'
cargo test --locked --workspace --all-targets "$@"
# The staking calls, which only the runtime for nodes has. All packages again, so that their dependencies' features stay the same.
cargo test --locked --workspace --lib --features pallet-subtensor/calls "$@" staking
