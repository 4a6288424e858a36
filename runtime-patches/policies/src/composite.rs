//! Composite score: a pool is divided by stake and performance together, each with an exponent.
//!
//! `share_i := (1 - mix) r_i + mix c_i / sum c`, `c_i = stake_i^a perf_i^b`, `r` = today's shares, `0 <= a, b <= 4`. An
//! exponent of 0 leaves its factor out, also where the factor is 0; so `a = b = 0` pays all alike. The second part is
//! rounded to whole units by the largest remainder, and so is the sum of both: the pool's total is kept to the unit.
//!
//! Neutral at `mix` = 0, and where every `c_i` is 0. Laws: conserves the total, at `mix` 1 today's shares do not matter and
//! nobody is paid whose product is 0, as much stake and performance never pays less, the scale of stake or performance does
//! not matter but for the rounding.
//!
//! `c` is a power of two with a logarithm in steps of 2^-64, relative to the largest, which counts 2^100. The logarithms of
//! stake and performance are short by less than 2^-62 each, times 4 at most; dividing by 10^8 takes less than 2^-64, the
//! power adds or takes less than 2^-62. So a share `c_i / sum c` is off by less than 2^-58 of itself and 2^-100 of the
//! largest share, which is far below a unit for any pool.

use crate::{
    log2::log2,
    pool::{blend_by_logs, measure, Pool, Refused},
    PartsPerBillion, PartsPerHundredMillion,
};
use core::num::NonZero;

pub type Exponent = PartsPerHundredMillion<4>;

#[derive(Clone, Copy, Debug)]
pub struct Composite {
    /// `a`
    pub stake: Exponent,
    /// `b`
    pub performance: Exponent,
    pub mix: PartsPerBillion,
}

/// Redistributes the pool in place. `stake`: of each member, in any unit; asked for only if its exponent is above 0.
/// `slots`: working memory, at least one a member.
///
/// The products add up to little more than 2^100 2^16, and the mixed weights to `T 10^9` < 2^94.
pub fn redistribute(
    pool: &mut impl Pool,
    stake: impl Fn(usize) -> u16,
    composite: Composite,
    slots: &mut [u128],
) -> Result<(), Refused> {
    let (total, slots) = measure(pool, slots)?;
    if composite.mix == PartsPerBillion::ZERO {
        return Ok(());
    }
    // Logarithms of the products, one above: 0 stands for a product of 0.
    for (index, slot) in slots.iter_mut().enumerate() {
        let log = composite.log_product(|| stake(index), || pool.performance(index));
        *slot = log.map_or(0, |log| log.saturating_add(1));
    }
    blend_by_logs(pool, total, composite.mix, slots);
    Ok(())
}

impl Composite {
    /// `a log2 stake + b log2 perf`, below 2^71; `None` where the product is 0.
    fn log_product(&self, stake: impl Fn() -> u16, performance: impl Fn() -> u16) -> Option<u128> {
        let sum = scaled_log(self.stake, stake)?
            .saturating_add(scaled_log(self.performance, performance)?);
        Some(Exponent::unscaled(sum))
    }
}

