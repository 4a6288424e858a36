//! Stake power: large stakes count less, the larger the less.
//!
//! `S_i := M (S_i / M)^theta`, `M` = the largest stake, `0 < theta <= 1`: a concave curve through nothing and the largest.
//! Neutral at `theta` = 1.
//!
//! Laws: the largest stays, zero (and anything below) stays, equal stakes stay equal, the order is kept, no stake is
//! lowered, a smaller `theta` never counts a stake for less.
//!
//! Exact but for the rounding of `M (S / M)^theta = 2^(log2 M - theta (log2 M - log2 S))`: the result is off by less than
//! 2^-60 of itself and one bit. Both logarithms are short by less than 2^-61, so their weighted mean is too; dividing by
//! 10^9 takes less than 2^-64, the power adds or takes less than 2^-62: together less than 2^-60 in the exponent, of which
//! ln 2 reaches the result. The largest stake and `theta` = 1 are left alone, and results are kept within `S_i..M`, where
//! the exact ones lie.

use crate::{
    log2::{exp2, log2},
    stake_bits::StakeBits,
    PartsPerBillion,
};
use core::num::NonZero;

/// Transforms the stakes in place. Changes nothing at `theta` 1, at `theta` 0 (which would count every stake alike, and is
/// no power meant here), and if no stake is above zero.
pub fn raise(stakes: &mut [StakeBits], theta: PartsPerBillion) {
    if theta == PartsPerBillion::ZERO || theta == PartsPerBillion::ONE {
        return;
    }
    let Some(largest) = stakes.iter().filter_map(|&stake| positive(stake)).max() else {
        return;
    };
    let log_largest = log2(largest);
    for stake in stakes {
        let Some(bits) = positive(*stake).filter(|&bits| bits < largest) else {
            continue;
        };
        let raised = exp2(mean(log_largest, log2(bits), theta));
        let kept = raised.clamp(bits.get(), largest.get());
        // At most the largest, which was an i128.
        *stake = StakeBits::from_bits(kept as i128);
    }
}

fn positive(stake: StakeBits) -> Option<NonZero<u128>> {
    u128::try_from(stake.bits()).ok().and_then(NonZero::new)
}

