//! What one epoch of one mechanism reads.

use alloc::vec::Vec;
use substrate_fixed::types::I64F64;

/// State of one mechanism of one subnet at the epoch's block. Slices are indexed by uid and may be shorter or longer than
/// `uids`: what is missing reads as 0, false or an empty row (see each field), what is beyond is ignored.
#[derive(Clone, Copy, Debug)]
pub struct EpochInput<'a> {
    /// n, the number of uids (`SubnetworkN`).
    pub uids: u16,
    /// The block the epoch runs in.
    pub block: u64,
    /// Stake of each uid in rao: inherited alpha plus weighted inherited root stake (see [`crate::stake::total`]), *before* the
    /// threshold filter. 0 for a uid without a key.
    pub total_stake: &'a [I64F64],
    /// uid of `SubnetOwnerHotkey`, `None` unless that item exists and the hotkey is registered.
    pub owner_uid: Option<u16>,
    /// `ValidatorPermit` as stored, from the last epoch. Completely empty: stake is not masked by it, every weight row is.
    /// Shorter than n: the missing positions are masked.
    pub validator_permit: &'a [bool],
    /// `LastUpdate` of this mechanism, blocks. Missing: 0.
    pub last_update: &'a [u64],
    /// `BlockAtRegistration`, blocks; 0 for a uid without a key. Missing: 0.
    pub block_at_registration: &'a [u64],
    /// `Weights` rows of this mechanism in stored order, (target uid, weight). Missing: empty.
    pub weights: &'a [Vec<(u16, u16)>],
    /// `Bonds` rows of this mechanism in stored order, (target uid, bond). Missing: empty.
    pub bonds: &'a [Vec<(u16, u16)>],
    /// With commit-reveal on: the block of each uid's earliest still valid commit, `u64::MAX` without one (also when missing);
    /// see [`crate::commits`]. `None` with commit-reveal off.
    pub commit_blocks: Option<&'a [u64]>,
    /// Hyperparameters of the subnet.
    pub params: Params,
    /// Which rules of the runtime version apply.
    pub rules: Rules,
}

/// Hyperparameters of a subnet, as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Params {
    /// `StakeThreshold`, rao: a smaller stake counts as 0.
    pub stake_threshold: u64,
    /// Blocks without a weight update after which a uid is inactive.
    /// Since spec 423 `max(1, ActivityCutoffFactorMilli * Tempo / 1000)`, before it `ActivityCutoff`.
    pub activity_cutoff_blocks: u64,
    /// First block counted as "after the last epoch": bonds to uids registered at it or later are dropped. See [`last_tempo_block`].
    pub last_tempo_block: u64,
    /// `MaxAllowedValidators`: how many uids get a permit.
    pub max_allowed_validators: u16,
    /// `Kappa`, parts of 65535.
    pub kappa: u16,
    /// `BondsPenalty`, parts of 65535.
    pub bonds_penalty: u16,
    /// `BondsMovingAverage`, millionths: weight of the old bond. Above 1,000,000 the new bond's weight is negative.
    pub bonds_moving_average: u64,
    /// `Yuma3On`.
    pub yuma3: bool,
    /// `LiquidAlphaOn` with its parameters; acts only together with `yuma3`.
    pub liquid_alpha: Option<LiquidAlpha>,
}

/// Parameters of the liquid alpha.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiquidAlpha {
    /// `AlphaValues.0`, parts of 65535.
    pub low: u16,
    /// `AlphaValues.1`, parts of 65535.
    pub high: u16,
    /// `AlphaSigmoidSteepness`, hundredths.
    pub steepness: i16,
}

/// Rules that differ between runtime versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The owner uid keeps its stake below the threshold (spec 401 on).
    pub owner_stake_exempt: bool,
    /// The owner uid always holds a permit, old and new (spec 401 on).
    pub owner_permit: bool,
    /// Also compute Rank, Trust and PruningScores (stored up to spec 362).
    pub legacy_scores: bool,
}

impl Rules {
    /// The rules of a runtime's spec version.
    pub fn of_spec(spec_version: u32) -> Self {
        let owner = spec_version >= 401;
        Self {
            owner_stake_exempt: owner,
            owner_permit: owner,
            legacy_scores: spec_version <= 362,
        }
    }
}

/// [`Params::last_tempo_block`] since spec 423: the block after `LastMechansimStepBlock`, or `block - tempo` if that item is 0.
/// Before 423 it was always `block - tempo` (pass 0). Saturating.
pub fn last_tempo_block(last_mechanism_step_block: u64, block: u64, tempo: u16) -> u64 {
    match last_mechanism_step_block {
        0 => block.saturating_sub(u64::from(tempo)),
        step => step.saturating_add(1),
    }
}
