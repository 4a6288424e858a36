//! The latest hashes of names and accounts: each access to storage takes two or three, over and over of the same few, and each
//! would be a call to the host with memory for its answer.

/// Names of pallets and items.
const NAMES: usize = 1_024;
/// Hotkeys and coldkeys of a subnet: more than one has, as they share slots by chance.
const ACCOUNTS: usize = 4_096;
const LONGEST: usize = 32;
const HASH: usize = 16;

/// 128-bit hashes by their inputs. An input has one slot; what it holds is believed after all bytes were compared.
pub struct Memo<const SLOTS: usize>([Slot; SLOTS]);

#[derive(Clone, Copy)]
struct Slot {
    input: Input,
    hash: [u8; HASH],
}

/// Up to 32 bytes as words, the last of which overlap where they are fewer, and how many bytes.
#[derive(Clone, Copy)]
struct Input {
    words: [u64; LONGEST / 8],
    /// 0 while the slot is empty.
    length: usize,
}

impl<const SLOTS: usize> Memo<SLOTS> {
    pub const fn new() -> Self {
        let input = Input {
            words: [0; LONGEST / 8],
            length: 0,
        };
        Self(
            [Slot {
                input,
                hash: [0; HASH],
            }; SLOTS],
        )
    }

    /// The hash that `hash` gives; it is asked for what is not remembered.
    pub fn get(&mut self, bytes: &[u8], hash: impl FnOnce(&[u8]) -> [u8; HASH]) -> [u8; HASH] {
        if bytes.is_empty() || bytes.len() > LONGEST {
            return hash(bytes);
        }
        let input = Input::of(bytes);
        let slot = &mut self.0[input.slot() % SLOTS];
        if !slot.input.is(&input) {
            *slot = Slot {
                input,
                hash: hash(bytes),
            };
        }
        slot.hash
    }
}

impl Input {
    #[inline(always)]
    fn of(bytes: &[u8]) -> Self {
        let length = bytes.len();
        let Some(last) = length.checked_sub(8) else {
            let word = bytes
                .iter()
                .fold(0, |word, byte| (word << 8) | u64::from(*byte));
            let words = [word, 0, 0, 0];
            return Self { words, length };
        };
        let word = |at: usize| {
            let part = bytes.get(at.min(last)..).and_then(<[u8]>::first_chunk);
            part.map_or(0, |part| u64::from_le_bytes(*part))
        };
        let words = [word(0), word(8), word(16), word(24)];
        Self { words, length }
    }

    /// No call that compares memory.
    #[inline(always)]
    fn is(&self, other: &Self) -> bool {
        let differing = |at: usize| self.words[at] ^ other.words[at];
        self.length == other.length
            && differing(0) | differing(1) | differing(2) | differing(3) == 0
    }

    #[inline(always)]
    fn slot(&self) -> usize {
        let mixed = self.words.iter().fold(0u64, |mix, word| {
            (mix.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        });
        (mixed >> 32) as usize
    }
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
