//! One epoch of a subnet: reads what crate `yuma` needs, writes what it yields.

use crate::rules::Rules;
use crate::types::{mechanism_index, NetUid, NetUidIndex, ROOT};
use crate::{
    refuse, schedule, voting_power, Active, ActivityCutoff, ActivityCutoffFactorMilli,
    AlphaSigmoidSteepness, AlphaValues, BlockAtRegistration, Bonds, BondsMovingAverage,
    BondsPenalty, ChildKeys, CommitRevealWeightsEnabled, Config, Consensus, Dividends, Emission,
    Event, Incentive, Kappa, Keys, LastMechansimStepBlock, LastUpdate, LiquidAlphaOn,
    MaxAllowedValidators, MechanismCountCurrent, MechanismEmissionSplit, Pallet, ParentKeys,
    PruningScores, Rank, RevealPeriodEpochs, StakeThreshold, StakeWeight, SubnetOwnerHotkey,
    SubnetworkN, TaoWeight, Tempo, TimelockedWeightCommits, TotalHotkeyAlpha, Trust, Uids,
    ValidatorPermit, ValidatorTrust, WeightCommits, Weights, Yuma3On,
};
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;
use frame_support::storage::unhashed;
use sp_runtime::{AccountId32, SaturatedConversion};
use substrate_fixed::types::I64F64;
use yuma::{commits, EpochInput, EpochOutput, LiquidAlpha, Mechanism, Params, RaoSplit};

/// What an epoch grants a hotkey, 48 bytes. Server amounts are paid as they are; validator amounts are proportions.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochReward {
    pub hotkey: [u8; 32],
    /// Rao as a miner.
    pub server_emission: u64,
    /// Rao as a validator.
    pub validator_emission: u64,
}

/// Stake weights of the uids 0 to n − 1 before the threshold filter, rao: (total, alpha, root TAO).
///
/// A hook: tools find it by its symbol and change `total`, which is all the epoch takes.
#[cfg_attr(feature = "terms", inline(always))]
#[cfg_attr(not(feature = "terms"), inline(never))]
pub fn get_stake_weights_for_network<T: Config>(
    netuid: u16,
) -> (Vec<I64F64>, Vec<I64F64>, Vec<I64F64>) {
    let tao_weight = TaoWeight::<T>::get();
    let (mut total, mut alpha, mut tao) = (Vec::new(), Vec::new(), Vec::new());
    for uid in 0..SubnetworkN::<T>::get(netuid) {
        let (own, root) = Keys::<T>::try_get(netuid, uid)
            .map_or((0, 0), |hotkey| inherited::<T>(netuid, &hotkey));
        total.push(yuma::stake::total(own, root, tao_weight));
        alpha.push(I64F64::saturating_from_num(own));
        tao.push(I64F64::saturating_from_num(root));
    }
    (total, alpha, tao)
}

/// Alpha and root TAO of a hotkey, less what children carry for it, plus what it carries for parents. The family of the
/// subnet holds for root stake too.
fn inherited<T: Config>(netuid: NetUid, hotkey: &AccountId32) -> (u64, u64) {
    let children = ChildKeys::<T>::get(hotkey, netuid);
    let parents = ParentKeys::<T>::get(hotkey, netuid);
    let on = |network: NetUid| {
        yuma::stake::inherited(
            TotalHotkeyAlpha::<T>::get(hotkey, network),
            children.iter().map(|(proportion, _)| *proportion),
            parents.iter().map(|(proportion, parent)| {
                (TotalHotkeyAlpha::<T>::get(parent, network), *proportion)
            }),
        )
    };
    (on(netuid), on(ROOT))
}

