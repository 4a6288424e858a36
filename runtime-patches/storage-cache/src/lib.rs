//! Host functions of the native engine that a runtime calls by the ten thousand, as wasm beside the runtime: from wasm to wasm
//! a call costs a few nanoseconds, to JavaScript and back it costs hundreds. They are the heap that Substrate's host gives, and the main trie's
//! values and hashes as far as they were asked for lately; the truth of storage is JavaScript's, and whatever is not known here is asked of it.
//!
//! The module lives in the runtime's memory, in a region of its own between the runtime's data and its heap. It has no data, no
//! stack and no global of its own: everything it knows is in that region, which `host.region` gives. A runtime that writes over the
//! region spoils its own results and no more: nothing here reaches beyond that memory.
#![cfg_attr(target_arch = "wasm32", no_std)]
#![cfg(target_arch = "wasm32")]
// No loop that copies becomes a call.
#![no_builtins]
#![allow(unsafe_op_in_unsafe_fn)]

mod cache;
mod hashing;
mod heap;
mod host;
mod memory;
mod state;
mod trie;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
