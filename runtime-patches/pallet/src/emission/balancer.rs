//! The weighted two-asset pool of a subnet: price, trades without fee, and liquidity added off the price ratio.
//!
//! With reserves X (alpha) and Y (TAO) and weights w1 + w2 = 1 the price is (w1·Y)/(w2·X). Liquidity that is added in
//! another ratio moves the weights instead of the price. Prices and factors are U64F64, rounded down.

use sp_core::U256;
use substrate_fixed::types::U64F64;

use super::pow::{scaled_power, SCALE};

/// Weights count parts of this.
pub const ONE_WEIGHT: u64 = SCALE;
/// Weight of an asset in a pool that has not been reweighted.
pub const HALF_WEIGHT: u64 = 500_000_000_000_000_000;
/// Both weights stay at least this large.
const MIN_WEIGHT: u64 = 10_000_000_000_000_000;
/// A trade may bring in at most this many times the reserve it goes to.
const MAX_INPUT_MULTIPLE: u64 = 1_000;
/// Smallest reserve, rao, that can be bought from.
const MIN_OUTPUT_RESERVE_RAO: u64 = 1_000_000;
/// Fraction bits of the power in a trade, and in an amount cut by a price limit.
const TRADE_PRECISION_BITS: u64 = 256;
const LIMIT_PRECISION_BITS: u64 = 1_024;

/// 10^6 TAO per alpha: purchases stop here.
pub const MAX_PRICE: U64F64 = U64F64::from_bits(1_000_000 << 64);
/// 10^-6 TAO per alpha, rounded down: sales stop here.
pub const MIN_PRICE: U64F64 = U64F64::from_bits((1 << 64) / 1_000_000);

/// Reserves in rao and the weight of the TAO side in parts of [`ONE_WEIGHT`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balancer {
    pub alpha: u64,
    pub tao: u64,
    pub tao_weight: u64,
}

/// What a trade takes in and gives out, rao.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trade {
    pub paid_in: u64,
    pub paid_out: u64,
}

/// The reserves as seen by a trade.
struct Sides {
    input: u64,
    output: u64,
    input_weight: u64,
    output_weight: u64,
}

impl Balancer {
    fn alpha_weight(&self) -> u64 {
        ONE_WEIGHT.saturating_sub(self.tao_weight)
    }

    /// TAO per alpha; 0 if undefined.
    pub fn price(&self) -> U64F64 {
        ratio(self.alpha_weight(), self.tao_weight).saturating_mul(ratio(self.tao, self.alpha))
    }

    /// The TAO weight that keeps the price when these amounts are added; `None` if either weight would get too small.
    pub fn reweighted(&self, added_tao: u64, added_alpha: u64) -> Option<u64> {
        let weighted = |weight: u64, reserve: u64, other: u64, added: u64| {
            let grown = u128::from(other).saturating_add(added.into());
            rounded_part(weight, u128::from(reserve).saturating_mul(grown))
        };
        let alpha_side = weighted(self.alpha_weight(), self.tao, self.alpha, added_alpha);
        let tao_side = weighted(self.tao_weight, self.alpha, self.tao, added_tao);
        let tao_weight = U256::from(tao_side)
            .saturating_mul(ONE_WEIGHT.into())
            .checked_div(alpha_side.saturating_add(tao_side).into())
            .map_or(HALF_WEIGHT, |weight| weight.low_u64());
        let allowed = MIN_WEIGHT..=ONE_WEIGHT.saturating_sub(MIN_WEIGHT);
        allowed.contains(&tao_weight).then_some(tao_weight)
    }

    /// Buy alpha with TAO, not beyond the limit price. `None` where the pool refuses.
    pub fn buy(&self, tao: u64, limit: U64F64) -> Option<Trade> {
        let (price, sides) = (self.price(), self.buying());
        if !sides.admits(tao) || price >= limit {
            return None;
        }
        let after = Self {
            alpha: self.alpha.saturating_sub(sides.output_for(tao)),
            tao: self.tao.saturating_add(tao),
            ..*self
        };
        if after.price() <= limit {
            sides.trade(tao)
        } else {
            sides.trade(sides.input_up_to(limit, price))
        }
    }

    /// Sell alpha for TAO, not beyond the limit price. `None` where the pool refuses.
    pub fn sell(&self, alpha: u64, limit: U64F64) -> Option<Trade> {
        let (price, sides) = (self.price(), self.selling());
        if !sides.admits(alpha) || price <= limit {
            return None;
        }
        let after = Self {
            alpha: self.alpha.saturating_add(alpha),
            tao: self.tao.saturating_sub(sides.output_for(alpha)),
            ..*self
        };
        if after.price() >= limit {
            sides.trade(alpha)
        } else {
            sides.trade(sides.input_up_to(price, limit))
        }
    }

