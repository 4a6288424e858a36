//! AIArena's rule: the pools follow the roles' stake, and each pool follows stake times a grade.
//!
//! As its platform documents it (arXiv 2412.14566): the validators' part of the pay is `gamma + (1 - 2 gamma) Ss / (St + Ss)`,
//! the nodes' (here: miners') part is the rest, `0 <= gamma <= 1/2`, `Ss` and `St` = all stake of validators and of nodes.
//! In a pool `share_i ~ g_i stake_i^alpha`; `g` of nodes is a geometric series in their rank, `g` of validators their
//! closeness to consensus.
//!
//! What it leaves open is ours. The rank of a node is the number of nodes that performed better, so equals rank alike:
//! `g_i = decay^rank_i`, `0 < decay <= 1`; who did not perform has no grade. `g` of a validator is its performance. `mix`
//! blends both, the pools' parts and the shares, with today's: `(1 - mix) r_i + mix c_i / sum c`, without which the rule
//! would have no neutral value. Rounded like the composite score: the pay's total is kept to the unit.
//!
//! Neutral at `mix` = 0; a pool stays where every `c_i` is 0, the parts stay where nobody has stake.

use crate::{
    apportion::apportion,
    composite::{scaled_log, Exponent},
    log2::log2,
    pool::{blend_by_logs, measure, Pool, Refused},
    PartsPerBillion,
};
use core::num::NonZero;

/// Twice `gamma`, so that the bound is a whole.
const HALF: u32 = PartsPerBillion::WHOLE >> 1;

/// At most one half: the parts of both roles lie between `gamma` and `1 - gamma`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gamma(u32);

impl Gamma {
    /// `None` above one half, in billionths.
    pub const fn new(parts: u32) -> Option<Self> {
        if parts <= HALF {
            Some(Self(parts))
        } else {
            None
        }
    }
}

/// A factor above 0, so that every rank has a grade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decay(NonZero<u32>);

impl Decay {
    /// `None` at 0 and above one, in billionths.
    pub const fn new(parts: u32) -> Option<Self> {
        match NonZero::new(parts) {
            Some(parts) if parts.get() <= PartsPerBillion::WHOLE => Some(Self(parts)),
            _ => None,
        }
    }

    /// `-log2 decay`, in units of 2^-64: below 2^69.
    fn log_inverse(self) -> u128 {
        let log = |parts: u32| NonZero::new(u128::from(parts)).map_or(0, log2);
        log(PartsPerBillion::WHOLE).saturating_sub(log(self.0.get()))
    }
}

/// What both roles are paid together, divided anew: (miners, validators).
///
/// `stake_of_validators`, `stake_of_miners`: `Ss` and `St` in any one unit, below 2^32 each.
pub fn split(
    miners: u64,
    validators: u64,
    stake_of_miners: u32,
    stake_of_validators: u32,
    gamma: Gamma,
    mix: PartsPerBillion,
) -> Result<(u64, u64), Refused> {
    let total = miners
        .checked_add(validators)
        .ok_or(Refused::TotalTooLarge)?;
    let stake = u128::from(stake_of_miners).saturating_add(u128::from(stake_of_validators));
    if stake == 0 || mix == PartsPerBillion::ZERO {
        return Ok((miners, validators));
    }
    let whole = u128::from(PartsPerBillion::WHOLE);
    let free = whole.saturating_sub(u128::from(gamma.0).saturating_mul(2));
    let part = |own: u32| {
        u128::from(gamma.0)
            .saturating_mul(stake)
            .saturating_add(free.saturating_mul(u128::from(own)))
    };
    // Parts below 2^33 2^30, so that the rule's amounts and then the blend stay below 2^126.
    let mut amounts = [part(stake_of_miners), part(stake_of_validators)];
    apportion(total, &mut amounts);
    let blend = |today: u64, rule: u128| {
        u128::from(today)
            .saturating_mul(u128::from(mix.complement()))
            .saturating_add(rule.saturating_mul(u128::from(mix.parts())))
    };
    let [of_miners, of_validators] = amounts;
    let mut amounts = [blend(miners, of_miners), blend(validators, of_validators)];
    apportion(total, &mut amounts);
    let [of_miners, of_validators] = amounts;
    // Each is at most the total.
    Ok((of_miners as u64, of_validators as u64))
}

