//! A subnet as owned data, with defaults under which nothing is masked.

use yuma::substrate_fixed::types::I64F64;
use yuma::{emission, epoch, EpochInput, EpochOutput, LiquidAlpha, Params, RaoSplit, Rules};

pub type Rows = Vec<Vec<(u16, u16)>>;

#[derive(Clone, Debug)]
pub struct Subnet {
    pub uids: u16,
    pub block: u64,
    pub stake: Vec<I64F64>,
    pub owner_uid: Option<u16>,
    pub permits: Vec<bool>,
    pub last_update: Vec<u64>,
    pub registered: Vec<u64>,
    pub weights: Rows,
    pub bonds: Rows,
    pub commits: Option<Vec<u64>>,
    pub params: Params,
    pub rules: Rules,
}

/// Block of the epoch; everybody updated at it, registered at 0, and the last epoch was at block 1.
pub const NOW: u64 = 1000;

impl Subnet {
    /// Yuma2 over whole rao; uids with stake have a permit, the rows start empty.
    pub fn new(stake: &[u64]) -> Self {
        let n = stake.len();
        Self {
            uids: n as u16,
            block: NOW,
            stake: stake.iter().map(|&rao| I64F64::from_num(rao)).collect(),
            owner_uid: None,
            permits: stake.iter().map(|&rao| rao > 0).collect(),
            last_update: vec![NOW; n],
            registered: vec![0; n],
            weights: vec![vec![]; n],
            bonds: vec![vec![]; n],
            commits: None,
            params: Params {
                stake_threshold: 0,
                activity_cutoff_blocks: 500,
                last_tempo_block: 2,
                max_allowed_validators: 128,
                kappa: 32_767,
                bonds_penalty: 65_535,
                bonds_moving_average: 900_000,
                yuma3: false,
                liquid_alpha: None,
            },
            rules: Rules::of_spec(425),
        }
    }

    /// Yuma3 with liquid alpha.
    pub fn liquid(stake: &[u64], low: u16, high: u16, steepness: i16) -> Self {
        let mut subnet = Self::new(stake);
        subnet.params.yuma3 = true;
        subnet.params.liquid_alpha = Some(LiquidAlpha {
            low,
            high,
            steepness,
        });
        subnet
    }

    pub fn weights(mut self, rows: &[(usize, &[(u16, u16)])]) -> Self {
        for (uid, row) in rows {
            self.weights[*uid] = row.to_vec();
        }
        self
    }

    pub fn bonds(mut self, rows: &[(usize, &[(u16, u16)])]) -> Self {
        for (uid, row) in rows {
            self.bonds[*uid] = row.to_vec();
        }
        self
    }

    pub fn input(&self) -> EpochInput<'_> {
        EpochInput {
            uids: self.uids,
            block: self.block,
            total_stake: &self.stake,
            owner_uid: self.owner_uid,
            validator_permit: &self.permits,
            last_update: &self.last_update,
            block_at_registration: &self.registered,
            weights: &self.weights,
            bonds: &self.bonds,
            commit_blocks: self.commits.as_deref(),
            params: self.params,
            rules: self.rules,
        }
    }

    pub fn run(&self) -> EpochOutput {
        epoch(&self.input())
    }

    pub fn pay(&self, rao: u64) -> (EpochOutput, RaoSplit) {
        let output = self.run();
        let amounts = emission(&output, rao);
        (output, amounts)
    }
}
