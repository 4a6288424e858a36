//! Role split: what an epoch pays miners and validators, as parts of what it divides.
//!
//! `E` = the epoch's rao, of which half goes to miners today and half to validators and root. With `m` the miners' part,
//! `d = trunc(E (m - 1/2))` rao move from the validators' pool to the miners' (back if negative), so that miners get `m E`
//! and validators and root together `(1 - m) E`; what root gets of that stays. In the miners' pool the new sum is divided
//! by today's shares, in whole rao by the largest remainder; validators are paid by their proportions of what is left.
//!
//! Neutral at 1/2. Laws: what miners gain is what validators lose, to the rao; nobody is paid without a share; shares
//! within a pool stay. Nothing moves to a pool in which nobody has a share, nor the last rao out of one.

use crate::{
    pool::{measure, pay, Pool, Refused},
    PartsPerBillion,
};

/// Rao that move from validators to miners, negative the other way. At most half of `epoch_rao`.
pub fn moved(epoch_rao: u64, miner: PartsPerBillion) -> i64 {
    let whole = i128::from(PartsPerBillion::WHOLE);
    let beyond_half = i128::from(miner.parts())
        .saturating_mul(2)
        .saturating_sub(whole);
    let moved = i128::from(epoch_rao)
        .saturating_mul(beyond_half)
        .checked_div(whole.saturating_mul(2));
    // Below 2^64 / 2 either way.
    moved.unwrap_or_default() as i64
}

/// The part of `moved` that falls on `rao` of `of_rao`, truncated; all of it on all of them.
pub fn part(moved: i64, rao: u64, of_rao: u64) -> i64 {
    let part = i128::from(moved)
        .saturating_mul(i128::from(rao))
        .checked_div(i128::from(of_rao));
    // `rao` is at most `of_rao`: no larger than `moved`.
    part.filter(|_| rao <= of_rao).unwrap_or_default() as i64
}

/// Adds `moved` rao to the pool, or takes them out, in proportion to its amounts. `false`, and nothing done, if it has none
/// or none would be left.
pub fn add_to_pool(pool: &mut impl Pool, moved: i64, slots: &mut [u128]) -> Result<bool, Refused> {
    let (total, slots) = measure(pool, slots)?;
    let new_total = if moved < 0 {
        total.saturating_sub(moved.unsigned_abs())
    } else {
        total
            .checked_add(moved.unsigned_abs())
            .ok_or(Refused::TotalTooLarge)?
    };
    if total == 0 || new_total == 0 {
        return Ok(false);
    }
    for (index, weight) in slots.iter_mut().enumerate() {
        *weight = u128::from(pool.amount(index));
    }
    pay(pool, new_total, slots);
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::tests::Members;
    use proptest::prelude::*;

    const HALF: u32 = PartsPerBillion::WHOLE / 2;

    fn parts(parts: u32) -> PartsPerBillion {
        PartsPerBillion::new(parts).unwrap()
    }

    fn after(amounts: &[u64], moved: i64) -> Option<Vec<u64>> {
        let mut pool = Members(amounts.iter().map(|&amount| (amount, 0)).collect());
        let done = add_to_pool(&mut pool, moved, &mut vec![0; amounts.len()]).unwrap();
        let paid = pool.0.into_iter().map(|(amount, _)| amount).collect();
        if !done {
            assert_eq!(paid, amounts);
        }
        done.then_some(paid)
    }

    #[test]
    fn moves_what_is_beyond_half_of_the_epoch() {
        assert_eq!(moved(1_000, parts(600_000_000)), 100);
        assert_eq!(moved(1_000, parts(250_000_000)), -250);
        assert_eq!(moved(1_001, parts(600_000_000)), 100); // 100.1
        assert_eq!(moved(1_001, parts(400_000_000)), -100);
        assert_eq!(moved(u64::MAX, parts(HALF)), 0);
        assert_eq!(moved(u64::MAX, PartsPerBillion::ONE), i64::MAX);
        assert_eq!(moved(u64::MAX, PartsPerBillion::ZERO), -i64::MAX);
    }

    #[test]
    fn divides_the_new_sum_by_todays_shares() {
        assert_eq!(after(&[30, 10, 0], 20), Some(vec![45, 15, 0]));
        assert_eq!(after(&[30, 10, 0], -20), Some(vec![15, 5, 0]));
        assert_eq!(after(&[1, 1, 1], 1), Some(vec![2, 1, 1])); // lowest index first
        assert_eq!(after(&[30, 10], 0), Some(vec![30, 10]));
    }

    #[test]
    fn moves_nothing_where_nobody_is_paid_or_would_be() {
        assert_eq!(after(&[], 5), None);
        assert_eq!(after(&[0, 0], 5), None);
        assert_eq!(after(&[3, 4], -7), None);
        assert_eq!(after(&[3, 4], -9), None);
    }

    #[test]
    fn refuses_what_it_cannot_do_exactly() {
        let mut pool = Members(vec![(u64::MAX - 1, 0)]);
        assert_eq!(
            add_to_pool(&mut pool, 2, &mut [0]),
            Err(Refused::TotalTooLarge)
        );
        assert_eq!(
            add_to_pool(&mut pool, 1, &mut []),
            Err(Refused::TooManyMembers)
        );
        assert_eq!(pool.0, [(u64::MAX - 1, 0)]);
    }

    proptest! {
        #[test]
        fn is_neutral_at_half(rao: u64) {
            prop_assert_eq!(moved(rao, parts(HALF)), 0);
        }

        #[test]
        fn equals_the_definition(rao: u64, miner in 0..=PartsPerBillion::WHOLE) {
            // Miners' target less half, in units of 2 * 10^-9 rao; both truncate towards zero.
            let target = 2 * i128::from(rao) * i128::from(miner) - i128::from(rao) * 1_000_000_000;
            prop_assert_eq!(i128::from(moved(rao, parts(miner))), target / 2_000_000_000);
        }

        #[test]
        fn more_for_miners_never_moves_less(rao: u64, a in 0..=PartsPerBillion::WHOLE, b in 0..=PartsPerBillion::WHOLE) {
            let (less, more) = (a.min(b), a.max(b));
            prop_assert!(moved(rao, parts(less)) <= moved(rao, parts(more)));
        }

        /// Each part of what is left of both, as the mechanisms come: together they are the whole.
        #[test]
        fn parts_add_up(moved in -(1i64 << 40)..1i64 << 40, pieces in proptest::collection::vec(0..1u64 << 40, 1..8)) {
            let (mut rao, mut rest) = (pieces.iter().sum::<u64>(), moved);
            prop_assume!(rao > 0);
            for piece in pieces {
                rest -= part(rest, piece, rao);
                rao -= piece;
            }
            prop_assert_eq!(rest, 0);
        }

        #[test]
        fn conserves_and_keeps_shares(
            amounts in proptest::collection::vec(prop_oneof![Just(0), 0..50u64, 0..1u64 << 50], 0..40),
            moved in -(1i64 << 52)..1i64 << 52,
        ) {
            let total: u64 = amounts.iter().sum();
            let expected = i128::from(total) + i128::from(moved);
            match after(&amounts, moved) {
                None => prop_assert!(total == 0 || expected <= 0),
                Some(paid) => {
                    prop_assert_eq!(paid.iter().map(|&rao| i128::from(rao)).sum::<i128>(), expected);
                    for (before, after) in amounts.iter().zip(paid) {
                        let exact = i128::from(*before) * expected / i128::from(total);
                        prop_assert!((i128::from(after) - exact).abs() <= 1);
                        prop_assert!(*before > 0 || after == 0);
                    }
                }
            }
        }
    }
}
