//! The latest hashes of names and accounts: each access to storage takes two or three, over and over of the same few, and each
//! would be a call to the host with memory for its answer.

/// Names of pallets and items.
const NAMES: usize = 256;
/// Hotkeys and coldkeys of a subnet: more than one has, as they share slots by chance.
const ACCOUNTS: usize = 4_096;
const LONGEST: usize = 32;
const HASH: usize = 16;

/// 128-bit hashes by their inputs. An input has one slot; what it holds is believed after all bytes were compared.
pub struct Memo<const SLOTS: usize>([Slot; SLOTS]);

#[derive(Clone, Copy)]
struct Slot {
    /// 0 while it is empty.
    length: usize,
    input: [u8; LONGEST],
    hash: [u8; HASH],
}

impl<const SLOTS: usize> Memo<SLOTS> {
    pub const fn new() -> Self {
        Self(
            [Slot {
                length: 0,
                input: [0; LONGEST],
                hash: [0; HASH],
            }; SLOTS],
        )
    }

    /// The hash that `hash` gives; it is asked for what is not remembered.
    pub fn get(&mut self, input: &[u8], hash: impl FnOnce(&[u8]) -> [u8; HASH]) -> [u8; HASH] {
        if input.is_empty() || input.len() > LONGEST {
            return hash(input);
        }
        let slot = &mut self.0[slot_of(input) % SLOTS];
        let kept = &mut slot.input[..input.len()];
        if slot.length != input.len() || kept != input {
            slot.hash = hash(input);
            kept.copy_from_slice(input);
            slot.length = input.len();
        }
        slot.hash
    }
}

fn slot_of(input: &[u8]) -> usize {
    let mut mix = 0u64;
    for part in input.chunks(8) {
        let mut word = [0; 8];
        word[..part.len()].copy_from_slice(part);
        mix = (mix.rotate_left(5) ^ u64::from_le_bytes(word)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    (mix >> 32) as usize
}

#[cfg(substrate_runtime)]
pub use in_runtime::remember;

#[cfg(substrate_runtime)]
mod in_runtime {
    use super::{Memo, ACCOUNTS, HASH, NAMES};
    use core::cell::{Cell, UnsafeCell};
    use sp_io::hashing::{host_blake2_128, host_twox_128};

    type Hash = fn(&[u8]) -> [u8; HASH];

    struct Remembered<const SLOTS: usize> {
        memo: UnsafeCell<Memo<SLOTS>>,
        host: Cell<Option<Hash>>,
    }

    // SAFETY: a runtime has one thread.
    unsafe impl<const SLOTS: usize> Sync for Remembered<SLOTS> {}

    impl<const SLOTS: usize> Remembered<SLOTS> {
        const fn new() -> Self {
            Self {
                memo: UnsafeCell::new(Memo::new()),
                host: Cell::new(None),
            }
        }

        fn hash(&self, input: &[u8]) -> [u8; HASH] {
            let host = self.host.get().expect("set before it is put in place");
            // SAFETY: the host's function does not come back here.
            unsafe { &mut *self.memo.get() }.get(input, host)
        }
    }

    static TWOX: Remembered<NAMES> = Remembered::new();
    static BLAKE2: Remembered<ACCOUNTS> = Remembered::new();

    /// Hashes are remembered until the result is dropped.
    #[must_use]
    pub fn remember() -> impl Sized {
        TWOX.host.set(Some(host_twox_128.get()));
        BLAKE2.host.set(Some(host_blake2_128.get()));
        (
            host_twox_128.replace_implementation(|input| TWOX.hash(input)),
            host_blake2_128.replace_implementation(|input| BLAKE2.hash(input)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sp_io::hashing::twox_128;
    use std::cell::Cell;

    proptest! {
        #[test]
        fn hashes_are_the_host_s_whatever_was_asked_before(
            inputs in prop::collection::vec(prop::collection::vec(0u8..3, 0..40), 1..600)
        ) {
            let mut memo = Memo::<NAMES>::new();
            for input in inputs {
                prop_assert_eq!(memo.get(&input, twox_128), twox_128(&input));
            }
        }
    }

    #[test]
    fn the_host_is_asked_once_for_what_is_short_enough() {
        let (mut memo, asked) = (Memo::<ACCOUNTS>::new(), Cell::new(0));
        let mut ask = |input: &[u8]| {
            memo.get(input, |input| {
                asked.set(asked.get() + 1);
                twox_128(input)
            })
        };
        for _ in 0..3 {
            ask(b"SubtensorModule");
            ask(&[7; 32]);
        }
        assert_eq!(asked.get(), 2);
        for _ in 0..3 {
            ask(&[7; 33]);
        }
        assert_eq!(asked.get(), 5);
    }
}
