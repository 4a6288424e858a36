//! Consensus: the stake-weighted median of the weights each uid gets, and clipping to it.

use crate::fixed::{ssub, sum, ZERO};
use crate::rows::{zeros, Row};
use crate::shares::normalise;
use alloc::vec;
use alloc::vec::Vec;
use substrate_fixed::types::I32F32;

/// For each column the smallest weight x such that voters giving at most x hold more than the minority, 1 − `kappa`; if there is
/// none, the largest weight. Voters are the rows with active stake, normalised among themselves; a voter without an entry gives 0.
/// In other words: the largest weight that voters holding at least kappa support.
pub fn consensus(
    weights: &[Row],
    active_stake: &[I32F32],
    columns: usize,
    kappa: I32F32,
) -> Vec<I32F32> {
    let is_voter = |&(_, &stake): &(&Row, &I32F32)| stake > ZERO;
    let voters = || {
        weights
            .iter()
            .zip(active_stake)
            .filter(is_voter)
            .map(|(row, _)| row)
    };
    let mut stake: Vec<I32F32> = active_stake
        .iter()
        .copied()
        .filter(|&stake| stake > ZERO)
        .collect();
    normalise(&mut stake);
    let total = sum(&stake);
    let minority = ssub(total, kappa);

    let mut votes = Votes::by_column(voters, columns);
    let mut consensus = zeros(columns);
    for (median, votes) in consensus.iter_mut().zip(votes.columns()) {
        *median = weighted_median(votes, &stake, total, minority);
    }
    consensus
}

/// `votes` holds (weight, voter) of the voters with an entry; the others vote 0.
fn weighted_median(
    votes: &mut [(I32F32, u32)],
    stake: &[I32F32],
    total: I32F32,
    minority: I32F32,
) -> I32F32 {
    let stake_of = |&(_, voter): &(I32F32, u32)| stake.get(voter as usize).copied().unwrap_or(ZERO);
    let voting = votes
        .iter()
        .fold(0i64, |sum, vote| sum.wrapping_add(stake_of(vote).to_bits()));
    // Wrapping sums of stake are exact: the whole is at most 1.
    let mut below = total.to_bits().wrapping_sub(voting);
    let has_silent = votes.len() < stake.len();
    if has_silent && below > minority.to_bits() {
        return ZERO;
    }
    votes.sort_unstable();
    for vote in votes.iter() {
        below = below.wrapping_add(stake_of(vote).to_bits());
        if below > minority.to_bits() {
            return vote.0;
        }
    }
    votes.last().map_or(ZERO, |vote| vote.0)
}

/// The voters' entries regrouped by column, in one allocation.
struct Votes {
    entries: Vec<(I32F32, u32)>,
    /// (start, length) of each column in `entries`.
    spans: Vec<(usize, usize)>,
}

impl Votes {
    /// A later entry of the same voter and column replaces the earlier one.
    fn by_column<'a, Rows: Iterator<Item = &'a Row>>(
        voters: impl Fn() -> Rows,
        columns: usize,
    ) -> Self {
        let mut spans = vec![(0usize, 0usize); columns];
        for (column, _) in voters().flatten() {
            if let Some((_, length)) = spans.get_mut(usize::from(*column)) {
                *length = length.saturating_add(1);
            }
        }
        let mut next = 0usize;
        for (start, length) in &mut spans {
            *start = next;
            next = next.saturating_add(core::mem::take(length));
        }
        let mut entries = vec![(ZERO, 0u32); next];
        for (voter, row) in (0u32..).zip(voters()) {
            for (column, weight) in row {
                let Some((start, length)) = spans.get_mut(usize::from(*column)) else {
                    continue;
                };
                let end = start.saturating_add(*length);
                let repeated = (*length > 0)
                    .then(|| entries.get_mut(end.saturating_sub(1)))
                    .flatten()
                    .filter(|(_, last)| *last == voter);
                if let Some(entry) = repeated {
                    entry.0 = *weight;
                } else if let Some(entry) = entries.get_mut(end) {
                    *entry = (*weight, voter);
                    *length = length.saturating_add(1);
                }
            }
        }
        Self { entries, spans }
    }

    fn columns(&mut self) -> impl Iterator<Item = &mut [(I32F32, u32)]> {
        let mut rest = self.entries.as_mut_slice();
        let mut position = 0usize;
        // Spans are ascending and disjoint; a repeated entry leaves a gap at a span's end.
        self.spans.iter().map(move |&(start, length)| {
            let skip = start.saturating_sub(position);
            position = start.saturating_add(length);
            let (_, tail) = core::mem::take(&mut rest)
                .split_at_mut_checked(skip)
                .unwrap_or_default();
            let (column, tail) = tail.split_at_mut_checked(length).unwrap_or_default();
            rest = tail;
            column
        })
    }
}

/// Weights above the consensus come down to it; where the consensus is 0 they are dropped. Explicit zeros stay.
pub fn clip(weights: &[Row], consensus: &[I32F32]) -> Vec<Row> {
    let clip_entry = |&(column, weight): &(u16, I32F32)| {
        let limit = consensus.get(usize::from(column)).copied().unwrap_or(ZERO);
        match weight > limit {
            false => Some((column, weight)),
            true => (limit > ZERO).then_some((column, limit)),
        }
    };
    weights
        .iter()
        .map(|row| row.iter().filter_map(clip_entry).collect())
        .collect()
}
