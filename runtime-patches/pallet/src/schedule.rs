//! When an epoch fires, and the upkeep of time-locked weights that depends on it.

use crate::rules::Rules;
use crate::types::{mechanism_index, NetUid};
use crate::{
    refuse, BlocksSinceLastStep, Config, Event, Keys, LastEpochBlock, LastMechansimStepBlock,
    MaxEpochsPerBlock, MechanismCountCurrent, Pallet, PendingEmission, PendingEpochAt,
    PendingOwnerCut, PendingRootAlphaDivs, PendingServerEmission, PendingValidatorEmission,
    RevealPeriodEpochs, SubnetEpochIndex, Tempo, TimelockedWeightCommits,
};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

/// A subnet that has not run for this long is due whatever its last epoch's block says.
const MAX_BLOCKS_WITHOUT_EPOCH: u64 = 50_400;

/// The pending amounts of a drained subnet, rao of alpha.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pending {
    pub server: u64,
    pub validator: u64,
    pub root: u64,
    pub owner: u64,
}

impl Pending {
    /// What the epoch divides.
    pub fn epoch_rao(&self) -> u64 {
        self.server
            .saturating_add(self.validator)
            .saturating_add(self.root)
    }
}

/// Whether a slot is due, with `BlocksSinceLastStep` as stored. Tempo 0 is never due. Before spec 423 it was in the blocks in which
/// block + netuid + 1 leaves the remainder tempo when divided by tempo + 1.
pub fn is_due<T: Config>(rules: Rules, netuid: NetUid, block: u64) -> bool {
    let tempo = u64::from(Tempo::<T>::get(netuid));
    if rules.counts_blocks() {
        let shifted = block.saturating_add(u64::from(netuid)).saturating_add(1);
        return tempo != 0 && shifted.checked_rem(tempo.saturating_add(1)) == Some(tempo);
    }
    let triggered = PendingEpochAt::<T>::get(netuid);
    tempo != 0
        && ((triggered > 0 && block >= triggered)
            || BlocksSinceLastStep::<T>::get(netuid) > MAX_BLOCKS_WITHOUT_EPOCH
            || block.saturating_sub(LastEpochBlock::<T>::get(netuid)) >= tempo)
}

/// The epoch number commits are compared with: the slot that is due but not yet consumed counts.
pub fn current_epoch<T: Config>(rules: Rules, netuid: NetUid, block: u64) -> u64 {
    if rules.counts_blocks() {
        return epoch_of_block::<T>(netuid, block);
    }
    let due = is_due::<T>(rules, netuid, block);
    SubnetEpochIndex::<T>::get(netuid).saturating_add(u64::from(due))
}

/// Epoch of a block before spec 423.
pub fn epoch_of_block<T: Config>(netuid: NetUid, block: u64) -> u64 {
    yuma::commits::epoch_of_block(block, netuid, Tempo::<T>::get(netuid))
}

/// Deletes the expired time-locked weights of every subnet whose epoch will not be deferred in this block. Commits whose
/// time has come stay while the chain has no drand pulse for them; with a pulse the state is refused.
pub fn reveal<T: Config>(rules: Rules, subnets: &[NetUid], block: u64) {
    let cap = usize::from(MaxEpochsPerBlock::<T>::get());
    let due: BTreeSet<NetUid> = subnets
        .iter()
        .copied()
        .filter(|netuid| !rules.counts_blocks() && is_due::<T>(rules, *netuid, block))
        .collect();
    let mut epochs = 0usize;
    // All hotkeys of a subnet are read to see whether its epoch counts: only where the cap may be reached.
    for &netuid in subnets {
        if due.len() > cap && due.contains(&netuid) {
            if epochs >= cap {
                continue;
            }
            if is_consistent::<T>(netuid) {
                epochs = epochs.saturating_add(1);
            }
        }
        let current = current_epoch::<T>(rules, netuid, block);
        let period = RevealPeriodEpochs::<T>::get(netuid);
        let target = current.saturating_sub(period);
        for mechanism in 0..MechanismCountCurrent::<T>::get(netuid) {
            let index = mechanism_index(netuid, mechanism);
            let expired: Vec<u64> = TimelockedWeightCommits::<T>::iter_key_prefix(index)
                .filter(|epoch| *epoch < target)
                .collect();
            for epoch in expired {
                TimelockedWeightCommits::<T>::remove(index, epoch);
            }
            if current >= period {
                let queue = TimelockedWeightCommits::<T>::get(index, target);
                refuse::reveal(netuid, &queue);
                // The chain takes the queue and stores back what stays: an empty one does not come back.
                if queue.is_empty() {
                    TimelockedWeightCommits::<T>::remove(index, target);
                }
            }
        }
    }
}