/// `g` of a member.
#[derive(Clone, Copy, Debug)]
pub enum Grade {
    /// Of a miner: a geometric series in the rank by performance.
    Rank(Decay),
    /// Of a validator: its performance, which is its closeness to consensus.
    Closeness,
}

#[derive(Clone, Copy, Debug)]
pub struct Shares {
    pub grade: Grade,
    /// Exponent of stake.
    pub alpha: Exponent,
    pub mix: PartsPerBillion,
}

/// Redistributes a pool in place. `stake`: of each member, in any unit; asked for only if `alpha` is above 0. `slots`:
/// working memory, at least one a member.
///
/// Computed as the composite score is. The step of the series is short or long by less than 2^-61, so a share of rank `k` is
/// off by less than `k` 2^-61 of itself more.
pub fn redistribute(
    pool: &mut impl Pool,
    stake: impl Fn(usize) -> u16,
    shares: Shares,
    slots: &mut [u128],
) -> Result<(), Refused> {
    let (total, slots) = measure(pool, slots)?;
    if shares.mix == PartsPerBillion::ZERO {
        return Ok(());
    }
    let members = slots.len() as u128;
    // Logarithms of the products, one above: 0 stands for a product of 0.
    for (index, slot) in slots.iter_mut().enumerate() {
        let log = shares
            .grade
            .log(pool, index, members)
            .zip(scaled_log(shares.alpha, || stake(index)))
            .map(|(grade, stake)| grade.saturating_add(Exponent::unscaled(stake)));
        *slot = log.map_or(0, |log| log.saturating_add(1));
    }
    blend_by_logs(pool, total, shares.mix, slots);
    Ok(())
}

