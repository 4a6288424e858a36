//! Mechanisms of one subnet: splitting the epoch's rao over them, and joining their results.

use crate::{EpochOutput, LegacyScores, RaoSplit};
use alloc::vec::Vec;

/// One mechanism's part of the epoch.
#[derive(Clone, Copy, Debug)]
pub struct Mechanism<'a> {
    /// The rao it got from [`split_mechanisms`].
    pub rao: u64,
    /// Its outputs. All mechanisms of an epoch have the same uids at the same positions.
    pub output: &'a EpochOutput,
    /// Its amounts.
    pub emission: &'a RaoSplit,
}

/// Per-subnet results over all mechanisms. `Incentive` and `Bonds` are stored per mechanism only and so absent here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aggregate {
    /// `Active`: active on any mechanism.
    pub active: Vec<bool>,
    /// `ValidatorPermit`: permitted on any.
    pub validator_permit: Vec<bool>,
    /// `StakeWeight`, weighted by the mechanisms' rao.
    pub stake_weight: Vec<u16>,
    /// `Consensus`, weighted.
    pub consensus: Vec<u16>,
    /// `Dividends`, weighted.
    pub dividends: Vec<u16>,
    /// `ValidatorTrust`, weighted.
    pub validator_trust: Vec<u16>,
    /// `Emission`, rao, weighted.
    pub emission: Vec<u64>,
    /// Miner rao, summed.
    pub server: Vec<u64>,
    /// Validator rao, summed.
    pub validator: Vec<u64>,
    /// Stake for voting power, rao, summed (not weighted).
    pub stake_term: Vec<u64>,
    /// Weighted; present if the mechanisms' are.
    pub legacy: Option<LegacyScores>,
}

/// Splits an epoch's rao over `count` mechanisms: by `split` (parts of 65535, truncated or zero-padded to `count`), else evenly;
/// floored, the remainder goes to mechanism 0. The sum is `rao` unless the parts exceed 65535 together.
pub fn split_mechanisms(rao: u64, count: u8, split: Option<&[u16]>) -> Vec<u64> {
    let part = |mechanism: usize| match split {
        Some(split) => {
            let part = split.get(mechanism).copied().unwrap_or(0);
            // At most `rao`, so the narrowing is exact.
            (u128::from(rao).saturating_mul(u128::from(part)) / 65_535) as u64
        }
        None => rao.checked_div(u64::from(count)).unwrap_or(0),
    };
    let mut parts: Vec<u64> = (0..usize::from(count)).map(part).collect();
    let spent = parts
        .iter()
        .fold(0u64, |sum, &part| sum.saturating_add(part));
    if let Some(first) = parts.first_mut() {
        *first = first.saturating_add(rao.saturating_sub(spent));
    }
    parts
}

/// Joins the mechanisms, in order, of an epoch over `rao`. Weighted values are truncated after each mechanism; with one mechanism
/// everything passes unchanged.
pub fn aggregate(rao: u64, mechanisms: &[Mechanism]) -> Aggregate {
    let mut joined = Aggregate::default();
    for (index, mechanism) in mechanisms.iter().enumerate() {
        let weight = weight(mechanism.rao, rao, index);
        let (output, emission) = (mechanism.output, mechanism.emission);
        fold(&mut joined.active, &output.active, |any, here| any | here);
        fold(
            &mut joined.validator_permit,
            &output.validator_permit,
            |any, here| any | here,
        );
        let add_u16 =
            |sum: u16, value: u16| sum.saturating_add(weighted(u64::from(value), weight) as u16);
        fold(&mut joined.stake_weight, &output.stake_weight, add_u16);
        fold(&mut joined.consensus, &output.consensus, add_u16);
        fold(&mut joined.dividends, &output.dividends, add_u16);
        fold(
            &mut joined.validator_trust,
            &output.validator_trust,
            add_u16,
        );
        fold(&mut joined.emission, &emission.combined, |sum, value| {
            sum.saturating_add(weighted(value, weight))
        });
        fold(&mut joined.server, &emission.server, u64::saturating_add);
        fold(
            &mut joined.validator,
            &emission.validator,
            u64::saturating_add,
        );
        fold(
            &mut joined.stake_term,
            &output.stake_term,
            u64::saturating_add,
        );
        if let Some(scores) = &output.legacy {
            let sums = joined.legacy.get_or_insert_default();
            fold(&mut sums.rank, &scores.rank, add_u16);
            fold(&mut sums.trust, &scores.trust, add_u16);
            fold(&mut sums.pruning_scores, &scores.pruning_scores, add_u16);
        }
    }
    joined
}

/// A mechanism's weight as U64F64 bits, at most 1: its part of the rao, truncated; of no rao at all mechanism 0 has the whole.
fn weight(part: u64, rao: u64, index: usize) -> u128 {
    let part = u128::from(part.min(rao)) << 64;
    part.checked_div(u128::from(rao))
        .unwrap_or(if index == 0 { 1 << 64 } else { 0 })
}

/// ⌊value · weight⌋; never above `value` because the weight is at most 1, so that narrowing back to its type is exact.
fn weighted(value: u64, weight: u128) -> u64 {
    (u128::from(value).saturating_mul(weight) >> 64) as u64
}

/// `sums[i] := add(sums[i], values[i])`, where a missing sum is the type's zero.
fn fold<T: Copy + Default>(sums: &mut Vec<T>, values: &[T], add: impl Fn(T, T) -> T) {
    if sums.len() < values.len() {
        sums.resize(values.len(), T::default());
    }
    for (sum, &value) in sums.iter_mut().zip(values) {
        *sum = add(*sum, value);
    }
}