/// Runs the epoch of a subnet over `rao` of alpha, stores its outputs and returns each registered hotkey's part in uid order.
///
/// A hook: tools find it by its symbol and change the rows; the payout uses nothing else.
#[cfg_attr(feature = "terms", inline(always))]
#[cfg_attr(not(feature = "terms"), inline(never))]
pub fn epoch<T: Config>(netuid: u16, rao: u64) -> Vec<EpochReward> {
    refuse::foreign_indices::<T>(netuid);
    let split = MechanismEmissionSplit::<T>::get(netuid);
    let parts = yuma::split_mechanisms(
        rao,
        MechanismCountCurrent::<T>::get(netuid),
        split.as_deref(),
    );
    let Outcomes {
        block,
        hotkeys,
        results,
    } = run_mechanisms::<T>(netuid, parts);
    let mechanisms: Vec<Mechanism> = results
        .iter()
        .map(|(rao, output, emission)| Mechanism {
            rao: *rao,
            output,
            emission,
        })
        .collect();
    let joined = yuma::aggregate(rao, &mechanisms);
    Active::<T>::insert(netuid, joined.active);
    Emission::<T>::insert(netuid, joined.emission);
    Consensus::<T>::insert(netuid, joined.consensus);
    Dividends::<T>::insert(netuid, joined.dividends);
    ValidatorTrust::<T>::insert(netuid, joined.validator_trust);
    ValidatorPermit::<T>::insert(netuid, &joined.validator_permit);
    StakeWeight::<T>::insert(netuid, joined.stake_weight);
    if let Some(scores) = joined.legacy {
        Rank::<T>::insert(netuid, scores.rank);
        Trust::<T>::insert(netuid, scores.trust);
        PruningScores::<T>::insert(netuid, scores.pruning_scores);
    }

    let hotkeys = || hotkeys.iter().flatten();
    let stakes = joined
        .stake_term
        .iter()
        .copied()
        .zip(joined.validator_permit.iter().copied());
    voting_power::update::<T>(netuid, block, hotkeys().zip(stakes));
    hotkeys()
        .zip(joined.server)
        .zip(joined.validator)
        .map(
            |((hotkey, server_emission), validator_emission)| EpochReward {
                hotkey: hotkey.clone().into(),
                server_emission,
                validator_emission,
            },
        )
        .collect()
}

/// What the mechanisms of an epoch yielded.
pub(crate) struct Outcomes {
    pub block: u64,
    /// By uid.
    pub hotkeys: Vec<Option<AccountId32>>,
    /// Each mechanism's rao, outputs and amounts.
    pub results: Vec<(u64, EpochOutput, RaoSplit)>,
}

#[cfg(feature = "terms")]
use crate::terms::run_mechanisms;

/// Runs a mechanism for each part of the rao.
#[cfg(not(feature = "terms"))]
#[inline(always)]
fn run_mechanisms<T: Config>(netuid: NetUid, parts: Vec<u64>) -> Outcomes {
    let subnet = Subnet::read::<T>(netuid);
    let mut results = Vec::new();
    for (mechanism, part) in (0u8..).zip(parts) {
        let (output, emission) = subnet.run::<T>(mechanism, part, yuma::normalise_stake);
        results.push((part, output, emission));
    }
    Outcomes {
        block: subnet.block,
        hotkeys: subnet.hotkeys,
        results,
    }
}

/// Hotkeys by uid. Longer than `SubnetworkN` if there are keys of uids that do not take part: those get outputs of 0.
pub(crate) fn hotkeys<T: Config>(netuid: NetUid) -> Vec<Option<AccountId32>> {
    let mut hotkeys = vec![None; usize::from(SubnetworkN::<T>::get(netuid))];
    for (uid, hotkey) in Keys::<T>::iter_prefix(netuid) {
        let uid = usize::from(uid);
        if hotkeys.len() <= uid {
            hotkeys.resize(uid.saturating_add(1), None);
        }
        if let Some(slot) = hotkeys.get_mut(uid) {
            *slot = Some(hotkey);
        }
    }
    hotkeys
}

/// What all mechanisms of a subnet share; vectors are by uid.
pub(crate) struct Subnet {
    rules: Rules,
    netuid: NetUid,
    block: u64,
    /// `SubnetworkN`: the uids that take part.
    uids: u16,
    /// See [`hotkeys`].
    hotkeys: Vec<Option<AccountId32>>,
    total_stake: Vec<I64F64>,
    owner_uid: Option<u16>,
    validator_permit: Vec<bool>,
    block_at_registration: Vec<u64>,
    params: Params,
    commit_reveal: bool,
}

