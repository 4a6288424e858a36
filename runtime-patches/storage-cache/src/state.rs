//! What the module knows, at the beginning of its region: zeros at first.

use crate::host;

pub const ORDERS: u32 = 23;
/// Slots of the table of keys: a power of two.
pub const SLOTS: u32 = 1 << 17;
const STATE_BYTES: u32 = 4_096;

#[repr(C)]
pub struct State {
    /// The heap: where the free blocks of each size begin, its end, and the most pages that the memory may have; 0 while it is closed.
    pub free_heads: [u32; ORDERS as usize],
    pub heap_end: u32,
    pub limit_pages: u32,
    /// Where the region ends, and what of it is taken.
    pub region_end: u32,
    pub arena_end: u32,
    /// Keys so far, which is the next id.
    pub keys: u32,
    /// An entry whose era is one of these has a known value: of the committed state, or as this call wrote it.
    pub committed_era: u32,
    pub call_era: u32,
    pub last_era: u32,
    /// The entries that this call wrote, each with the next one; and the call's number.
    pub written: u32,
    pub call: u32,
}

#[inline(always)]
pub fn state() -> *mut State {
    unsafe { host::region() as *mut State }
}

#[inline(always)]
pub fn table(state: *mut State) -> u32 {
    state as u32 + STATE_BYTES
}

#[inline(always)]
pub fn arena(state: *mut State) -> u32 {
    table(state) + SLOTS * 4
}
