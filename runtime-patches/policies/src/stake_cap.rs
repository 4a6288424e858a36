//! Stake cap: every stake above the percentile counts as the percentile.
//!
//! `C` = nearest-rank percentile of the non-zero stakes in scope: the smallest of them that at least `ceil(p n)` of the
//! `n` do not exceed. `S_i := min(S_i, C)` for every uid, those outside the scope too: nobody is ever raised, and a
//! large stake that has no permit yet cannot pass the capped ones by being left out.
//!
//! At percentile 100 there is no cap, whoever is in scope. With nobody in scope there is none either.
//! Laws: never raises a stake, keeps the order, changes nothing if all are equal, a higher percentile never caps lower,
//! capping twice is capping once.
//!
//! Cost: the rank is found by bisecting on the value, at most 128 passes over the stakes (some ten where they
//! differ), so that nothing is allocated.

use crate::{stake_bits::StakeBits, PartsPerBillion};

/// Caps the stakes in place and returns the bits of the cap, or `None` if the policy changes nothing: at percentile
/// 100, at percentile 0 (which is no percentile), and if no stake in scope is above zero.
pub fn cap(
    stakes: &mut [StakeBits],
    in_scope: impl Fn(usize) -> bool,
    percentile: PartsPerBillion,
) -> Option<i128> {
    if percentile == PartsPerBillion::ZERO || percentile == PartsPerBillion::ONE {
        return None;
    }
    let cap = nearest_rank(stakes, in_scope, percentile)?;
    for stake in stakes {
        *stake = StakeBits::from_bits(stake.bits().min(cap));
    }
    Some(cap)
}