    fn buying(&self) -> Sides {
        Sides {
            input: self.tao,
            output: self.alpha,
            input_weight: self.tao_weight,
            output_weight: self.alpha_weight(),
        }
    }

    fn selling(&self) -> Sides {
        Sides {
            input: self.alpha,
            output: self.tao,
            input_weight: self.alpha_weight(),
            output_weight: self.tao_weight,
        }
    }
}

impl Sides {
    fn admits(&self, amount: u64) -> bool {
        amount <= self.input.saturating_mul(MAX_INPUT_MULTIPLE)
            && self.output >= MIN_OUTPUT_RESERVE_RAO
    }

    fn trade(&self, paid_in: u64) -> Option<Trade> {
        let paid_out = self.output_for(paid_in);
        let refused = paid_in > 0 && paid_out == 0 || paid_out > self.output;
        (!refused).then_some(Trade { paid_in, paid_out })
    }

    /// output · (1 − (input/(input + amount))^(input weight/output weight))
    fn output_for(&self, amount: u64) -> u64 {
        let grown = self.input.saturating_add(amount);
        let one = U64F64::from_num(1);
        let kept = scaled_power(
            self.input.into(),
            grown.into(),
            self.input_weight,
            self.output_weight,
            TRADE_PRECISION_BITS,
        )
        .and_then(|power| u64::try_from(power).ok())
        .map_or(U64F64::from_num(0), |power| ratio(power, SCALE).min(one));
        U64F64::from_num(self.output)
            .saturating_mul(one.saturating_sub(kept))
            .to_num()
    }

    /// input · ((high/low)^(output weight) − 1): the amount that moves the price from the one to the other.
    fn input_up_to(&self, high: U64F64, low: U64F64) -> u64 {
        let Some(power) = scaled_power(
            high.to_bits(),
            low.to_bits(),
            self.output_weight,
            ONE_WEIGHT,
            LIMIT_PRECISION_BITS,
        ) else {
            return 0;
        };
        let growth = ratio(u64::try_from(power).unwrap_or(u64::MAX), SCALE);
        U64F64::from_num(self.input)
            .saturating_mul(growth.saturating_sub(U64F64::from_num(1)))
            .to_num()
    }
}

/// a/b in U64F64, 0 if b is 0.
fn ratio(a: u64, b: u64) -> U64F64 {
    U64F64::from_num(a)
        .checked_div(U64F64::from_num(b))
        .unwrap_or(U64F64::from_num(0))
}

