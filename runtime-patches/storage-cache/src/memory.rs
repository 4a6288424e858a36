//! Loads and stores by address.

use core::arch::wasm32::memory_size;

pub const PAGE_BYTES: u32 = 65_536;

#[inline(always)]
pub unsafe fn load(at: u32) -> u32 {
    (at as *const u32).read_unaligned()
}

#[inline(always)]
pub unsafe fn store(at: u32, value: u32) {
    (at as *mut u32).write_unaligned(value);
}

#[inline(always)]
pub unsafe fn load64(at: u32) -> u64 {
    (at as *const u64).read_unaligned()
}

#[inline(always)]
pub unsafe fn load8(at: u32) -> u8 {
    (at as *const u8).read()
}

#[inline(always)]
pub unsafe fn store8(at: u32, value: u32) {
    (at as *mut u8).write(value as u8);
}

#[inline(always)]
pub unsafe fn store64(at: u32, value: u64) {
    (at as *mut u64).write_unaligned(value);
}

/// Copies between ranges that do not overlap: by words, the last of which overlaps the one before it.
#[inline(always)]
pub unsafe fn copy(to: u32, from: u32, len: u32) {
    let mut at = 0;
    if len < 8 {
        while at < len {
            store8(to + at, u32::from(load8(from + at)));
            at += 1;
        }
        return;
    }
    let last = len - 8;
    while at < last {
        store64(to + at, load64(from + at));
        at += 8;
    }
    store64(to + last, load64(from + last));
}

/// Whether a range lies in the memory as it is now.
#[inline(always)]
pub fn holds(at: u32, len: u32) -> bool {
    u64::from(at) + u64::from(len) <= memory_bytes()
}

pub fn memory_bytes() -> u64 {
    memory_size(0) as u64 * u64::from(PAGE_BYTES)
}

/// Offset and length of a span, as the ABI packs them.
#[inline(always)]
pub fn unpack(span: u64) -> (u32, u32) {
    (span as u32, (span >> 32) as u32)
}

#[inline(always)]
pub fn pack(at: u32, len: u32) -> u64 {
    (u64::from(len) << 32) | u64::from(at)
}