/// Decides for every subnet, in the order given, whether its epoch fires, and takes the pending amounts of those that do.
pub fn drain<T: Config>(rules: Rules, subnets: &[NetUid], block: u64) -> BTreeMap<NetUid, Pending> {
    let cap = usize::from(MaxEpochsPerBlock::<T>::get());
    let mut drained = BTreeMap::new();
    for &netuid in subnets {
        BlocksSinceLastStep::<T>::mutate(netuid, |blocks| *blocks = blocks.saturating_add(1));
        if !is_due::<T>(rules, netuid, block) {
            continue;
        }
        if rules.counts_blocks() {
            if is_consistent::<T>(netuid) {
                BlocksSinceLastStep::<T>::insert(netuid, 0);
                LastMechansimStepBlock::<T>::insert(netuid, block);
                drained.insert(netuid, take_pending::<T>(rules, netuid));
            }
            continue;
        }
        if drained.len() >= cap {
            let to_block = block.saturating_add(1);
            PendingEpochAt::<T>::insert(netuid, to_block);
            Pallet::<T>::deposit_event(Event::EpochDeferred {
                netuid,
                from_block: block,
                to_block,
            });
            continue;
        }
        if is_consistent::<T>(netuid) {
            BlocksSinceLastStep::<T>::insert(netuid, 0);
            drained.insert(netuid, take_pending::<T>(rules, netuid));
            if rules.conviction_rules() {
                refuse::ownership_change::<T>(netuid, block);
            }
        } else {
            Pallet::<T>::deposit_event(Event::EpochSkipped { netuid, block });
        }
        LastEpochBlock::<T>::insert(netuid, block);
        PendingEpochAt::<T>::insert(netuid, 0);
        SubnetEpochIndex::<T>::mutate(netuid, |index| *index = index.saturating_add(1));
    }
    drained
}

/// No two uids have the same hotkey.
fn is_consistent<T: Config>(netuid: NetUid) -> bool {
    let mut seen = BTreeSet::new();
    Keys::<T>::iter_prefix_values(netuid).all(|hotkey| seen.insert(hotkey))
}

/// Reads the pending amounts and sets them to 0; the keys stay.
fn take_pending<T: Config>(rules: Rules, netuid: NetUid) -> Pending {
    let root = PendingRootAlphaDivs::<T>::get(netuid);
    let owner = PendingOwnerCut::<T>::get(netuid);
    let (server, validator) = if rules.alpha_waits_together() {
        let both = PendingEmission::<T>::get(netuid);
        PendingEmission::<T>::insert(netuid, 0);
        halves(both, root)
    } else {
        let apart = (
            PendingServerEmission::<T>::get(netuid),
            PendingValidatorEmission::<T>::get(netuid),
        );
        PendingServerEmission::<T>::insert(netuid, 0);
        PendingValidatorEmission::<T>::insert(netuid, 0);
        apart
    };
    PendingRootAlphaDivs::<T>::insert(netuid, 0);
    PendingOwnerCut::<T>::insert(netuid, 0);
    Pending {
        server,
        validator,
        root,
        owner,
    }
}

/// Miners' and validators' parts of what waited together: validators get half of the whole, root's part included, less that part.
fn halves(both: u64, root: u64) -> (u64, u64) {
    let half = both.saturating_add(root) / 2;
    let validator = half.saturating_sub(root).min(both);
    (both.saturating_sub(validator), validator)
}
