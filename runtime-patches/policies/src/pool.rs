//! One pool of an epoch's pay, as the policies that redistribute it see it.

use crate::{apportion::apportion, log2::exp2, PartsPerBillion};

/// The amounts of one pool where they lie, with the performance of whom they go to. `len` must not change.
pub trait Pool {
    fn len(&self) -> usize;
    /// Smallest units (rao).
    fn amount(&self, index: usize) -> u64;
    fn set_amount(&mut self, index: usize, amount: u64);
    /// 65535 = 1.0.
    fn performance(&self, index: usize) -> u16;

    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The pool is outside what the arithmetic is exact for; it was left as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// More members than uids can exist (65 535), or than there are slots for.
    TooManyMembers,
    /// The amounts add up to more than a u64 holds, so a share might not fit either.
    TotalTooLarge,
}

/// The pool's total, and as many of the slots as it has members.
pub(crate) fn measure<'a>(
    pool: &impl Pool,
    slots: &'a mut [u128],
) -> Result<(u64, &'a mut [u128]), Refused> {
    if pool.len() > usize::from(u16::MAX) {
        return Err(Refused::TooManyMembers);
    }
    let slots = slots.get_mut(..pool.len()).ok_or(Refused::TooManyMembers)?;
    let total = (0..pool.len())
        .try_fold(0u64, |sum, index| sum.checked_add(pool.amount(index)))
        .ok_or(Refused::TotalTooLarge)?;
    Ok((total, slots))
}

/// Pays the total in proportion to the weights, one a member.
pub(crate) fn pay(pool: &mut impl Pool, total: u64, weights: &mut [u128]) {
    apportion(total, weights);
    for (index, amount) in weights.iter().enumerate() {
        // An amount is at most the total.
        pool.set_amount(index, *amount as u64);
    }
}

/// The logarithm that the largest product gets.
const TOP: u128 = 100 << 64;

/// Blends today's amounts with shares in proportion to products: `(1 - mix) r_i + mix c_i / sum c`, each part rounded to
/// whole units by the largest remainder. Changes nothing where all products are 0.
///
/// `logs`: the binary logarithm of each member's product in units of 2^-64, one above; 0 stands for a product of 0. The
/// products add up to little more than 2^100 2^16, and the mixed weights to `T 10^9` < 2^94.
pub(crate) fn blend_by_logs(
    pool: &mut impl Pool,
    total: u64,
    mix: PartsPerBillion,
    logs: &mut [u128],
) {
    let largest = logs.iter().copied().max().unwrap_or(0);
    if largest == 0 {
        return;
    }
    for slot in logs.iter_mut().filter(|slot| **slot > 0) {
        let below = largest.saturating_sub(*slot);
        *slot = TOP.checked_sub(below).map_or(0, exp2);
    }
    apportion(total, logs);
    for (index, slot) in logs.iter_mut().enumerate() {
        let today = u128::from(pool.amount(index)).saturating_mul(u128::from(mix.complement()));
        *slot = slot
            .saturating_mul(u128::from(mix.parts()))
            .saturating_add(today);
    }
    pay(pool, total, logs);
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// (amount, performance) of each member.
    #[derive(Clone, Debug)]
    pub struct Members(pub Vec<(u64, u16)>);

    impl Pool for Members {
        fn len(&self) -> usize {
            self.0.len()
        }
        fn amount(&self, index: usize) -> u64 {
            self.0[index].0
        }
        fn set_amount(&mut self, index: usize, amount: u64) {
            self.0[index].0 = amount;
        }
        fn performance(&self, index: usize) -> u16 {
            self.0[index].1
        }
    }
}
