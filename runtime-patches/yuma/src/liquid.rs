//! Liquid alpha: how fast a bond moves depends on how far the weight is from consensus and from the bond already held.

use crate::exp::exp_safe;
use crate::fixed::{clamp, from_u16_part, sadd, satdiv, smul, ssub, ONE, ZERO};
use crate::rows::{at, Row, SpreadRow};
use crate::LiquidAlpha;
use alloc::vec::Vec;
use substrate_fixed::types::I32F32;

/// Moves each bond toward its weight by its own alpha, but never above 1:
/// x = min(1, (1 − alpha) · bond + max(0, alpha · weight)), kept if positive, in the order of the weights.
///
/// Only entries present in `weights` survive, explicit zeros included; a bond without one vanishes. Hence alpha is needed, and
/// computed, for those entries only.
pub fn moving_average(
    weights: &[Row],
    bonds: &[Row],
    consensus: &[I32F32],
    alpha: &LiquidAlpha,
) -> Vec<Row> {
    let sigmoid = Sigmoid::new(alpha);
    let columns = consensus.len();
    let mut seen_weight = SpreadRow::new(columns);
    let mut seen_bond = SpreadRow::new(columns);
    let mut held = SpreadRow::new(columns);
    let average = |(weights, bonds): (&Row, &Row)| -> Row {
        spread_seen(weights, &mut seen_weight);
        spread_seen(bonds, &mut seen_bond);
        bonds
            .iter()
            .for_each(|&(column, bond)| held.update(column, |_| bond));
        let moved = |&(column, weight): &(u16, I32F32)| {
            let held = held.get(column);
            if held == ZERO && weight == ZERO {
                return None; // whatever alpha is
            }
            let consensus = at(consensus, usize::from(column));
            let alpha = sigmoid.alpha(seen_weight.get(column), seen_bond.get(column), consensus);
            let decayed = smul(ssub(ONE, alpha), held);
            let bond = sadd(decayed, smul(alpha, weight).max(ZERO)).min(ONE);
            (bond > ZERO).then_some((column, bond))
        };
        let row = weights.iter().filter_map(moved).collect();
        seen_weight.clear();
        seen_bond.clear();
        held.clear();
        row
    };
    weights.iter().zip(bonds).map(average).collect()
}

/// The original looks values up column by column with a cursor that skips entries of smaller columns: of a row that is not sorted it
/// sees only the entries whose column is larger than all before them, and reads 0 for the others.
fn spread_seen(row: &Row, seen: &mut SpreadRow) {
    let mut next = 0u32;
    for &(column, value) in row {
        if u32::from(column) >= next {
            seen.update(column, |_| value);
            next = u32::from(column).saturating_add(1);
        }
    }
}

/// The parameters, prepared.
struct Sigmoid {
    low: I32F32,
    high: I32F32,
    /// steepness / −100
    slope: I32F32,
}

impl Sigmoid {
    fn new(alpha: &LiquidAlpha) -> Self {
        let steepness = I32F32::from_bits(i64::from(alpha.steepness) << 32);
        let scale = I32F32::from_bits(-100 << 32);
        Self {
            low: from_u16_part(alpha.low),
            high: from_u16_part(alpha.high),
            slope: satdiv(steepness, scale),
        }
    }

    /// low + σ · (high − low) in [low, high], σ = 1 / (1 + e^(slope · (δ − ½))), where δ in [0, 1] is how much the weight exceeds
    /// consensus (buying) or the bond exceeds the weight (selling). With low above high the result is low.
    fn alpha(&self, weight: I32F32, bond: I32F32, consensus: I32F32) -> I32F32 {
        const HALF: I32F32 = I32F32::from_bits(1 << 31);
        let difference = if weight >= bond {
            ssub(weight, consensus)
        } else {
            ssub(bond, weight)
        };
        let difference = clamp(difference, ZERO, ONE);
        let power = smul(self.slope, ssub(difference, HALF));
        let sigmoid = satdiv(ONE, sadd(ONE, exp_safe(power)));
        clamp(
            sadd(self.low, smul(sigmoid, ssub(self.high, self.low))),
            self.low,
            self.high,
        )
    }
}
