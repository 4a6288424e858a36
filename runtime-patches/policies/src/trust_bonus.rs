//! Trust bonus: who is trusted is paid more than today, at the cost of the rest of the pool.
//!
//! `share_i ~ r_i (1 + beta trust_i)`, `r` = today's shares, `trust` 65535 = 1, `0 <= beta <= 10`. In amounts, with
//! `D` = 10^8 and `w_i = a_i (65535 D + beta trust_i)`: `a_i' = T w_i / sum w`, in whole units by the largest remainder, so
//! that the pool's total is kept to the unit. Nothing is rounded before that.
//!
//! Neutral at `beta` = 0, and where all are trusted alike. Laws: conserves the total, nobody gains a unit without a share,
//! more trust never pays less, whose trust is below the mean of the pool (by shares) never gains but for a rounding.

use crate::{
    pool::{measure, pay, Pool, Refused},
    PartsPerHundredMillion,
};

pub type Beta = PartsPerHundredMillion<10>;

/// Redistributes the pool in place; its performance is the trust. `slots`: working memory, at least one a member.
///
/// A weight's factor is below 65536 (10^8 + 10^9) < 2^47, so the weights add up to less than 2^64 2^47.
pub fn redistribute(pool: &mut impl Pool, beta: Beta, slots: &mut [u128]) -> Result<(), Refused> {
    let (total, slots) = measure(pool, slots)?;
    let whole = u64::from(u16::MAX).saturating_mul(u64::from(Beta::WHOLE));
    for (index, weight) in slots.iter_mut().enumerate() {
        let trust = u64::from(pool.performance(index));
        let factor = whole.saturating_add(trust.saturating_mul(u64::from(beta.parts())));
        *weight = u128::from(pool.amount(index)).saturating_mul(u128::from(factor));
    }
    pay(pool, total, slots);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::tests::Members;
    use proptest::prelude::*;

    const ONE: u32 = Beta::WHOLE;
    const TEN: u32 = 10 * ONE;

    fn paid(members: &[(u64, u16)], beta: u32) -> Vec<u64> {
        let mut pool = Members(members.to_vec());
        let beta = Beta::new(beta).unwrap();
        redistribute(&mut pool, beta, &mut vec![0; members.len()]).unwrap();
        pool.0.into_iter().map(|(amount, _)| amount).collect()
    }

    /// The definition with a sort, each weight a fraction over `65535 D`, for pools whose products fit.
    fn reference(members: &[(u64, u16)], beta: u32) -> Vec<u64> {
        let total: u128 = members.iter().map(|&(amount, _)| u128::from(amount)).sum();
        let weight = |&(amount, trust): &(u64, u16)| {
            u128::from(amount) * (65_535 * 100_000_000 + u128::from(beta) * u128::from(trust))
        };
        let sum: u128 = members.iter().map(weight).sum();
        if sum == 0 {
            return vec![0; members.len()];
        }
        let exact: Vec<u128> = members
            .iter()
            .map(|member| total * weight(member))
            .collect();
        let mut amounts: Vec<u128> = exact.iter().map(|product| product / sum).collect();
        let left = (total - amounts.iter().sum::<u128>()) as usize;
        let mut order: Vec<usize> = (0..members.len()).collect();
        order.sort_by_key(|&index| (std::cmp::Reverse(exact[index] % sum), index));
        for &index in &order[..left] {
            amounts[index] += 1;
        }
        amounts
            .into_iter()
            .map(|amount| u64::try_from(amount).unwrap())
            .collect()
    }

    #[test]
    fn pays_the_trusted_more_at_the_cost_of_the_rest() {
        assert_eq!(paid(&[(50, u16::MAX), (50, 0)], ONE), [67, 33]); // 2 : 1
        assert_eq!(paid(&[(60, 0), (40, u16::MAX)], TEN), [12, 88]); // 60 : 440
        assert_eq!(paid(&[(0, u16::MAX), (9, 1)], TEN), [0, 9]);
    }

    #[test]
    fn changes_nothing_where_all_are_trusted_alike() {
        assert_eq!(paid(&[(7, 9), (90, 9), (0, 9)], TEN), [7, 90, 0]);
        assert_eq!(paid(&[(7, 0), (90, 0)], TEN), [7, 90]);
        assert_eq!(paid(&[], TEN), Vec::<u64>::new());
        assert_eq!(paid(&[(0, 5), (0, 6)], TEN), [0, 0]);
    }

    #[test]
    fn holds_at_the_largest_amounts() {
        let paid = paid(
            &[(u64::MAX / 2, u16::MAX), (u64::MAX / 2, u16::MAX), (1, 0)],
            TEN,
        );
        assert_eq!(paid, [u64::MAX / 2 + 1, u64::MAX / 2, 0]);
    }

    #[test]
    fn refuses_what_it_cannot_do_exactly() {
        let mut too_large = Members(vec![(u64::MAX, 1), (1, 1)]);
        let beta = Beta::new(ONE).unwrap();
        assert_eq!(
            redistribute(&mut too_large, beta, &mut [0; 2]),
            Err(Refused::TotalTooLarge)
        );
        assert_eq!(too_large.0, [(u64::MAX, 1), (1, 1)]);
        assert_eq!(Beta::new(TEN + 1), None);
    }

    fn members(most: u64) -> impl Strategy<Value = Vec<(u64, u16)>> {
        let amount = prop_oneof![Just(0), 0..50u64, 0..=most];
        let trust = prop_oneof![Just(0), Just(u16::MAX), 0..4u16, any::<u16>()];
        proptest::collection::vec((amount, trust), 0..40)
    }

    fn beta() -> impl Strategy<Value = u32> {
        prop_oneof![Just(0), Just(ONE), Just(TEN), 0..=TEN]
    }

    proptest! {
        /// Amounts to 10^9: the products stay below 2^128, and remainders that differ by more than 2^-64 alone decide.
        #[test]
        fn equals_the_definition(members in members(1_000_000_000), beta in beta()) {
            prop_assert_eq!(paid(&members, beta), reference(&members, beta));
        }

        #[test]
        fn conserves_the_pool(members in members(u64::MAX / 64), beta in beta()) {
            let total: u64 = members.iter().map(|&(amount, _)| amount).sum();
            prop_assert_eq!(paid(&members, beta).iter().sum::<u64>(), total);
        }

        #[test]
        fn is_neutral_at_zero(members in members(u64::MAX / 64)) {
            let amounts: Vec<u64> = members.iter().map(|&(amount, _)| amount).collect();
            prop_assert_eq!(paid(&members, 0), amounts);
        }

        #[test]
        fn pays_nobody_without_a_share(members in members(u64::MAX / 64), beta in beta()) {
            for (&(amount, _), paid) in members.iter().zip(paid(&members, beta)) {
                prop_assert!(amount > 0 || paid == 0);
            }
        }

        /// Against others in the pool: as much today and as much trust is never paid less, but for the unit by which the
        /// index decides between equal shares.
        #[test]
        fn more_trust_never_pays_less(members in members(u64::MAX / 64), beta in beta()) {
            let paid = paid(&members, beta);
            for (i, mine) in members.iter().enumerate() {
                for (j, theirs) in members.iter().enumerate() {
                    prop_assert!(mine.0 < theirs.0 || mine.1 < theirs.1 || paid[i] + 1 >= paid[j]);
                }
            }
        }

        /// Against oneself: more trust, all else equal, never costs more than the unit that rounding may move.
        #[test]
        fn more_trust_never_costs(members in members(u64::MAX / 64), beta in beta(), who: prop::sample::Index, more in 0..=u16::MAX) {
            prop_assume!(!members.is_empty());
            let who = who.index(members.len());
            let mut better = members.clone();
            better[who].1 = better[who].1.saturating_add(more);
            prop_assert!(paid(&better, beta)[who] + 1 >= paid(&members, beta)[who]);
        }

        /// The mean of trust, weighted by shares, divides who may gain from who may lose.
        #[test]
        fn moves_from_below_the_mean_to_above(members in members(1_000_000_000), beta in beta()) {
            let total: u128 = members.iter().map(|&(amount, _)| u128::from(amount)).sum();
            let trusted: u128 = members.iter().map(|&(amount, trust)| u128::from(amount) * u128::from(trust)).sum();
            for (&(amount, trust), paid) in members.iter().zip(paid(&members, beta)) {
                if u128::from(trust) * total <= trusted {
                    prop_assert!(paid <= amount + 1);
                } else {
                    prop_assert!(paid + 1 >= amount);
                }
            }
        }
    }
}
