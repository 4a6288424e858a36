//! Pool of one (hotkey, netuid): the coldkeys that stake to it hold shares of its value.
//!
//! Pure arithmetic; `stake.rs` loads and stores it. Two consequences of the formulas are part of the behaviour: a
//! deposit into a pool of value 0 whose denominator is not 0 enlarges the value without creating shares, and a full
//! withdrawal leaves shares equal to 0 only up to truncation.

use crate::types::SafeFloat;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SharePool {
    /// What all shares together are worth, rao.
    pub value: u64,
    /// Sum of all shares.
    pub denominator: SafeFloat,
}

impl SharePool {
    /// What a holder's share is worth, rao rounded down; 0 without shares.
    pub fn worth(&self, share: SafeFloat) -> u64 {
        SafeFloat::from_integer(self.value.into())
            .mul_div(share, self.denominator)
            .map_or(0, |worth| worth.to_u64())
    }

    /// Change the value of every share alike. The value saturates at 0 and at u64.
    pub fn add_to_all(&mut self, delta_rao: i64) {
        self.value = self.value.saturating_add_signed(delta_rao);
    }

    /// Change what one holder owns; returns the holder's new share.
    pub fn add_to_one(&mut self, share: SafeFloat, delta_rao: i64) -> SafeFloat {
        let amount = SafeFloat::from_integer(delta_rao.unsigned_abs().into());
        let changed = if self.denominator.is_zero() {
            self.denominator = amount;
            amount
        } else {
            let bought = amount
                .mul_div(self.denominator, SafeFloat::from_integer(self.value.into()))
                .unwrap_or(SafeFloat::ZERO);
            if delta_rao > 0 {
                self.denominator = self.denominator.plus(bought);
                share.plus(bought)
            } else {
                self.denominator = self.denominator.minus(bought).unwrap_or(self.denominator);
                share.minus(bought).unwrap_or(share)
            }
        };
        self.add_to_all(delta_rao);
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn float(mantissa: u128, exponent: i64) -> SafeFloat {
        SafeFloat { mantissa, exponent }
    }

    #[test]
    fn h11_pool() {
        let mut pool = SharePool::default();
        let mut a = pool.add_to_one(SafeFloat::ZERO, 1000);
        let b = pool.add_to_one(SafeFloat::ZERO, 500);
        assert_eq!(pool.value, 1500);
        assert_eq!(pool.denominator, float(150_000_000_000_000_000_000, -17));
        assert_eq!(a, float(1_000_000_000_000_000_000_000, -18));
        assert_eq!(b, float(500_000_000_000_000_000_000, -18));

        pool.add_to_all(300);
        assert_eq!([pool.worth(a), pool.worth(b)], [1200, 600]);

        let c = pool.add_to_one(SafeFloat::ZERO, 700);
        assert_eq!(pool.value, 2500);
        assert_eq!(pool.denominator, float(208_333_333_333_333_333_333, -17));
        assert_eq!(c, float(583_333_333_333_333_333_333, -18));
        assert_eq!(
            [pool.worth(a), pool.worth(b), pool.worth(c)],
            [1200, 600, 700]
        );

        a = pool.add_to_one(a, -200);
        assert_eq!(pool.value, 2300);
        assert_eq!(pool.denominator, float(191_666_666_666_666_666_667, -17));
        assert_eq!(a, float(833_333_333_333_333_333_334, -18));
        assert_eq!(
            [pool.worth(a), pool.worth(b), pool.worth(c)],
            [999, 599, 699]
        );
    }

    #[test]
    fn h12_payout() {
        let mut pool = SharePool::default();
        let owner = pool.add_to_one(SafeFloat::ZERO, 1_000_000_000_000);
        let nominator = pool.add_to_one(SafeFloat::ZERO, 3_000_000_000_000);
        let owner = pool.add_to_one(owner, 179_995_422);
        pool.add_to_all(820_004_577);
        assert_eq!(pool.value, 4_000_999_999_999);
        assert_eq!(pool.denominator, float(400_017_999_542_200_000_000, -8));
        assert_eq!(pool.worth(owner), 1_000_385_024_239);
        assert_eq!(pool.worth(nominator), 3_000_614_975_759);
    }

    #[test]
    fn case_90_deposit_into_an_emptied_pool_gives_no_shares() {
        let mut pool = SharePool::default();
        let a = pool.add_to_one(SafeFloat::ZERO, 1000);
        pool.add_to_all(-1000);
        let b = pool.add_to_one(SafeFloat::ZERO, 400);
        assert_eq!(b, SafeFloat::ZERO);
        assert_eq!(pool.value, 400);
        assert_eq!(pool.worth(a), 400);
    }

    #[test]
    fn case_90_full_withdrawal() {
        let mut pool = SharePool::default();
        let a = pool.add_to_one(SafeFloat::ZERO, 1000);
        let a = pool.add_to_one(a, -1000);
        assert_eq!(a, SafeFloat::ZERO);
        assert_eq!(pool, SharePool::default());
    }

    #[test]
    fn case_91_amounts_from_2_63_on_would_flip_sign() {
        let mut pool = SharePool::default();
        let a = pool.add_to_one(SafeFloat::ZERO, 1_000);
        pool.add_to_all(((1u64 << 63) + 7).cast_signed());
        assert_eq!(pool.value, 0, "a loss of 2^63 - 7, down to nothing");
        pool.add_to_all(((1u64 << 63) - 1).cast_signed());
        assert_eq!(pool.worth(a), (1 << 63) - 1, "the largest that counts");
    }

    #[test]
    fn amount_zero_leaves_shares_as_they_are() {
        let mut pool = SharePool::default();
        assert_eq!(pool.add_to_one(SafeFloat::ZERO, 0), SafeFloat::ZERO);
        assert_eq!(pool, SharePool::default());
        let a = pool.add_to_one(SafeFloat::ZERO, 7);
        let before = pool;
        assert_eq!(pool.add_to_one(a, 0), a);
        assert_eq!(pool, before);
    }

    #[test]
    fn withdrawal_beyond_the_value_saturates() {
        let mut pool = SharePool::default();
        let a = pool.add_to_one(SafeFloat::ZERO, 10);
        let a = pool.add_to_one(a, -11);
        assert_eq!(a, SafeFloat::ZERO);
        assert_eq!(pool.value, 0);
    }

    #[test]
    fn without_shares_nothing_is_owned() {
        let mut pool = SharePool::default();
        pool.add_to_all(5);
        assert_eq!(pool.worth(SafeFloat::ZERO), 0);
        assert_eq!(pool.worth(SafeFloat::from_integer(3)), 0);
    }
}
