//! States in which a branch that this pallet does not compute would act.
//!
//! A hook cannot return an error, and a number computed without that branch would be wrong in silence: so the call fails
//! with a message that names the item.

use crate::types::{LockState, NetUid, NetUidIndex};
use crate::{
    Config, DecayingHotkeyLock, DecayingOwnerLock, HotkeyLock, NetworkRegisteredAt,
    OwnerCutAutoLockEnabled, OwnerLock, SubnetAlphaOut, SubnetLeases, SubnetUidToLeaseId,
    TimelockedWeightCommits,
};
use codec::Encode;
use frame_support::{Blake2_128Concat, StorageHasher, Twox128};
use substrate_fixed::types::U64F64;

/// Blocks after registration before conviction can change a subnet's owner.
const OWNERSHIP_GRACE_BLOCKS: u64 = 2_629_800;

pub fn refuse(netuid: NetUid, item: &str, why: &str) -> ! {
    panic!("unsupported state: subnet {netuid}, SubtensorModule.{item}: {why}");
}

/// A queue of time-locked weights whose round has a pulse would be decrypted and set in this block.
pub fn reveal<T: Config>(netuid: NetUid, index: NetUidIndex, epoch: u64) {
    for (_, _, _, round) in TimelockedWeightCommits::<T>::get(index, epoch) {
        let mut pulse = [Twox128::hash(b"Drand"), Twox128::hash(b"Pulses")].concat();
        pulse.extend(Blake2_128Concat::hash(&round.encode()));
        if sp_io::storage::exists(&pulse) {
            refuse(
                netuid,
                "TimelockedWeightCommits",
                "weights would be revealed; write their Weights rows and remove the queue",
            );
        }
    }
}

/// A live lease would share out the owner cut.
pub fn lease<T: Config>(netuid: NetUid, block: u64) {
    let lease = SubnetUidToLeaseId::<T>::get(netuid).and_then(SubnetLeases::<T>::get);
    if lease.is_some_and(|lease| lease.end_block.is_none_or(|end| u64::from(end) > block)) {
        refuse(
            netuid,
            "SubnetUidToLeaseId",
            "a live lease would share out the owner cut",
        );
    }
}

/// The owner cut would be locked; nothing is locked of nothing.
pub fn auto_lock<T: Config>(netuid: NetUid, owner_cut: u64) {
    if owner_cut > 0 && OwnerCutAutoLockEnabled::<T>::get(netuid) {
        refuse(
            netuid,
            "OwnerCutAutoLockEnabled",
            "the owner cut would be locked",
        );
    }
}

/// Conviction may make another hotkey the owner: 10 · total conviction ≥ `SubnetAlphaOut`. However the locks are rolled
/// forward, none is worth more than its mass and its conviction together, so below that bound nothing can happen.
pub fn ownership_change<T: Config>(netuid: NetUid, block: u64) {
    let alpha_out = SubnetAlphaOut::<T>::get(netuid);
    let from = NetworkRegisteredAt::<T>::get(netuid).saturating_add(OWNERSHIP_GRACE_BLOCKS);
    if alpha_out == 0 || block < from {
        return;
    }
    let bound = HotkeyLock::<T>::iter_prefix_values(netuid)
        .chain(DecayingHotkeyLock::<T>::iter_prefix_values(netuid))
        .chain(OwnerLock::<T>::get(netuid))
        .chain(DecayingOwnerLock::<T>::get(netuid))
        .fold(U64F64::from_bits(0), |sum, lock| {
            sum.saturating_add(largest_conviction(&lock))
        });
    if bound.saturating_mul(U64F64::from_num(10)) >= U64F64::from_num(alpha_out) {
        refuse(
            netuid,
            "HotkeyLock",
            "conviction may change the subnet's owner",
        );
    }
}

fn largest_conviction(lock: &LockState) -> U64F64 {
    lock.conviction
        .saturating_add(U64F64::from_num(lock.locked_mass))
}
