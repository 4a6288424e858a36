//! Copying and comparing memory by words of eight bytes. What the compiler brings for wasm goes by the byte, or by parts of words, wherever
//! addresses are not aligned, as those of keys and encoded values rarely are; WebAssembly reads and writes words anywhere.
//!
//! The linker takes these functions for the ones the compiler brings. LLVM makes no call of `memcpy` of a loop in a function of that name.

/// Copies `count` bytes between ranges that do not overlap; returns `to`.
///
/// # Safety
/// As C's.
#[cfg_attr(substrate_runtime, no_mangle)]
pub unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
    // SAFETY: each word lies within the ranges; the last one overlaps the one before it.
    unsafe {
        if count >= 8 {
            let last = count - 8;
            let mut at = 0;
            while at < last {
                put::<u64>(to, from, at);
                at += 8;
            }
            put::<u64>(to, from, last);
        } else if count >= 4 {
            put::<u32>(to, from, 0);
            put::<u32>(to, from, count - 4);
        } else {
            let mut at = 0;
            while at < count {
                put::<u8>(to, from, at);
                at += 1;
            }
        }
    }
    to
}

/// Below 0, 0 or above it, as the first bytes that differ say.
///
/// # Safety
/// As C's.
#[cfg_attr(substrate_runtime, no_mangle)]
pub unsafe extern "C" fn memcmp(a: *const u8, b: *const u8, count: usize) -> i32 {
    let mut at = 0;
    // SAFETY: each word lies within the ranges.
    unsafe {
        while count - at >= 8 {
            let (left, right) = (get::<u64>(a, at), get::<u64>(b, at));
            if left != right {
                return if left.swap_bytes() < right.swap_bytes() {
                    -1
                } else {
                    1
                };
            }
            at += 8;
        }
        while at < count {
            let (left, right) = (get::<u8>(a, at), get::<u8>(b, at));
            if left != right {
                return i32::from(left) - i32::from(right);
            }
            at += 1;
        }
    }
    0
}

/// 0 if all bytes are the same.
///
/// # Safety
/// As C's.
#[cfg_attr(substrate_runtime, no_mangle)]
pub unsafe extern "C" fn bcmp(a: *const u8, b: *const u8, count: usize) -> i32 {
    // SAFETY: each word lies within the ranges; the last one overlaps the one before it.
    unsafe {
        if count < 8 {
            let mut at = 0;
            while at < count {
                if get::<u8>(a, at) != get::<u8>(b, at) {
                    return 1;
                }
                at += 1;
            }
            return 0;
        }
        let last = count - 8;
        let mut at = 0;
        while at < last {
            if get::<u64>(a, at) != get::<u64>(b, at) {
                return 1;
            }
            at += 8;
        }
        i32::from(get::<u64>(a, last) != get::<u64>(b, last))
    }
}

#[inline(always)]
unsafe fn get<T: Copy>(from: *const u8, at: usize) -> T {
    // SAFETY: the caller's.
    unsafe { from.add(at).cast::<T>().read_unaligned() }
}

#[inline(always)]
unsafe fn put<T: Copy>(to: *mut u8, from: *const u8, at: usize) {
    // SAFETY: the caller's.
    unsafe { to.add(at).cast::<T>().write_unaligned(get::<T>(from, at)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn copies_are_the_bytes_and_no_more(bytes in prop::collection::vec(any::<u8>(), 0..100), offset in 0usize..9) {
            let mut copied = vec![0xaa; bytes.len() + offset + 9];
            let to = copied[offset..].as_mut_ptr();
            prop_assert_eq!(unsafe { memcpy(to, bytes.as_ptr(), bytes.len()) }, to);
            prop_assert_eq!(&copied[offset..offset + bytes.len()], &bytes);
            prop_assert!(copied[..offset].iter().chain(&copied[offset + bytes.len()..]).all(|byte| *byte == 0xaa));
        }

        #[test]
        fn comparing_is_the_order_of_the_bytes(
            a in prop::collection::vec(any::<u8>(), 0..70), changed in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3)
        ) {
            let mut b = a.clone();
            for (index, byte) in changed {
                if !b.is_empty() {
                    let at = index.index(b.len());
                    b[at] = byte;
                }
            }
            let order = unsafe { memcmp(a.as_ptr(), b.as_ptr(), a.len()) };
            prop_assert_eq!(order.cmp(&0), a.cmp(&b));
            prop_assert_eq!(unsafe { bcmp(a.as_ptr(), b.as_ptr(), a.len()) } == 0, a == b);
        }
    }
}