impl Subnet {
    // The hook of the stake weights must be called by the epoch's own function.
    #[inline(always)]
    pub(crate) fn read<T: Config>(netuid: NetUid) -> Self {
        let rules = Rules::current::<T>();
        let block = frame_system::Pallet::<T>::block_number().saturated_into::<u64>();
        let uids = SubnetworkN::<T>::get(netuid);
        let hotkeys = hotkeys::<T>(netuid);
        let block_at_registration = (0..uids)
            .zip(&hotkeys)
            .map(|(uid, hotkey)| {
                hotkey
                    .as_ref()
                    .map_or(0, |_| BlockAtRegistration::<T>::get(netuid, uid))
            })
            .collect();
        let (total_stake, _, _) = get_stake_weights_for_network::<T>(netuid);
        Self {
            rules,
            netuid,
            block,
            uids,
            hotkeys,
            total_stake,
            owner_uid: SubnetOwnerHotkey::<T>::try_get(netuid)
                .ok()
                .and_then(|hotkey| Uids::<T>::get(netuid, hotkey)),
            validator_permit: ValidatorPermit::<T>::get(netuid),
            block_at_registration,
            params: params::<T>(rules, netuid, block),
            commit_reveal: CommitRevealWeightsEnabled::<T>::get(netuid),
        }
    }

    /// Runs one mechanism over its part of the rao and stores what is kept per mechanism.
    // The twin's hook must be called by the hook's own function.
    #[cfg_attr(feature = "terms", inline(always))]
    pub(crate) fn run<T: Config>(
        &self,
        mechanism: u8,
        rao: u64,
        normalise_stake: impl FnOnce(&mut [I64F64]),
    ) -> (EpochOutput, RaoSplit) {
        let index = mechanism_index(self.netuid, mechanism);
        let rows = |key: fn(NetUidIndex, u16) -> Vec<u8>| {
            (0..self.uids)
                .map(|uid| read_row(&key(index, uid)))
                .collect()
        };
        let weights: Vec<_> = rows(Weights::<T>::hashed_key_for);
        let bonds: Vec<_> = rows(Bonds::<T>::hashed_key_for);
        let commit_blocks = self.commit_reveal.then(|| self.commit_blocks::<T>(index));
        let last_update = LastUpdate::<T>::get(index);
        let input = EpochInput {
            uids: self.uids,
            block: self.block,
            total_stake: &self.total_stake,
            owner_uid: self.owner_uid,
            validator_permit: &self.validator_permit,
            last_update: &last_update,
            block_at_registration: &self.block_at_registration,
            weights: &weights,
            bonds: &bonds,
            commit_blocks: commit_blocks.as_deref(),
            params: self.params,
            rules: self.rules.epoch(),
        };
        let mut output = yuma::epoch_normalised_by(&input, normalise_stake);
        let mut emission = yuma::emission(&output, rao);
        let cutoff = self.params.activity_cutoff_blocks;
        let beyond = last_update.iter().skip(usize::from(self.uids));
        output
            .active
            .extend(beyond.map(|updated| updated.saturating_add(cutoff) >= self.block));
        let has_key: Vec<bool> = self.hotkeys.iter().map(Option::is_some).collect();
        output.keep_keyed(&has_key);
        emission.keep_keyed(&has_key);

        Incentive::<T>::insert(index, &output.incentive);
        Pallet::<T>::deposit_event(Event::IncentiveAlphaEmittedToMiners {
            netuid: index,
            emissions: emission.server.clone(),
        });
        for (position, row) in (0u16..).zip(&output.bonds) {
            write_row(&Bonds::<T>::hashed_key_for(index, position), row);
        }
        (output, emission)
    }

