//! Bonds: what validators own of miners, and the dividends that follow. Rows are validators, columns miners.

use crate::fixed::{cmul, from_u16, from_u16_part, narrow, sadd, smul, ssub, ONE, ZERO};
use crate::liquid;
use crate::rows::{normalise_columns, row_sums, upscale_columns, Row, SpreadRow};
use crate::shares::normalise;
use crate::Params;
use alloc::vec::Vec;
use substrate_fixed::types::{I32F32, I64F64};

/// What both versions work on.
pub struct Market<'a> {
    /// Weights that buy bonds, after the penalty.
    pub weights: &'a [Row],
    /// Stored bonds after the masks, as integers.
    pub old_bonds: &'a [Vec<(u16, u16)>],
    /// Normalised stake of the validators taking part.
    pub active_stake: &'a [I32F32],
    /// Incentive of each miner.
    pub incentive: &'a [I32F32],
    /// Consensus of each miner.
    pub consensus: &'a [I32F32],
}

/// New bonds as they are stored (before quantisation), and normalised dividends.
pub struct Settled {
    pub bonds: Vec<Row>,
    pub dividends: Vec<I32F32>,
}

/// Yuma2: bonds are shares of a column, bought with stake · weight; dividends are not multiplied by stake, so an inactive
/// validator still earns from the bonds it has left. Stored bonds are scaled to a column maximum of 1.
pub fn settle_yuma2(market: &Market, params: &Params) -> Settled {
    let columns = market.incentive.len();
    let mut old = convert(market.old_bonds, from_u16);
    normalise_columns(&mut old, columns);
    let mut bought: Vec<Row> = market
        .weights
        .iter()
        .zip(market.active_stake)
        .map(|(row, &stake)| {
            row.iter()
                .map(|&(column, weight)| (column, smul(weight, stake)))
                .collect()
        })
        .collect();
    normalise_columns(&mut bought, columns);
    let mut bonds = moving_average(
        &bought,
        &old,
        scalar_alpha(params.bonds_moving_average),
        columns,
    );
    normalise_columns(&mut bonds, columns);
    let mut dividends = row_sums(&bonds, market.incentive);
    normalise(&mut dividends);
    upscale_columns(&mut bonds, columns);
    Settled { bonds, dividends }
}

/// Yuma3: bonds are fixed fractions that move toward the weights; dividends are multiplied by stake. Stored as they are.
pub fn settle_yuma3(market: &Market, params: &Params) -> Settled {
    let columns = market.incentive.len();
    let old = convert(market.old_bonds, from_u16_part);
    let liquid = params
        .liquid_alpha
        .filter(|_| market.consensus.iter().any(|&share| share != ZERO));
    let bonds = match liquid {
        Some(alpha) => liquid::moving_average(market.weights, &old, market.consensus, &alpha),
        None => moving_average(
            market.weights,
            &old,
            scalar_alpha(params.bonds_moving_average),
            columns,
        ),
    };
    let mut owned = bonds.clone();
    normalise_columns(&mut owned, columns);
    let mut dividends: Vec<I32F32> = row_sums(&owned, market.incentive)
        .into_iter()
        .zip(market.active_stake)
        .map(|(earned, &stake)| cmul(earned, stake).unwrap_or(ZERO))
        .collect();
    normalise(&mut dividends);
    Settled { bonds, dividends }
}

/// Weights between the original (penalty 0) and the clipped ones (penalty 1). At the ends rows keep their order and zeros; between
/// them they are rebuilt in ascending order without zeros.
pub fn penalised_weights(
    weights: Vec<Row>,
    clipped: Vec<Row>,
    penalty: I32F32,
    columns: usize,
) -> Vec<Row> {
    if penalty == ZERO {
        return weights;
    }
    if penalty == ONE {
        return clipped;
    }
    let (mut before, mut after) = (SpreadRow::new(columns), SpreadRow::new(columns));
    let interpolate = |(weights, clipped): (&Row, &Row)| -> Row {
        weights
            .iter()
            .for_each(|&(column, weight)| before.update(column, |_| weight));
        clipped
            .iter()
            .for_each(|&(column, weight)| after.update(column, |_| weight));
        // Clipping adds no columns: those of the original row are all.
        let row = before.take_positive(|column, weight| {
            sadd(weight, smul(penalty, ssub(after.get(column), weight)))
        });
        after.clear();
        row
    };
    weights.iter().zip(&clipped).map(interpolate).collect()
}

/// alpha · new + (1 − alpha) · old, rows ascending, only what is positive.
fn moving_average(new: &[Row], old: &[Row], alpha: I32F32, columns: usize) -> Vec<Row> {
    let keep = ssub(ONE, alpha);
    let mut row = SpreadRow::new(columns);
    let average = |(new, old): (&Row, &Row)| -> Row {
        for &(column, value) in new {
            row.update(column, |sum| sadd(sum, smul(alpha, value)));
        }
        for &(column, value) in old {
            row.update(column, |sum| sadd(sum, smul(keep, value)));
        }
        row.take_positive(|_, average| average)
    };
    new.iter().zip(old).map(average).collect()
}

/// Weight of the new bond: 1 − `bonds_moving_average` / 10^6, the quotient floored with 64, then with 32 fraction bits.
/// Negative above 10^6.
fn scalar_alpha(bonds_moving_average: u64) -> I32F32 {
    let old = I64F64::saturating_from_num(bonds_moving_average).to_bits() / 1_000_000;
    ssub(ONE, narrow(I64F64::from_bits(old)))
}

fn convert(bonds: &[Vec<(u16, u16)>], value: fn(u16) -> I32F32) -> Vec<Row> {
    bonds
        .iter()
        .map(|row| {
            row.iter()
                .map(|&(column, bond)| (column, value(bond)))
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::scalar_alpha;

    #[test]
    fn h8_scalar_alpha() {
        assert_eq!(scalar_alpha(900_000).to_bits(), 429_496_730);
        assert_eq!(scalar_alpha(975_000).to_bits(), 107_374_183);
        assert_eq!(scalar_alpha(0).to_bits(), 1 << 32);
        assert_eq!(scalar_alpha(1_000_000).to_bits(), 0);
        assert_eq!(scalar_alpha(1_500_000).to_bits(), -(1 << 31));
        assert_eq!(scalar_alpha(u64::MAX).to_bits(), (1 << 32) - i64::MAX);
    }
}