/// `exponent log2 factor`, in units of 2^-64 10^-8: below 2^68 2^29; `None` where the power is 0.
pub(crate) fn scaled_log(exponent: Exponent, factor: impl Fn() -> u16) -> Option<u128> {
    if exponent == Exponent::ZERO {
        return Some(0);
    }
    let factor = NonZero::new(u128::from(factor()))?;
    Some(log2(factor).saturating_mul(u128::from(exponent.parts())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{performance_weighted, pool::tests::Members};
    use proptest::prelude::*;

    const ONE: u32 = Exponent::WHOLE;
    const WHOLE: u32 = PartsPerBillion::WHOLE;

    /// (amount, stake, performance)
    type Member = (u64, u16, u16);

    fn paid(members: &[Member], a: u32, b: u32, mix: u32) -> Vec<u64> {
        let composite = Composite {
            stake: Exponent::new(a).unwrap(),
            performance: Exponent::new(b).unwrap(),
            mix: PartsPerBillion::new(mix).unwrap(),
        };
        let mut pool = Members(
            members
                .iter()
                .map(|&(amount, _, perf)| (amount, perf))
                .collect(),
        );
        let mut slots = vec![0; members.len()];
        redistribute(&mut pool, |index| members[index].1, composite, &mut slots).unwrap();
        pool.0.into_iter().map(|(amount, _)| amount).collect()
    }

    fn total(members: &[Member]) -> u64 {
        members.iter().map(|&(amount, _, _)| amount).sum()
    }

    /// The definition with whole exponents, exact products and a sort.
    fn reference(members: &[Member], a: u32, b: u32, mix: u32) -> Vec<u64> {
        let products: Vec<u128> = members
            .iter()
            .map(|&(_, stake, perf)| u128::from(stake).pow(a) * u128::from(perf).pow(b))
            .collect();
        if products.iter().all(|&product| product == 0) {
            return members.iter().map(|&(amount, _, _)| amount).collect();
        }
        let composite = largest_remainder(total(members), &products);
        let (mix, whole) = (u128::from(mix), u128::from(WHOLE));
        let mixed: Vec<u128> = members
            .iter()
            .zip(composite)
            .map(|(&(amount, _, _), composite)| {
                u128::from(amount) * (whole - mix) + u128::from(composite) * mix
            })
            .collect();
        largest_remainder(total(members), &mixed)
    }

    fn largest_remainder(total: u64, weights: &[u128]) -> Vec<u64> {
        let sum: u128 = weights.iter().sum();
        if sum == 0 {
            return vec![0; weights.len()];
        }
        let exact: Vec<u128> = weights
            .iter()
            .map(|weight| u128::from(total) * weight)
            .collect();
        let mut amounts: Vec<u64> = exact.iter().map(|product| (product / sum) as u64).collect();
        let left = (total - amounts.iter().sum::<u64>()) as usize;
        let mut order: Vec<usize> = (0..weights.len()).collect();
        order.sort_by_key(|&index| (std::cmp::Reverse(exact[index] % sum), index));
        for &index in &order[..left] {
            amounts[index] += 1;
        }
        amounts
    }

    #[test]
    fn divides_by_products_of_powers() {
        let members = [(100, 4, 1), (0, 1, 1), (0, 9, 2), (0, 0, 5)];
        assert_eq!(paid(&members, ONE, 0, WHOLE), [29, 7, 64, 0]); // 4 : 1 : 9
        assert_eq!(paid(&members, ONE / 2, 0, WHOLE), [33, 17, 50, 0]); // 2 : 1 : 3
        assert_eq!(paid(&members, ONE / 2, ONE, WHOLE), [22, 11, 67, 0]); // 2 : 1 : 6
        assert_eq!(paid(&members, 0, 2 * ONE, WHOLE), [3, 3, 13, 81]); // 1 : 1 : 4 : 25
        assert_eq!(paid(&members, 0, 0, WHOLE), [25, 25, 25, 25]);
        assert_eq!(paid(&members, ONE / 2, ONE, WHOLE / 2), [61, 6, 33, 0]); // (122, 11, 67, 0) / 2
    }

    #[test]
    fn changes_nothing_where_all_products_are_zero() {
        let members = [(7, 0, 9), (5, 9, 0)];
        assert_eq!(paid(&members, ONE, ONE, WHOLE), [7, 5]);
        assert_eq!(paid(&[], ONE, ONE, WHOLE), Vec::<u64>::new());
        assert_eq!(paid(&[(0, 5, 5), (0, 5, 6)], ONE, ONE, WHOLE), [0, 0]);
    }

    #[test]
    fn drops_what_is_below_the_largest_by_more_than_a_hundred_places() {
        let members = [(u64::MAX, u16::MAX, u16::MAX), (0, 1, 1)];
        assert_eq!(paid(&members, 4 * ONE, 4 * ONE, WHOLE), [u64::MAX, 0]);
        let nearer = paid(&members, 2 * ONE, ONE, WHOLE); // 2^-48 of 2^64
        assert!(nearer[1].abs_diff(1 << 16) <= 4);
    }

    #[test]
    fn refuses_what_it_cannot_do_exactly() {
        let mut too_large = Members(vec![(u64::MAX, 1), (1, 1)]);
        let composite = Composite {
            stake: Exponent::ZERO,
            performance: Exponent::new(ONE).unwrap(),
            mix: PartsPerBillion::ONE,
        };
        let refused = redistribute(&mut too_large, |_| 1, composite, &mut [0; 2]);
        assert_eq!(refused, Err(Refused::TotalTooLarge));
        assert_eq!(too_large.0, [(u64::MAX, 1), (1, 1)]);
        assert_eq!(Exponent::new(4 * ONE + 1), None);
    }

    fn members() -> impl Strategy<Value = Vec<Member>> {
        let amount = prop_oneof![Just(0), 0..50u64, 0..1u64 << 40];
        let score = || prop_oneof![Just(0), Just(u16::MAX), 0..4u16, any::<u16>()];
        proptest::collection::vec((amount, score(), score()), 0..16)
    }

    fn exponent() -> impl Strategy<Value = u32> {
        prop_oneof![Just(0), Just(ONE), 0..=4 * ONE]
    }

    fn mix() -> impl Strategy<Value = u32> {
        prop_oneof![Just(WHOLE), Just(0), 0..=WHOLE]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        /// Products below 2^64: a remainder off by 2^-18 of a unit can still move a unit, in each of the two roundings.
        #[test]
        fn equals_the_definition_at_whole_exponents(members in members(), a in 0..=4u32, b in 0..=4u32, mix in mix()) {
            let (a, b) = if a + b > 4 { (a / 2, b / 2) } else { (a, b) };
            let exact = reference(&members, a, b, mix);
            for (paid, exact) in paid(&members, a * ONE, b * ONE, mix).iter().zip(exact) {
                prop_assert!(paid.abs_diff(exact) <= 2);
            }
        }

        #[test]
        fn equals_the_definition_at_square_roots(roots in proptest::collection::vec((0..1u64 << 40, 0..=255u16, 0..=255u16), 1..16)) {
            let members: Vec<Member> = roots.iter().map(|&(amount, s, p)| (amount, s * s, p * p)).collect();
            let exact = reference(&roots, 1, 3, WHOLE);
            for (paid, exact) in paid(&members, ONE / 2, 3 * (ONE / 2), WHOLE).iter().zip(exact) {
                prop_assert!(paid.abs_diff(exact) <= 1);
            }
        }

        #[test]
        fn conserves_the_pool(members in members(), a in exponent(), b in exponent(), mix in mix()) {
            prop_assert_eq!(paid(&members, a, b, mix).iter().sum::<u64>(), total(&members));
        }

        #[test]
        fn is_neutral_at_mix_zero(members in members(), a in exponent(), b in exponent()) {
            let amounts: Vec<u64> = members.iter().map(|&(amount, _, _)| amount).collect();
            prop_assert_eq!(paid(&members, a, b, 0), amounts);
        }

        #[test]
        fn by_performance_alone_it_is_performance_weighted(members in members(), mix in mix()) {
            let mut pool = Members(members.iter().map(|&(amount, _, perf)| (amount, perf)).collect());
            let lambda = PartsPerBillion::new(mix).unwrap();
            performance_weighted::redistribute(&mut pool, lambda, &mut vec![0; members.len()]).unwrap();
            for (paid, (other, _)) in paid(&members, 0, ONE, mix).iter().zip(pool.0) {
                prop_assert!(paid.abs_diff(other) <= 2);
            }
        }

        #[test]
        fn pays_nobody_without_a_share_and_a_product(members in members(), a in 1..=4 * ONE, b in 1..=4 * ONE, mix in mix()) {
            prop_assume!(members.iter().any(|&(_, stake, perf)| stake > 0 && perf > 0));
            for (&(amount, stake, perf), paid) in members.iter().zip(paid(&members, a, b, mix)) {
                let nothing_today = amount == 0 || mix == WHOLE;
                prop_assert!(!nothing_today || (stake > 0 && perf > 0) || paid == 0);
            }
        }

        /// Against others in the pool, but for the unit by which the index decides between equals, in both roundings.
        #[test]
        fn more_stake_and_performance_never_pay_less(members in members(), a in exponent(), b in exponent(), mix in mix()) {
            let paid = paid(&members, a, b, mix);
            for (i, mine) in members.iter().enumerate() {
                for (j, theirs) in members.iter().enumerate() {
                    let at_least = mine.0 >= theirs.0 && mine.1 >= theirs.1 && mine.2 >= theirs.2;
                    prop_assert!(!at_least || paid[i] + 2 >= paid[j]);
                }
            }
        }

        #[test]
        fn at_mix_one_todays_shares_do_not_matter(members in members(), a in exponent(), b in exponent(), who: prop::sample::Index) {
            prop_assume!(!members.is_empty());
            let moved: Vec<Member> = members.iter().enumerate().map(|(index, &(_, stake, perf))| {
                let amount = if index == who.index(members.len()) { total(&members) } else { 0 };
                (amount, stake, perf)
            }).collect();
            let any = members.iter().any(|&(_, stake, perf)| (a == 0 || stake > 0) && (b == 0 || perf > 0));
            prop_assert!(!any || paid(&members, a, b, WHOLE) == paid(&moved, a, b, WHOLE));
        }

        #[test]
        fn the_scale_of_stake_does_not_matter(
            members in proptest::collection::vec((0..1u64 << 40, 0..=255u16, any::<u16>()), 0..16),
            a in exponent(), b in exponent(), scale in 1..=257u16,
        ) {
            let scaled: Vec<Member> = members.iter().map(|&(amount, stake, perf)| (amount, stake * scale, perf)).collect();
            for (before, after) in paid(&members, a, b, WHOLE).iter().zip(paid(&scaled, a, b, WHOLE)) {
                prop_assert!(before.abs_diff(after) <= 1);
            }
        }
    }
}