impl Grade {
    /// Its logarithm above that of the lowest grade, below 2^85; `None` where the grade is 0.
    fn log(self, pool: &impl Pool, index: usize, members: u128) -> Option<u128> {
        let performance = pool.performance(index);
        let above_zero = NonZero::new(u128::from(performance))?;
        Some(match self {
            Self::Closeness => log2(above_zero),
            Self::Rank(decay) => {
                let better = (0..pool.len())
                    .filter(|&other| pool.performance(other) > performance)
                    .count() as u128;
                decay
                    .log_inverse()
                    .saturating_mul(members.saturating_sub(better))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{composite, pool::tests::Members};
    use proptest::prelude::*;

    const WHOLE: u32 = PartsPerBillion::WHOLE;
    const ONE: u32 = Exponent::WHOLE;

    /// (amount, stake, performance)
    type Member = (u64, u16, u16);

    fn paid(members: &[Member], grade: Grade, alpha: u32, mix: u32) -> Vec<u64> {
        let shares = Shares {
            grade,
            alpha: Exponent::new(alpha).unwrap(),
            mix: PartsPerBillion::new(mix).unwrap(),
        };
        let mut pool = Members(
            members
                .iter()
                .map(|&(amount, _, perf)| (amount, perf))
                .collect(),
        );
        let mut slots = vec![0; members.len()];
        redistribute(&mut pool, |index| members[index].1, shares, &mut slots).unwrap();
        pool.0.into_iter().map(|(amount, _)| amount).collect()
    }

    fn ranked(decay: u32) -> Grade {
        Grade::Rank(Decay::new(decay).unwrap())
    }

    fn divided(total: (u64, u64), stakes: (u32, u32), gamma: u32, mix: u32) -> (u64, u64) {
        split(
            total.0,
            total.1,
            stakes.0,
            stakes.1,
            Gamma::new(gamma).unwrap(),
            PartsPerBillion::new(mix).unwrap(),
        )
        .unwrap()
    }

    /// R0 in hundredths; gamma 0; validators hold 12,000, nodes 3,000 and 3,500 with 1,000 delegated.
    #[test]
    fn divides_the_published_example() {
        let reward = 30_915_768;
        let (nodes, validators) = divided((reward, 0), (7_500, 12_000), 0, WHOLE);
        assert_eq!((nodes, validators), (11_890_680, 19_025_088)); // 5/13 and 8/13
        assert_eq!(nodes + validators, reward);
        // Validators of 3000, 6000, 3000, all in consensus: a quarter, a half, a quarter.
        let pool = [
            (validators, 3_000, u16::MAX),
            (0, 6_000, u16::MAX),
            (0, 3_000, u16::MAX),
        ];
        assert_eq!(
            paid(&pool, Grade::Closeness, ONE, WHOLE),
            [4_756_272, 9_512_544, 4_756_272]
        );
        // Nodes of 3000 and 4500, the first ranked first, decay 1/2: 3000 to 2250.
        let pool = [(nodes, 3_000, 9_000), (0, 4_500, 8_000)];
        assert_eq!(
            paid(&pool, ranked(WHOLE / 2), ONE, WHOLE),
            [6_794_674, 5_096_006] // 4/7 and 3/7
        );
    }

    #[test]
    fn gamma_is_the_least_part_of_each_role() {
        assert_eq!(divided((500, 500), (0, 9), WHOLE / 4, WHOLE), (250, 750));
        assert_eq!(divided((500, 500), (9, 0), WHOLE / 4, WHOLE), (750, 250));
        assert_eq!(divided((700, 300), (1, 9), WHOLE / 2, WHOLE), (500, 500));
        assert_eq!(
            divided((700, 300), (1, 9), WHOLE / 2, WHOLE / 2),
            (600, 400)
        );
        assert_eq!(divided((700, 300), (0, 0), 0, WHOLE), (700, 300));
    }

    #[test]
    fn grades_by_rank_equals_alike() {
        let members = [(0, 0, 5), (150, 0, 9), (0, 0, 9), (0, 0, 0)];
        // 1, 1, and 1/4 (two are better); nothing for who did not perform.
        assert_eq!(paid(&members, ranked(WHOLE / 2), 0, WHOLE), [17, 67, 66, 0]);
        assert_eq!(paid(&members, ranked(WHOLE), 0, WHOLE), [50, 50, 50, 0]);
    }

    #[test]
    fn refuses_what_it_cannot_do_exactly() {
        assert_eq!(Gamma::new(WHOLE / 2 + 1), None);
        assert_eq!(Decay::new(0), None);
        assert_eq!(Decay::new(WHOLE + 1), None);
        let (gamma, mix) = (Gamma::new(0).unwrap(), PartsPerBillion::ONE);
        assert_eq!(
            split(u64::MAX, 1, 1, 1, gamma, mix),
            Err(Refused::TotalTooLarge)
        );
    }

    #[test]
    fn holds_at_the_ends_of_the_types() {
        let most = (u64::MAX / 2, u64::MAX / 2);
        let (miners, validators) = divided(most, (u32::MAX, u32::MAX), 1, WHOLE);
        assert_eq!((miners, validators), most);
        let (miners, validators) = divided((u64::MAX, 0), (1, u32::MAX), 0, WHOLE - 1);
        assert_eq!(
            u128::from(miners) + u128::from(validators),
            u128::from(u64::MAX)
        );
        let many: Vec<Member> = (0..400).map(|rank| (1, 1, 400 - rank)).collect();
        let paid = paid(&many, ranked(1), 4 * ONE, WHOLE);
        assert_eq!((paid[0], paid[1]), (400, 0));
    }

    fn members() -> impl Strategy<Value = Vec<Member>> {
        let amount = prop_oneof![Just(0), 0..50u64, 0..1u64 << 40];
        let score = || prop_oneof![Just(0), Just(u16::MAX), 0..4u16, any::<u16>()];
        proptest::collection::vec((amount, score(), score()), 0..16)
    }

    fn grade() -> impl Strategy<Value = Grade> {
        prop_oneof![
            Just(Grade::Closeness),
            (1..=WHOLE).prop_map(ranked),
            Just(ranked(WHOLE / 2))
        ]
    }

    fn mix() -> impl Strategy<Value = u32> {
        prop_oneof![Just(WHOLE), Just(0), 0..=WHOLE]
    }

    fn largest_remainder(total: u64, weights: &[u128]) -> Vec<u64> {
        let sum: u128 = weights.iter().sum();
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

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        /// With a decay of one half the grades are whole powers of two.
        #[test]
        fn equals_the_definition_at_halves(members in members(), alpha in 0..=2u32) {
            let weights: Vec<u128> = members.iter().map(|&(_, stake, perf)| {
                let rank = members.iter().filter(|other| other.2 > perf).count();
                if perf == 0 { 0 } else { u128::from(stake).pow(alpha) << (16 - rank) }
            }).collect();
            prop_assume!(weights.iter().any(|&weight| weight > 0));
            let total = members.iter().map(|&(amount, _, _)| amount).sum();
            let exact = largest_remainder(total, &weights);
            for (paid, exact) in paid(&members, ranked(WHOLE / 2), alpha * ONE, WHOLE).iter().zip(exact) {
                prop_assert!(paid.abs_diff(exact) <= 1);
            }
        }

        #[test]
        fn by_closeness_it_is_the_composite_score(members in members(), alpha in 0..=4 * ONE, mix in mix()) {
            let mut pool = Members(members.iter().map(|&(amount, _, perf)| (amount, perf)).collect());
            let composite = composite::Composite {
                stake: Exponent::new(alpha).unwrap(),
                performance: Exponent::new(ONE).unwrap(),
                mix: PartsPerBillion::new(mix).unwrap(),
            };
            composite::redistribute(&mut pool, |index| members[index].1, composite, &mut vec![0; members.len()]).unwrap();
            let other: Vec<u64> = pool.0.into_iter().map(|(amount, _)| amount).collect();
            for (paid, other) in paid(&members, Grade::Closeness, alpha, mix).iter().zip(other) {
                prop_assert!(paid.abs_diff(other) <= 2);
            }
        }

        #[test]
        fn conserves_the_pool(members in members(), grade in grade(), alpha in 0..=4 * ONE, mix in mix()) {
            let total: u64 = members.iter().map(|&(amount, _, _)| amount).sum();
            prop_assert_eq!(paid(&members, grade, alpha, mix).iter().sum::<u64>(), total);
        }

        #[test]
        fn is_neutral_at_mix_zero(members in members(), grade in grade(), alpha in 0..=4 * ONE) {
            let amounts: Vec<u64> = members.iter().map(|&(amount, _, _)| amount).collect();
            prop_assert_eq!(paid(&members, grade, alpha, 0), amounts);
        }

        /// But for the unit by which the index decides between equals, in both roundings.
        #[test]
        fn more_stake_and_performance_never_pay_less(members in members(), grade in grade(), alpha in 0..=4 * ONE, mix in mix()) {
            let paid = paid(&members, grade, alpha, mix);
            for (i, mine) in members.iter().enumerate() {
                for (j, theirs) in members.iter().enumerate() {
                    let at_least = mine.0 >= theirs.0 && mine.1 >= theirs.1 && mine.2 >= theirs.2;
                    prop_assert!(!at_least || paid[i] + 2 >= paid[j]);
                }
            }
        }

        #[test]
        fn the_pools_add_up_and_follow_stake(
            miners in 0..u64::MAX / 2, validators in 0..u64::MAX / 2,
            stakes in (any::<u32>(), any::<u32>()), more in any::<u32>(), gamma in 0..=WHOLE / 2, mix in mix(),
        ) {
            let before = divided((miners, validators), stakes, gamma, mix);
            prop_assert_eq!(before.0 + before.1, miners + validators);
            prop_assert_eq!(divided((miners, validators), stakes, gamma, 0), (miners, validators));
            let after = divided((miners, validators), (stakes.0, stakes.1.saturating_add(more)), gamma, mix);
            prop_assume!(stakes != (0, 0));
            prop_assert!(after.1 + 1 >= before.1);
        }
    }
}