/// `(1 - theta) a + theta b`, rounded down. The logarithms are below 2^71, so the products fit.
fn mean(a: u128, b: u128, theta: PartsPerBillion) -> u128 {
    let weighted = a
        .saturating_mul(u128::from(theta.complement()))
        .saturating_add(b.saturating_mul(u128::from(theta.parts())));
    weighted
        .checked_div(u128::from(PartsPerBillion::WHOLE))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn raised(stakes: &[i128], theta: u32) -> Vec<i128> {
        let mut bits: Vec<_> = stakes.iter().copied().map(StakeBits::from_bits).collect();
        raise(&mut bits, PartsPerBillion::new(theta).unwrap());
        bits.into_iter().map(StakeBits::bits).collect()
    }

    const HALF: u32 = PartsPerBillion::WHOLE / 2;

    /// The definition at one half: floor(sqrt(M S)), bit by bit, for stakes below 2^63.
    fn root(largest: i128, stake: i128) -> i128 {
        (0..64)
            .rev()
            .map(|place| 1i128 << place)
            .fold(0, |root, bit| {
                if (root | bit) * (root | bit) <= largest * stake {
                    root | bit
                } else {
                    root
                }
            })
    }

    /// The stated error: 2^-60 of the result, and a bit (two, the definition being rounded as well).
    fn allowed(result: i128) -> u128 {
        (result.unsigned_abs() >> 60) + 2
    }

    #[test]
    fn takes_roots_that_come_out_even() {
        let unit = 1i128 << 64;
        let after = raised(&[100 * unit, 25 * unit, unit, 0], HALF);
        assert_eq!(after[0], 100 * unit);
        assert!(after[1].abs_diff(50 * unit) <= allowed(50 * unit));
        assert!(after[2].abs_diff(10 * unit) <= allowed(10 * unit));
        assert_eq!(after[3], 0);
        let quarter = raised(&[16 * unit, unit], HALF / 2);
        assert!(quarter[1].abs_diff(8 * unit) <= allowed(8 * unit)); // 16 (1/16)^(1/4)
    }

    #[test]
    fn leaves_what_is_not_above_zero() {
        assert_eq!(raised(&[], HALF), Vec::<i128>::new());
        assert_eq!(raised(&[0, -5, i128::MIN], HALF), [0, -5, i128::MIN]);
        assert_eq!(raised(&[-5, 7, 0], HALF), [-5, 7, 0]);
    }

    #[test]
    fn holds_at_the_ends_of_the_type() {
        let after = raised(&[i128::MAX, i128::MAX - 1, 1], HALF);
        assert_eq!(after[0], i128::MAX);
        assert!((i128::MAX - 1..=i128::MAX).contains(&after[1]));
        // sqrt(2^127 - 1) = 2^63.5
        assert!(after[2].abs_diff(0xb504_f333_f9de_6484) <= 2 + 8);
        let nearly_all = raised(&[i128::MAX, 1], 1);
        assert!(nearly_all[1] < i128::MAX && nearly_all[1] > i128::MAX / 10_000_000 * 9_999_999);
    }

    fn stake() -> impl Strategy<Value = i128> {
        prop_oneof![
            Just(0),
            0..20i128,
            (0..=i128::MAX, 0..127u32).prop_map(|(bits, shift)| bits >> shift)
        ]
    }

    fn stakes() -> impl Strategy<Value = Vec<i128>> {
        proptest::collection::vec(stake(), 1..12)
    }

    fn theta() -> impl Strategy<Value = u32> {
        prop_oneof![Just(HALF), Just(1), 1..PartsPerBillion::WHOLE]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn equals_the_definition_at_one_half(stakes in proptest::collection::vec(0..1i128 << 63, 1..8)) {
            let largest = *stakes.iter().max().unwrap();
            for (stake, after) in stakes.iter().zip(raised(&stakes, HALF)) {
                let exact = root(largest, *stake);
                prop_assert!(after.abs_diff(exact) <= allowed(exact), "{} became {}, not {}", stake, after, exact);
            }
        }

        /// Twice the power a and b is once the power a b, for parts whose product is one.
        #[test]
        fn powers_of_powers_are_powers(stakes in stakes(), a in 1..1000u32, b in 1..1000u32) {
            let (part, whole) = (1_000_000, 1000);
            let twice = raised(&raised(&stakes, a * part), b * part);
            for (twice, once) in twice.iter().zip(raised(&stakes, a * b * whole)) {
                // The inner rounding to a bit grows where a stake of few bits does.
                let inner = stakes.iter().filter(|&&stake| stake > 0).min().map_or(0, |&least| once / least.max(1));
                prop_assert!(twice.abs_diff(once) <= 4 * allowed(once) + inner.unsigned_abs());
            }
        }

        #[test]
        fn keeps_the_largest_zero_and_the_order(stakes in stakes(), theta in theta()) {
            let after = raised(&stakes, theta);
            let largest = *stakes.iter().max().unwrap();
            for i in 0..stakes.len() {
                prop_assert!(stakes[i] > 0 || after[i] == stakes[i]);
                prop_assert!(stakes[i] < largest || after[i] == largest);
                prop_assert!(after[i] >= stakes[i] && after[i] <= largest);
                for j in 0..stakes.len() {
                    prop_assert!(stakes[i] > stakes[j] || after[i] <= after[j]);
                    prop_assert!(stakes[i] != stakes[j] || after[i] == after[j]);
                }
            }
        }

        #[test]
        fn keeps_the_order_of_neighbours(stake in 1..i128::MAX / 2, step in 0..3i128, theta in theta()) {
            let after = raised(&[i128::MAX, stake, stake + step], theta);
            prop_assert!(after[1] <= after[2]);
        }

        #[test]
        fn a_smaller_theta_never_counts_a_stake_for_less(stakes in stakes(), a in theta(), b in theta()) {
            let (smaller, larger) = (raised(&stakes, a.min(b)), raised(&stakes, a.max(b)));
            prop_assert!(smaller.iter().zip(&larger).all(|(smaller, larger)| smaller >= larger));
        }

        #[test]
        fn is_neutral_at_one_and_on_equal_stakes(stakes in stakes(), equal in stake(), theta in theta()) {
            prop_assert_eq!(&raised(&stakes, PartsPerBillion::WHOLE), &stakes);
            let equals = vec![equal; stakes.len()];
            prop_assert_eq!(&raised(&equals, theta), &equals);
        }
    }
}
