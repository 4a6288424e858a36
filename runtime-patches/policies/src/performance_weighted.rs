//! Performance-weighted pay: a part `lambda` of a pool follows performance instead of today's shares.
//!
//! `share_i := (1 - lambda) r_i + lambda perf_i / sum perf`, `r` = today's shares of the pool. In amounts, with total `T`,
//! `P` = sum perf, `D` = 10^9: `a_i' = (a_i P (D - lambda) + T perf_i lambda) / (D P)`, in whole units by the largest
//! remainder (equal remainders: the lowest index first), so that the pool's total is kept to the unit.
//!
//! Neutral at `lambda` = 0, and where nobody performed (`P` = 0). Laws: conserves the total, nobody gains a unit
//! without a share or performance, more performance never pays less, `lambda` = 1 ignores today's shares.

use crate::{
    pool::{measure, pay, Pool, Refused},
    PartsPerBillion,
};

/// Redistributes the pool in place. `slots`: working memory, at least one a member.
///
/// All intermediates fit u128: `a_i P (D - lambda)` and `T perf_i lambda` are below 2^64 2^32 2^30 = 2^126 each, and so is
/// the sum of all weights, `D P T`.
pub fn redistribute(
    pool: &mut impl Pool,
    lambda: PartsPerBillion,
    slots: &mut [u128],
) -> Result<(), Refused> {
    let (total, slots) = measure(pool, slots)?;
    let performance = (0..pool.len()).fold(0u128, |sum, index| {
        sum.saturating_add(u128::from(pool.performance(index)))
    });
    if performance == 0 || lambda == PartsPerBillion::ZERO {
        return Ok(());
    }
    for (index, weight) in slots.iter_mut().enumerate() {
        let by_share = u128::from(pool.amount(index))
            .saturating_mul(performance)
            .saturating_mul(u128::from(lambda.complement()));
        let by_performance = u128::from(total)
            .saturating_mul(u128::from(pool.performance(index)))
            .saturating_mul(u128::from(lambda.parts()));
        *weight = by_share.saturating_add(by_performance);
    }
    pay(pool, total, slots);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::tests::Members;
    use proptest::prelude::*;

    fn paid(members: &[(u64, u16)], lambda: u32) -> Vec<u64> {
        let mut pool = Members(members.to_vec());
        let lambda = PartsPerBillion::new(lambda).unwrap();
        redistribute(&mut pool, lambda, &mut vec![0; members.len()]).unwrap();
        pool.0.into_iter().map(|(amount, _)| amount).collect()
    }

    /// The definition with a sort, each term kept as its own fraction over `D P` (no shared arithmetic).
    fn reference(members: &[(u64, u16)], lambda: u32) -> Vec<u64> {
        let total: u128 = members.iter().map(|&(amount, _)| u128::from(amount)).sum();
        let performance: u128 = members.iter().map(|&(_, perf)| u128::from(perf)).sum();
        if performance == 0 {
            return members.iter().map(|&(amount, _)| amount).collect();
        }
        let whole = 1_000_000_000u128;
        let lambda = u128::from(lambda);
        let exact: Vec<(u128, u128)> = members
            .iter()
            .map(|&(amount, perf)| {
                let numerator = u128::from(amount) * performance * (whole - lambda)
                    + total * u128::from(perf) * lambda;
                (
                    numerator / (whole * performance),
                    numerator % (whole * performance),
                )
            })
            .collect();
        let mut amounts: Vec<u128> = exact.iter().map(|&(floor, _)| floor).collect();
        let left = (total - amounts.iter().sum::<u128>()) as usize;
        let mut order: Vec<usize> = (0..members.len()).collect();
        order.sort_by_key(|&index| (std::cmp::Reverse(exact[index].1), index));
        for &index in &order[..left] {
            amounts[index] += 1;
        }
        amounts
            .into_iter()
            .map(|amount| u64::try_from(amount).unwrap())
            .collect()
    }

    const HALF: u32 = PartsPerBillion::WHOLE / 2;

    #[test]
    fn moves_half_of_a_pool_to_the_performer() {
        assert_eq!(paid(&[(100, 0), (0, 1)], HALF), [50, 50]);
        assert_eq!(paid(&[(60, 10_000), (40, 30_000)], HALF), [43, 57]); // 30 + 12.5, 20 + 37.5: the tie goes to the first
    }

    #[test]
    fn rounds_ties_up_from_the_lowest_index() {
        assert_eq!(
            paid(&[(2, 1), (0, 1), (0, 1)], PartsPerBillion::WHOLE),
            [1, 1, 0]
        );
        assert_eq!(
            paid(&[(1, 1), (0, 1), (0, 1)], PartsPerBillion::WHOLE),
            [1, 0, 0]
        );
    }

    #[test]
    fn changes_nothing_when_nobody_performed() {
        assert_eq!(paid(&[(7, 0), (9, 0)], PartsPerBillion::WHOLE), [7, 9]);
        assert_eq!(paid(&[], HALF), Vec::<u64>::new());
    }

    #[test]
    fn is_exact_at_the_largest_amounts() {
        assert_eq!(
            paid(&[(u64::MAX, 1), (0, u16::MAX)], PartsPerBillion::WHOLE),
            reference(&[(u64::MAX, 1), (0, u16::MAX)], PartsPerBillion::WHOLE)
        );
        let mut crowd = vec![(u64::MAX >> 16, u16::MAX); usize::from(u16::MAX)];
        crowd[9].1 = 1;
        let paid = paid(&crowd, 999_999_999);
        assert_eq!(
            paid.iter().map(|&amount| u128::from(amount)).sum::<u128>(),
            crowd
                .iter()
                .map(|&(amount, _)| u128::from(amount))
                .sum::<u128>()
        );
    }

    #[test]
    fn refuses_what_it_cannot_do_exactly() {
        let mut too_large = Members(vec![(u64::MAX, 1), (1, 1)]);
        assert_eq!(
            redistribute(&mut too_large, PartsPerBillion::ONE, &mut [0; 2]),
            Err(Refused::TotalTooLarge)
        );
        assert_eq!(too_large.0, [(u64::MAX, 1), (1, 1)]);
        let mut too_many = Members(vec![(0, 1); 65_536]);
        assert_eq!(
            redistribute(&mut too_many, PartsPerBillion::ONE, &mut vec![0; 65_536]),
            Err(Refused::TooManyMembers)
        );
        let mut no_slots = Members(vec![(1, 1); 3]);
        assert_eq!(
            redistribute(&mut no_slots, PartsPerBillion::ONE, &mut [0; 2]),
            Err(Refused::TooManyMembers)
        );
    }

    fn members() -> impl Strategy<Value = Vec<(u64, u16)>> {
        let amount = prop_oneof![Just(0), 0..50u64, 0..=u64::MAX / 64];
        let performance = prop_oneof![Just(0), Just(u16::MAX), 0..4u16, any::<u16>()];
        proptest::collection::vec((amount, performance), 0..40)
    }

    fn lambda() -> impl Strategy<Value = u32> {
        prop_oneof![
            Just(0),
            Just(HALF),
            Just(PartsPerBillion::WHOLE),
            0..=PartsPerBillion::WHOLE
        ]
    }

    proptest! {
        #[test]
        fn equals_the_definition(members in members(), lambda in lambda()) {
            prop_assert_eq!(paid(&members, lambda), reference(&members, lambda));
        }

        #[test]
        fn conserves_the_pool(members in members(), lambda in lambda()) {
            let total: u64 = members.iter().map(|&(amount, _)| amount).sum();
            prop_assert_eq!(paid(&members, lambda).iter().sum::<u64>(), total);
        }

        #[test]
        fn is_neutral_at_zero(members in members()) {
            let amounts: Vec<u64> = members.iter().map(|&(amount, _)| amount).collect();
            prop_assert_eq!(paid(&members, 0), amounts);
        }

        #[test]
        fn pays_nobody_without_a_share_and_performance(members in members(), lambda in lambda()) {
            for (&(amount, performance), paid) in members.iter().zip(paid(&members, lambda)) {
                prop_assert!(amount > 0 || performance > 0 || paid == 0);
            }
        }

        /// Against others in the same pool: at least as much today and as much performance is never paid less, but for
        /// the unit by which the index decides between exactly equal shares.
        #[test]
        fn more_performance_never_pays_less(members in members(), lambda in lambda()) {
            let paid = paid(&members, lambda);
            for i in 0..members.len() {
                for j in 0..members.len() {
                    if members[i].0 >= members[j].0 && members[i].1 >= members[j].1 {
                        let equal_today = members[i].0 == members[j].0 || lambda == PartsPerBillion::WHOLE;
                        let equal_performance = members[i].1 == members[j].1 || lambda == 0;
                        let tie = u64::from(equal_today && equal_performance);
                        prop_assert!(paid[i] + tie >= paid[j]);
                    }
                }
            }
        }

        /// Against oneself: performing more, all else equal, never costs more than the unit that rounding may move.
        #[test]
        fn performing_more_never_costs(members in members(), lambda in lambda(), who: prop::sample::Index, more in 0..=u16::MAX) {
            prop_assume!(!members.is_empty());
            let who = who.index(members.len());
            let mut better = members.clone();
            better[who].1 = better[who].1.saturating_add(more);
            let was_idle = members.iter().all(|&(_, performance)| performance == 0);
            let (before, after) = (paid(&members, lambda)[who], paid(&better, lambda)[who]);
            prop_assert!(was_idle || after + 1 >= before);
        }

        #[test]
        fn at_one_todays_shares_do_not_matter(members in members(), seed in any::<u64>()) {
            let total: u64 = members.iter().map(|&(amount, _)| amount).sum();
            prop_assume!(members.iter().any(|&(_, performance)| performance > 0));
            let mut moved: Vec<(u64, u16)> = members.iter().map(|&(_, performance)| (0, performance)).collect();
            let one = (seed % members.len() as u64) as usize;
            moved[one].0 = total;
            prop_assert_eq!(paid(&members, PartsPerBillion::WHOLE), paid(&moved, PartsPerBillion::WHOLE));
        }
    }
}