fn nearest_rank(
    stakes: &[StakeBits],
    in_scope: impl Fn(usize) -> bool,
    percentile: PartsPerBillion,
) -> Option<i128> {
    let counted = || {
        stakes
            .iter()
            .enumerate()
            .map(|(uid, stake)| (uid, stake.bits()))
            .filter(|&(uid, bits)| bits > 0 && in_scope(uid))
            .map(|(_, bits)| bits)
    };
    let count = counted().count() as u128;
    let rank = count
        .saturating_mul(u128::from(percentile.parts()))
        .div_ceil(u128::from(PartsPerBillion::WHOLE));
    // The percentile lies in low..=high: fewer than `rank` are below `low`, at least `rank` are not above `high`.
    let mut low = counted().min()?;
    let mut high = counted().max()?;
    while low < high {
        // Both are positive, so neither line overflows.
        let middle = low.saturating_add(high.saturating_sub(low) >> 1);
        let below = counted().filter(|&bits| bits <= middle).count() as u128;
        if below == rank {
            // Just these: the largest of them.
            return counted().filter(|&bits| bits <= middle).max();
        }
        if below > rank {
            high = middle;
        } else {
            low = middle.saturating_add(1);
        }
    }
    Some(high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WHOLE: u64 = PartsPerBillion::WHOLE as u64;

    fn percent(percent: u32) -> PartsPerBillion {
        PartsPerBillion::new(percent * 10_000_000).unwrap()
    }

    fn capped(
        stakes: &[i128],
        scope: &[bool],
        percentile: PartsPerBillion,
    ) -> (Vec<i128>, Option<i128>) {
        let mut bits: Vec<_> = stakes.iter().copied().map(StakeBits::from_bits).collect();
        let cap = cap(&mut bits, |uid| scope[uid], percentile);
        (bits.into_iter().map(StakeBits::bits).collect(), cap)
    }

    fn capped_all(stakes: &[i128], percentile: PartsPerBillion) -> Vec<i128> {
        capped(stakes, &vec![true; stakes.len()], percentile).0
    }

    /// The definition, with a sort.
    fn reference(stakes: &[i128], scope: &[bool], percentile: PartsPerBillion) -> Vec<i128> {
        let mut sorted: Vec<i128> = (0..stakes.len())
            .filter(|&uid| scope[uid] && stakes[uid] > 0)
            .map(|uid| stakes[uid])
            .collect();
        sorted.sort_unstable();
        if sorted.is_empty() || u64::from(percentile.parts()) == WHOLE {
            return stakes.to_vec();
        }
        let rank = (sorted.len() as u64 * u64::from(percentile.parts())).div_ceil(WHOLE) as usize;
        stakes
            .iter()
            .map(|&stake| stake.min(sorted[rank - 1]))
            .collect()
    }

    #[test]
    fn takes_the_nearest_rank() {
        let stakes: Vec<i128> = (1..=10).map(|unit| unit << 64).collect();
        let cap_of = |percentile| {
            capped(&stakes, &[true; 10], percentile)
                .1
                .map(|bits| bits >> 64)
        };
        assert_eq!(cap_of(percent(88)), Some(9));
        assert_eq!(cap_of(percent(80)), Some(8));
        assert_eq!(cap_of(PartsPerBillion::new(800_000_001).unwrap()), Some(9));
        assert_eq!(cap_of(PartsPerBillion::new(1).unwrap()), Some(1));
        assert_eq!(cap_of(PartsPerBillion::new(999_999_999).unwrap()), Some(10));
    }

    #[test]
    fn leaves_zeros_and_those_out_of_scope_out_of_the_ranks_but_caps_all() {
        let (stakes, cap) = capped(
            &[0, 5, 900, 7, 1000],
            &[true, true, false, true, true],
            percent(50),
        );
        assert_eq!(cap, Some(7));
        assert_eq!(stakes, [0, 5, 7, 7, 7]);
    }

    #[test]
    fn percentile_100_is_no_cap_even_when_the_largest_is_out_of_scope() {
        assert_eq!(
            capped(&[1, 9], &[true, false], PartsPerBillion::ONE),
            (vec![1, 9], None)
        );
    }

    #[test]
    fn changes_nothing_with_nobody_in_scope() {
        assert_eq!(capped(&[], &[], percent(50)), (vec![], None));
        assert_eq!(
            capped(&[0, 0], &[true, true], percent(50)),
            (vec![0, 0], None)
        );
        assert_eq!(
            capped(&[3, 4], &[false, false], percent(50)),
            (vec![3, 4], None)
        );
    }

    #[test]
    fn holds_at_the_ends_of_the_type() {
        assert_eq!(
            capped_all(&[i128::MAX, 1, i128::MAX - 1], percent(60)),
            [i128::MAX - 1, 1, i128::MAX - 1]
        );
        assert_eq!(
            capped_all(&[i128::MIN, i128::MAX], percent(1)),
            [i128::MIN, i128::MAX]
        );
    }

    fn stake() -> impl Strategy<Value = i128> {
        prop_oneof![Just(0), 0..20i128, 0..=i128::MAX]
    }

    fn case() -> impl Strategy<Value = (Vec<i128>, Vec<bool>, PartsPerBillion)> {
        proptest::collection::vec((stake(), any::<bool>()), 0..40).prop_flat_map(|rows| {
            let (stakes, scope): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
            (
                Just(stakes),
                Just(scope),
                (1..=PartsPerBillion::WHOLE).prop_map(|parts| PartsPerBillion::new(parts).unwrap()),
            )
        })
    }

    proptest! {
        #[test]
        fn equals_the_definition((stakes, scope, percentile) in case()) {
            prop_assert_eq!(capped(&stakes, &scope, percentile).0, reference(&stakes, &scope, percentile));
        }

        #[test]
        fn never_raises_and_keeps_the_order((stakes, scope, percentile) in case()) {
            let (after, _) = capped(&stakes, &scope, percentile);
            for i in 0..stakes.len() {
                prop_assert!(after[i] <= stakes[i]);
                prop_assert!(stakes[i] <= 0 || after[i] > 0);
                for j in 0..stakes.len() {
                    prop_assert!(stakes[i] > stakes[j] || after[i] <= after[j]);
                }
            }
        }

        #[test]
        fn is_neutral_at_100_and_on_equal_stakes((stakes, scope, percentile) in case(), equal in stake()) {
            prop_assert_eq!(&capped(&stakes, &scope, PartsPerBillion::ONE).0, &stakes);
            let equals = vec![equal; stakes.len()];
            prop_assert_eq!(&capped(&equals, &scope, percentile).0, &equals);
        }

        #[test]
        fn capping_twice_is_capping_once((stakes, scope, percentile) in case()) {
            let (once, _) = capped(&stakes, &scope, percentile);
            prop_assert_eq!(&capped(&once, &scope, percentile).0, &once);
        }

        #[test]
        fn a_higher_percentile_never_caps_lower((stakes, scope, lower) in case(), step in 0..PartsPerBillion::WHOLE) {
            let higher = PartsPerBillion::new(lower.parts().saturating_add(step).min(PartsPerBillion::WHOLE)).unwrap();
            let (low, high) = (capped(&stakes, &scope, lower).0, capped(&stakes, &scope, higher).0);
            prop_assert!(low.iter().zip(&high).all(|(low, high)| low <= high));
        }
    }
}
