//! What a runtime left in its memory, taken as slices only after every length and address was checked.

use core::slice;

const PAGE_BYTES: usize = 65_536;

/// A Rust `Vec` as the compilers of the known runtimes lay it out: capacity @0, pointer @4, length @8.
pub const VEC_BYTES: usize = 12;

/// The elements of the vector whose header is at `address`; `None` unless it has exactly `len` elements and lies whole
/// inside the memory. `T` must be plain bytes without alignment.
///
/// # Safety
/// Nothing else may refer to the vector while the slice lives.
pub unsafe fn vec_elements<T>(address: usize, len: usize) -> Option<&'static mut [T]> {
    let header = unsafe { elements::<[u8; 4]>(address, VEC_BYTES / 4) }?;
    let [capacity, pointer, stored_len] = header else {
        return None;
    };
    let word = |bytes: &[u8; 4]| u32::from_le_bytes(*bytes) as usize;
    if word(stored_len) != len || word(capacity) < len {
        return None;
    }
    if len == 0 {
        return Some(&mut []);
    }
    unsafe { elements(word(pointer), len) }
}

/// `len` elements at `address`; `None` if any of them is outside the memory or below the first byte.
///
/// # Safety
/// Nothing else may refer to these bytes while the slice lives.
pub unsafe fn elements<T>(address: usize, len: usize) -> Option<&'static mut [T]> {
    const { assert!(align_of::<T>() == 1) };
    let memory_bytes =
        (core::arch::wasm32::memory_size(0) as u64).saturating_mul(PAGE_BYTES as u64);
    let bytes = (len as u64).saturating_mul(size_of::<T>() as u64);
    if address == 0 || (address as u64).saturating_add(bytes) > memory_bytes {
        return None;
    }
    Some(unsafe { slice::from_raw_parts_mut(address as *mut T, len) })
}

/// `SIZE` bytes at `address`; `None` as for `elements`.
///
/// # Safety
/// Nothing else may refer to these bytes while the array lives.
pub unsafe fn bytes<const SIZE: usize>(address: usize) -> Option<&'static mut [u8; SIZE]> {
    unsafe { elements::<[u8; SIZE]>(address, 1) }?.first_mut()
}
