#!/usr/bin/env bash
# Formats, lints and tests the Rust side. Without cargo it says that it did not, and succeeds: everything TypeScript needs
# is prebuilt.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

if ! command -v cargo >/dev/null; then
  echo 'The Rust tests were NOT run: cargo is not installed.'
  exit 0
fi
cargo fmt --all --check
cargo clippy --locked --workspace --all-targets -- --deny warnings
cargo test --locked --workspace
# The staking calls, which only the runtime for nodes has.
cargo clippy --locked -p pallet-subtensor --features calls --all-targets -- --deny warnings
cargo test --locked -p pallet-subtensor --features calls staking
