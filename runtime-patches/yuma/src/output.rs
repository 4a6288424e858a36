//! What one epoch of one mechanism yields.

use alloc::vec::Vec;
use substrate_fixed::types::I32F32;

/// Result of [`crate::epoch`], every vector of length n and indexed by uid.
///
/// The runtime stores these vectors *positionally over existing keys*: with a gap in `Keys` later uids shift down, the storage key
/// of bond rows included. Call [`EpochOutput::keep_keyed`] before storing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EpochOutput {
    /// `Active`: weights updated within the cutoff, whatever the permit.
    pub active: Vec<bool>,
    /// `StakeWeight`, parts of 65535 of the filtered stake.
    pub stake_weight: Vec<u16>,
    /// `Consensus`, parts of 65535.
    pub consensus: Vec<u16>,
    /// `Incentive` of this mechanism, parts of 65535.
    pub incentive: Vec<u16>,
    /// `Dividends`, parts of 65535.
    pub dividends: Vec<u16>,
    /// `ValidatorTrust`, parts of 65535.
    pub validator_trust: Vec<u16>,
    /// `ValidatorPermit`, new.
    pub validator_permit: Vec<bool>,
    /// `Bonds` rows to store; empty without a new permit.
    pub bonds: Vec<Vec<(u16, u16)>>,
    /// Stake in whole rao before the threshold filter: what voting power follows.
    pub stake_term: Vec<u64>,
    /// The same results before quantisation.
    pub shares: Shares,
    /// Present if [`crate::Rules::legacy_scores`].
    pub legacy: Option<LegacyScores>,
}

/// Shares of each uid, unquantised, 32 fraction bits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shares {
    /// Normalised stake after the threshold filter, masks not applied.
    pub stake: Vec<I32F32>,
    /// Normalised stake of active uids with an old permit.
    pub active_stake: Vec<I32F32>,
    /// Stake-weighted median of the weights of each uid.
    pub consensus: Vec<I32F32>,
    /// I: sums to 1 over miners, or 0.
    pub incentive: Vec<I32F32>,
    /// D: sums to 1 over validators, or 0.
    pub dividends: Vec<I32F32>,
    /// Row sums of the clipped weights.
    pub validator_trust: Vec<I32F32>,
    /// Share of the epoch's rao as a miner (nS).
    pub server_emission: Vec<I32F32>,
    /// Share of the epoch's rao as a validator (nV).
    pub validator_emission: Vec<I32F32>,
    /// Share of the epoch's rao in both roles (nC).
    pub combined_emission: Vec<I32F32>,
}

/// Vectors stored up to spec 362, parts of 65535.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LegacyScores {
    /// `Rank`, equal to the incentive.
    pub rank: Vec<u16>,
    /// `Trust`: rank after clipping over rank before it.
    pub trust: Vec<u16>,
    /// `PruningScores`: combined emission scaled to a maximum of 65535.
    pub pruning_scores: Vec<u16>,
}

/// Whole rao of each uid, indexed as the output it was made from. Floored: the sum never exceeds the epoch's rao.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RaoSplit {
    /// Incentive of miners.
    pub server: Vec<u64>,
    /// Dividends of validators: *proportions* of what is finally paid.
    pub validator: Vec<u64>,
    /// `Emission`: recorded, not paid.
    pub combined: Vec<u64>,
}

impl EpochOutput {
    /// Drops the uids for which `has_key` is false (or missing), so that position k belongs to the k-th existing uid. A key beyond n
    /// has zeros.
    pub fn keep_keyed(&mut self, has_key: &[bool]) {
        let Self {
            active,
            stake_weight,
            consensus,
            incentive,
            dividends,
            validator_trust,
            validator_permit,
            bonds,
            stake_term,
            shares,
            legacy,
        } = self;
        keep(active, has_key);
        keep(stake_weight, has_key);
        keep(consensus, has_key);
        keep(incentive, has_key);
        keep(dividends, has_key);
        keep(validator_trust, has_key);
        keep(validator_permit, has_key);
        keep(bonds, has_key);
        keep(stake_term, has_key);
        shares.keep_keyed(has_key);
        if let Some(LegacyScores {
            rank,
            trust,
            pruning_scores,
        }) = legacy
        {
            keep(rank, has_key);
            keep(trust, has_key);
            keep(pruning_scores, has_key);
        }
    }
}

impl Shares {
    fn keep_keyed(&mut self, has_key: &[bool]) {
        let Self {
            stake,
            active_stake,
            consensus,
            incentive,
            dividends,
            validator_trust,
            server_emission,
            validator_emission,
            combined_emission,
        } = self;
        for shares in [
            stake,
            active_stake,
            consensus,
            incentive,
            dividends,
            validator_trust,
            server_emission,
            validator_emission,
            combined_emission,
        ] {
            keep(shares, has_key);
        }
    }
}

impl RaoSplit {
    /// As [`EpochOutput::keep_keyed`].
    pub fn keep_keyed(&mut self, has_key: &[bool]) {
        keep(&mut self.server, has_key);
        keep(&mut self.validator, has_key);
        keep(&mut self.combined, has_key);
    }
}

fn keep<T: Clone + Default>(values: &mut Vec<T>, has_key: &[bool]) {
    values.resize(has_key.len(), T::default());
    let mut keyed = has_key.iter();
    values.retain(|_| keyed.next().copied().unwrap_or(false));
}