    /// Block of each uid's earliest commit that is still valid, `u64::MAX` without one.
    fn commit_blocks<T: Config>(&self, index: NetUidIndex) -> Vec<u64> {
        let current = schedule::current_epoch::<T>(self.rules, self.netuid, self.block);
        // Before spec 423 a commit expires by its block, not by an epoch that it carries.
        let epoch_of = |epoch: u64, block: u64| match self.rules.counts_blocks() {
            true => schedule::epoch_of_block::<T>(self.netuid, block),
            false => epoch,
        };
        let period = RevealPeriodEpochs::<T>::get(self.netuid);
        let mut earliest: BTreeMap<AccountId32, u64> = BTreeMap::new();
        let mut consider = |account: AccountId32, block: u64| {
            let entry = earliest.entry(account).or_insert(u64::MAX);
            *entry = block.min(*entry);
        };
        for (account, queue) in WeightCommits::<T>::iter_prefix(index) {
            let queue = queue.into_iter().map(|(_, first, second, _)| {
                let block = if self.rules.counts_blocks() {
                    first
                } else {
                    second
                };
                (epoch_of(first, block), block)
            });
            consider(account, commits::first_in_queue(queue, current, period));
        }
        for (epoch, queue) in TimelockedWeightCommits::<T>::iter_prefix(index) {
            for (account, block, _, _) in queue {
                consider(
                    account,
                    commits::earliest_timelocked(
                        [(epoch_of(epoch, block), block)],
                        current,
                        period,
                    ),
                );
            }
        }
        let of = |hotkey: &Option<AccountId32>| {
            hotkey
                .as_ref()
                .and_then(|hotkey| earliest.get(hotkey))
                .copied()
        };
        self.hotkeys
            .iter()
            .map(|hotkey| of(hotkey).unwrap_or(u64::MAX))
            .collect()
    }
}

/// A row of weights or bonds. An entry's two u16 are the bytes of a u32, and a list of those is decoded at once, not entry by entry.
fn read_row(key: &[u8]) -> Vec<(u16, u16)> {
    let entries: Vec<u32> = unhashed::get_or_default(key);
    entries
        .into_iter()
        .map(|entry| (entry as u16, (entry >> 16) as u16))
        .collect()
}

/// As [`read_row`] reads it.
fn write_row(key: &[u8], row: &[(u16, u16)]) {
    let entries: Vec<u32> = row
        .iter()
        .map(|&(column, value)| (u32::from(value) << 16) | u32::from(column))
        .collect();
    unhashed::put(key, &entries);
}

fn params<T: Config>(rules: Rules, netuid: NetUid, block: u64) -> Params {
    let tempo = Tempo::<T>::get(netuid);
    let (low, high) = AlphaValues::<T>::get(netuid);
    let (activity_cutoff_blocks, last_step) = if rules.counts_blocks() {
        (ActivityCutoff::<T>::get(netuid).into(), 0)
    } else {
        let part = u64::from(ActivityCutoffFactorMilli::<T>::get(netuid))
            .saturating_mul(tempo.into())
            .saturating_div(1_000);
        (part.max(1), LastMechansimStepBlock::<T>::get(netuid))
    };
    Params {
        stake_threshold: StakeThreshold::<T>::get(),
        activity_cutoff_blocks,
        last_tempo_block: yuma::last_tempo_block(last_step, block, tempo),
        max_allowed_validators: MaxAllowedValidators::<T>::get(netuid),
        kappa: Kappa::<T>::get(netuid),
        bonds_penalty: BondsPenalty::<T>::get(netuid),
        bonds_moving_average: BondsMovingAverage::<T>::get(netuid),
        yuma3: Yuma3On::<T>::get(netuid),
        liquid_alpha: LiquidAlphaOn::<T>::get(netuid).then(|| LiquidAlpha {
            low,
            high,
            steepness: AlphaSigmoidSteepness::<T>::get(netuid),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emission::mock::{on_empty_state, Test};

    #[test]
    fn rows_are_stored_as_the_list_of_their_entries() {
        let long = (0..2_000).map(|at| (at, u16::MAX - at)).collect();
        for row in [
            vec![],
            vec![(0x0102, 0x0304)],
            vec![(65_535, 0), (0, 65_535), (7, 7)],
            long,
        ] {
            on_empty_state(|| {
                let key = Bonds::<Test>::hashed_key_for(3, 5);
                write_row(&key, &row);
                assert_eq!(Bonds::<Test>::get(3, 5), row);
                Bonds::<Test>::remove(3, 5);
                assert_eq!(read_row(&key), vec![], "none is as an empty one");
                Bonds::<Test>::insert(3, 5, &row);
                assert_eq!(read_row(&key), row);
            });
        }
    }

    #[test]
    fn a_row_that_was_cut_short_is_as_none() {
        on_empty_state(|| {
            let key = Bonds::<Test>::hashed_key_for(3, 5);
            unhashed::put_raw(&key, &[2 << 2, 1, 0, 2, 0, 3, 0, 4]);
            assert_eq!(Bonds::<Test>::get(3, 5), vec![]);
            assert_eq!(read_row(&key), vec![]);
        });
    }
}