/// value · weight / ONE_WEIGHT to the nearest integer, half up.
fn rounded_part(weight: u64, value: u128) -> u128 {
    U256::from(value)
        .saturating_mul(weight.into())
        .saturating_add(HALF_WEIGHT.into())
        .checked_div(ONE_WEIGHT.into())
        .and_then(|part| u128::try_from(part).ok())
        .unwrap_or(u128::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pool of the H13 vectors.
    const POOL: Balancer = Balancer {
        alpha: 1_000_000_000_000_000,
        tao: 50_000_000_000_000,
        tao_weight: HALF_WEIGHT,
    };
    /// The same reserves with a weight that needs the fixed-point power.
    const UNEVEN: Balancer = Balancer {
        tao_weight: 450_000_000_000_000_123,
        ..POOL
    };

    fn trade(paid_in: u64, paid_out: u64) -> Option<Trade> {
        Some(Trade { paid_in, paid_out })
    }

    #[test]
    fn h13_price() {
        assert_eq!(POOL.price().to_bits(), 922_337_203_685_477_580);
    }

    #[test]
    fn h13_trades_with_equal_weights() {
        assert_eq!(
            POOL.buy(1_000_000_000, MAX_PRICE),
            trade(1_000_000_000, 19_999_600_008)
        );
        assert_eq!(
            POOL.sell(10_000_000_000, MIN_PRICE),
            trade(10_000_000_000, 499_995_000)
        );
    }

    #[test]
    fn h13_trades_in_fixed_point() {
        assert_eq!(
            UNEVEN.buy(1_000_000_000, MAX_PRICE),
            trade(1_000_000_000, 16_363_338_848)
        );
        assert_eq!(
            UNEVEN.sell(10_000_000_000, MIN_PRICE),
            trade(10_000_000_000, 611_104_321)
        );
    }

    #[test]
    fn h13_reweighting() {
        assert_eq!(
            POOL.reweighted(2_000_000, 50_000_000),
            Some(499_999_997_500_000_112)
        );
        let tao_weight = POOL.reweighted(1_000_000_000_000, 1_000_000_000_000);
        assert_eq!(tao_weight, Some(504_700_643_245_917_862));
        assert_eq!(POOL.reweighted(0, 0), Some(HALF_WEIGHT));
    }

    #[test]
    fn h13_price_stays_where_reweighted() {
        for (tao, alpha) in [
            (2_000_000, 50_000_000),
            (1_000_000_000_000, 1_000_000_000_000),
        ] {
            let grown = Balancer {
                alpha: POOL.alpha + alpha,
                tao: POOL.tao + tao,
                tao_weight: POOL.reweighted(tao, alpha).expect("within bounds"),
            };
            // One unit of the weight is 4·10^-18 of the price, and of its bits no more than 4.
            let moved = grown.price().to_bits().abs_diff(POOL.price().to_bits());
            assert!(moved <= 4, "{moved}");
        }
    }

    #[test]
    fn h13_reweighting_for_nothing_may_lose_one_unit() {
        // Of alpha·tao = 5·10^28 + 31·10^14 + 6 the TAO side's part ends in .0813 and is rounded down, the other's is rounded up: a
        // quotient just below the weight. One unit of alpha less, and it is the other way round.
        let pool = Balancer {
            alpha: POOL.alpha + 2,
            tao: POOL.tao + 3,
            ..UNEVEN
        };
        assert_eq!(pool.reweighted(0, 0), Some(UNEVEN.tao_weight - 1));
        let pool = Balancer {
            alpha: POOL.alpha + 1,
            ..pool
        };
        assert_eq!(pool.reweighted(0, 0), Some(UNEVEN.tao_weight));
    }

    #[test]
    fn case_50_empty_alpha_reserve() {
        let pool = Balancer { alpha: 0, ..POOL };
        assert_eq!(pool.price(), U64F64::from_num(0));
        assert_eq!(pool.buy(1, MAX_PRICE), None);
    }

    #[test]
    fn case_52_weights_stay_in_bounds() {
        let edge = Balancer {
            tao_weight: ONE_WEIGHT - MIN_WEIGHT,
            ..POOL
        };
        assert_eq!(edge.reweighted(0, 0), Some(edge.tao_weight));
        assert_eq!(edge.reweighted(1_000_000, 0), None);
        let other_edge = Balancer {
            tao_weight: MIN_WEIGHT,
            ..POOL
        };
        assert_eq!(other_edge.reweighted(0, 1_000_000_000), None);
        let empty = Balancer {
            alpha: 0,
            tao: 0,
            tao_weight: 123,
        };
        assert_eq!(empty.reweighted(5, 5), Some(HALF_WEIGHT));
    }

    #[test]
    fn case_53_refused_trades() {
        let thin = Balancer {
            alpha: MIN_OUTPUT_RESERVE_RAO - 1,
            tao: 1_000,
            tao_weight: HALF_WEIGHT,
        };
        assert_eq!(thin.buy(1, MAX_PRICE), None);
        let small = Balancer { tao: 1_000, ..POOL };
        assert!(small.buying().admits(1_000_000));
        assert!(!small.buying().admits(1_000_001));
        let dear = Balancer {
            alpha: MIN_OUTPUT_RESERVE_RAO,
            ..POOL
        };
        assert_eq!(dear.price().to_num::<u64>(), 50_000_000);
        assert_eq!(dear.buy(1_000, MAX_PRICE), None, "price above the limit");
        assert_eq!(POOL.sell(1, MIN_PRICE), None, "zero output");
    }

    #[test]
    fn price_limit_cuts_the_amount() {
        // From 0.05 to 0.2 the TAO reserve doubles: (0.2/0.05)^(1/2).
        let limit = U64F64::from_num(0.2);
        let cut = POOL
            .buy(POOL.tao * 2, limit)
            .expect("trade up to the limit");
        assert_eq!(cut.paid_in, POOL.tao);
        assert_eq!(cut.paid_out, POOL.alpha / 2);
        // From 0.05 to 0.0125 the alpha reserve doubles.
        let limit = U64F64::from_num(0.0125);
        let cut = POOL
            .sell(POOL.alpha * 2, limit)
            .expect("trade up to the limit");
        assert!(cut.paid_in.abs_diff(POOL.alpha) <= 1_000, "{cut:?}");
        assert!(cut.paid_out.abs_diff(POOL.tao / 2) <= 1_000, "{cut:?}");
    }
}
