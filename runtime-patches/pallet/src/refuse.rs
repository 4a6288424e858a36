//! States in which a branch that this pallet does not compute would act.
//!
//! A hook cannot return an error, and a number computed without that branch would be wrong in silence: so the call fails
//! with a message that names the item.

use crate::types::{zero_account, LockState, NetUid, TimelockedCommit};
use crate::{
    Config, DecayingHotkeyLock, DecayingOwnerLock, HotkeyLock, MechanismCountCurrent,
    NetworkRegisteredAt, NetworksAdded, Owner, OwnerCutAutoLockEnabled, OwnerLock, SubnetAlphaOut,
    SubnetLeases, SubnetOwner, SubnetOwnerHotkey, SubnetUidToLeaseId,
};
use alloc::collections::VecDeque;
use codec::Encode;
use frame_support::{Blake2_128Concat, StorageHasher, Twox128};
use substrate_fixed::types::U64F64;

/// Blocks after registration before conviction can change a subnet's owner.
const OWNERSHIP_GRACE_BLOCKS: u64 = 2_629_800;
/// Mechanisms of one subnet that have storage indices.
const MAX_MECHANISMS: u8 = 16;

pub fn refuse(netuid: NetUid, item: &str, why: &str) -> ! {
    panic!("unsupported state: subnet {netuid}, SubtensorModule.{item}: {why}");
}

/// A queue of time-locked weights whose round has a pulse would be decrypted and set in this block.
pub fn reveal<AccountId>(netuid: NetUid, queue: &VecDeque<TimelockedCommit<AccountId>>) {
    for (_, _, _, round) in queue {
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

/// Storage indices of mechanisms are netuid + 4096 · mechanism in 16 bits; the chain reads those of a subnet that it lists without
/// adding it, or of too many mechanisms, as root's.
pub fn foreign_indices<T: Config>(netuid: NetUid) {
    if !NetworksAdded::<T>::get(netuid) {
        refuse(
            netuid,
            "NetworksAdded",
            "the subnet is listed as not added, but its epoch is due",
        );
    }
    if MechanismCountCurrent::<T>::get(netuid) > MAX_MECHANISMS {
        refuse(
            netuid,
            "MechanismCountCurrent",
            "more than 16 mechanisms have no storage indices of their own",
        );
    }
}

/// Root dividends would be sold for TAO in a pool of concentrated liquidity.
pub fn sale_of_root_dividends(netuid: NetUid, alpha: u64) {
    if alpha > 0 {
        refuse(
            netuid,
            "PendingRootDivs",
            "root dividends would be sold for TAO, as before spec 334; use the runtime of that spec",
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

/// Conviction may make another hotkey's owner the subnet's: 10 · total conviction ≥ `SubnetAlphaOut`. However the locks are rolled
/// forward, none is worth more than its mass and its conviction together, so below that bound nothing can happen; nor can it if
/// all locks are towards hotkeys of the subnet's owner or of nobody.
pub fn ownership_change<T: Config>(netuid: NetUid, block: u64) {
    let alpha_out = SubnetAlphaOut::<T>::get(netuid);
    let from = NetworkRegisteredAt::<T>::get(netuid).saturating_add(OWNERSHIP_GRACE_BLOCKS);
    if alpha_out == 0 || block < from {
        return;
    }
    let to_owner = OwnerLock::<T>::get(netuid)
        .into_iter()
        .chain(DecayingOwnerLock::<T>::get(netuid))
        .map(|lock| (SubnetOwnerHotkey::<T>::get(netuid), lock));
    let (mut bound, mut rival) = (U64F64::from_bits(0), false);
    for (hotkey, lock) in HotkeyLock::<T>::iter_prefix(netuid)
        .chain(DecayingHotkeyLock::<T>::iter_prefix(netuid))
        .chain(to_owner)
    {
        let owner = Owner::<T>::get(hotkey);
        bound = bound.saturating_add(largest_conviction(&lock));
        rival |= owner != zero_account() && owner != SubnetOwner::<T>::get(netuid);
    }
    if rival && bound.saturating_mul(U64F64::from_num(10)) >= U64F64::from_num(alpha_out) {
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
