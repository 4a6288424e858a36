//! The freeing bump allocator that Substrate's host gives every runtime: 23 size classes of 8 << order bytes, an 8-byte header
//! before each block (order and the mark `OCCUPIED`, or the link to the next free block of its class), freed blocks reused first,
//! else the heap's end moves on. The distances between pointers are those of a node.

use core::arch::wasm32::{memory_grow, memory_size};

use crate::host::{
    fault, BLOCK_NOT_IN_USE, BROKEN_HEADER, NO_BLOCK, NO_HEAP, OVER_LIMIT, TOO_LARGE,
};
use crate::memory::{holds, load, memory_bytes, store, PAGE_BYTES};
use crate::state::{state, State, ORDERS};

const HEADER_BYTES: u32 = 8;
const SMALLEST: u32 = 8;
const LARGEST: u32 = 33_554_432;
const NIL: u32 = u32::MAX;
const OCCUPIED: u32 = 1;

/// Forgets every block and starts a heap; with no pages it is closed.
#[no_mangle]
pub unsafe extern "C" fn open_heap(base: u32, limit_pages: u32) {
    let state = state();
    let mut order = 0;
    while order < ORDERS {
        *head(state, order) = NIL;
        order += 1;
    }
    (*state).heap_end = (base + HEADER_BYTES - 1) & !(HEADER_BYTES - 1);
    (*state).limit_pages = limit_pages;
}

/// Where the heap ends that was used so far.
#[no_mangle]
pub unsafe extern "C" fn heap_end() -> u32 {
    (*state()).heap_end
}

#[no_mangle]
pub unsafe extern "C" fn ext_allocator_malloc_version_1(size: u32) -> u32 {
    malloc(state(), size)
}

#[inline(always)]
pub unsafe fn malloc(state: *mut State, size: u32) -> u32 {
    if size > LARGEST {
        fault(TOO_LARGE, size);
    }
    if (*state).limit_pages == 0 {
        fault(NO_HEAP, 0);
    }
    let order = if size <= SMALLEST {
        0
    } else {
        29 - (size - 1).leading_zeros()
    };
    let free = head(state, order);
    let header = *free;
    let header = if header == NIL {
        let header = (*state).heap_end;
        let end = u64::from(header) + u64::from((SMALLEST << order) + HEADER_BYTES);
        if end > memory_bytes() {
            grow(state, end);
        }
        (*state).heap_end = end as u32;
        header
    } else {
        if !holds(header, HEADER_BYTES + (SMALLEST << order)) || load(header + 4) & OCCUPIED != 0 {
            fault(BROKEN_HEADER, header);
        }
        *free = load(header);
        header
    };
    store(header, order);
    store(header + 4, OCCUPIED);
    header + HEADER_BYTES
}

#[no_mangle]
pub unsafe extern "C" fn ext_allocator_free_version_1(pointer: u32) {
    let state = state();
    let header = pointer.wrapping_sub(HEADER_BYTES);
    if pointer < HEADER_BYTES || header & (HEADER_BYTES - 1) != 0 || !holds(header, HEADER_BYTES) {
        fault(NO_BLOCK, pointer);
    }
    let order = load(header);
    if load(header + 4) & OCCUPIED == 0 || order >= ORDERS {
        fault(BLOCK_NOT_IN_USE, pointer);
    }
    let free = head(state, order);
    store(header, *free);
    store(header + 4, 0);
    *free = header;
}

#[inline(always)]
unsafe fn head(state: *mut State, order: u32) -> *mut u32 {
    (state as *mut u32).add(order as usize)
}

/// Grows the memory to hold `end` bytes, and the heap to twice its size if that is allowed.
#[cold]
unsafe fn grow(state: *mut State, end: u64) {
    let pages = memory_size(0) as u32;
    let needed = end.div_ceil(u64::from(PAGE_BYTES));
    let limit = (*state).limit_pages;
    if needed > u64::from(limit) {
        fault(OVER_LIMIT, 0);
    }
    let twice = (pages * 2 - (*state).region_end / PAGE_BYTES).min(limit);
    let target = twice.max(needed as u32);
    if memory_grow(0, (target - pages) as usize) == usize::MAX {
        fault(OVER_LIMIT, 0);
    }
}
