//! States in which a branch would act that is not computed: refused by name, never passed over.

use crate::subnet::*;
use codec::Encode;
use epochdiff_runtime::Runtime;
use frame_support::{storage::unhashed, Blake2_128Concat, BoundedVec, StorageHasher, Twox128};
use pallet_subtensor::schedule;
use pallet_subtensor::types::{LockState, SubnetLease};
use pallet_subtensor::{
    block, HotkeyLock, LastEpochBlock, MechanismCountCurrent, NetworkRegisteredAt, NetworksAdded,
    Owner, OwnerCutAutoLockEnabled, OwnerLock, PendingOwnerCut, RevealPeriodEpochs, SubnetAlphaOut,
    SubnetEpochIndex, SubnetLeases, SubnetOwner, SubnetOwnerHotkey, SubnetUidToLeaseId,
    TimelockedWeightCommits,
};
use std::collections::VecDeque;
use substrate_fixed::types::U64F64;

/// A block of which the state is first changed by `change`; the subnet has an owner and its epoch is due.
fn block_with(change: impl FnOnce()) {
    at_block(|| {
        one_validator();
        SubnetOwner::<Runtime>::insert(NETUID, coldkey(0));
        SubnetOwnerHotkey::<Runtime>::insert(NETUID, hotkey(0));
        PendingOwnerCut::<Runtime>::insert(NETUID, 1_000);
        change();
        block::step::<Runtime>(BLOCK);
    })
}

fn lease(end_block: Option<u32>) {
    SubnetUidToLeaseId::<Runtime>::insert(NETUID, 1);
    let lease = SubnetLease {
        beneficiary: coldkey(1),
        coldkey: coldkey(0),
        hotkey: hotkey(0),
        emissions_share: sp_runtime::Percent::from_percent(30),
        end_block,
        netuid: NETUID,
        cost: 0,
    };
    SubnetLeases::<Runtime>::insert(1, lease);
}

#[test]
#[should_panic(expected = "subnet 2, SubtensorModule.SubnetUidToLeaseId: a live lease")]
fn live_lease() {
    block_with(|| lease(Some(BLOCK as u32 + 1)));
}

#[test]
#[should_panic(expected = "SubnetUidToLeaseId")]
fn lease_without_end() {
    block_with(|| lease(None));
}

#[test]
fn ended_lease_does_not_act() {
    block_with(|| lease(Some(BLOCK as u32)));
    block_with(|| SubnetUidToLeaseId::<Runtime>::insert(NETUID, 1));
}

#[test]
#[should_panic(expected = "SubtensorModule.OwnerCutAutoLockEnabled")]
fn auto_lock() {
    block_with(|| OwnerCutAutoLockEnabled::<Runtime>::insert(NETUID, true));
}

#[test]
fn auto_lock_of_nothing_does_not_act() {
    block_with(|| {
        OwnerCutAutoLockEnabled::<Runtime>::insert(NETUID, true);
        PendingOwnerCut::<Runtime>::remove(NETUID);
        pallet_subtensor::OwnerCutEnabled::<Runtime>::insert(NETUID, false);
    });
}

/// Locks on a subnet of 1000 rao that was registered long enough ago.
fn locked(conviction: u64, mass: u64) {
    frame_system::Pallet::<Runtime>::set_block_number(2_629_800);
    let now = 2_629_800;
    one_validator();
    NetworkRegisteredAt::<Runtime>::insert(NETUID, 0);
    SubnetAlphaOut::<Runtime>::insert(NETUID, 1_000);
    let lock = LockState {
        locked_mass: mass,
        conviction: U64F64::from_num(conviction),
        last_update: 1,
    };
    HotkeyLock::<Runtime>::insert(NETUID, hotkey(1), lock);
    OwnerLock::<Runtime>::insert(
        NETUID,
        LockState {
            locked_mass: 1,
            ..Default::default()
        },
    );
    pallet_subtensor::refuse::ownership_change::<Runtime>(NETUID, now);
}

#[test]
#[should_panic(expected = "SubtensorModule.HotkeyLock: conviction may change")]
fn ownership_by_conviction() {
    at_block(|| locked(49, 50));
}

#[test]
fn too_little_conviction_does_not_act() {
    at_block(|| locked(49, 49));
    at_block(|| {
        locked(0, 0);
        let great = LockState {
            locked_mass: 1_000_000,
            ..Default::default()
        };
        HotkeyLock::<Runtime>::insert(NETUID, hotkey(1), great);
        pallet_subtensor::refuse::ownership_change::<Runtime>(NETUID, 2_629_799);
        SubnetAlphaOut::<Runtime>::insert(NETUID, 0);
        pallet_subtensor::refuse::ownership_change::<Runtime>(NETUID, 2_629_800);
    });
}

#[test]
fn locks_towards_the_owners_hotkeys_or_nobodys_do_not_act() {
    for owner in [Some(coldkey(7)), None] {
        at_block(|| {
            locked(0, 0);
            let great = LockState {
                locked_mass: 1_000_000,
                ..Default::default()
            };
            HotkeyLock::<Runtime>::insert(NETUID, hotkey(1), great);
            SubnetOwner::<Runtime>::insert(NETUID, coldkey(7));
            match owner {
                Some(owner) => Owner::<Runtime>::insert(hotkey(1), owner),
                None => Owner::<Runtime>::remove(hotkey(1)),
            }
            pallet_subtensor::refuse::ownership_change::<Runtime>(NETUID, 2_629_800);
        });
    }
}

/// Weights under a time lock for round 7, due for revealing.
fn timelocked() {
    SubnetEpochIndex::<Runtime>::insert(NETUID, 10);
    let commit = (hotkey(0), 1, BoundedVec::default(), 7);
    TimelockedWeightCommits::<Runtime>::insert(NETUID, 10, VecDeque::from([commit]));
}

#[test]
#[should_panic(expected = "SubtensorModule.TimelockedWeightCommits: weights would be revealed")]
fn reveal_with_a_pulse() {
    block_with(|| {
        timelocked();
        pulse(7);
    });
}

fn pulse(round: u64) {
    let mut key = [Twox128::hash(b"Drand"), Twox128::hash(b"Pulses")].concat();
    key.extend(Blake2_128Concat::hash(&round.encode()));
    unhashed::put_raw(&key, &[1]);
}

#[test]
fn nothing_is_revealed_before_a_whole_period() {
    at_block(|| {
        one_validator();
        LastEpochBlock::<Runtime>::insert(NETUID, BLOCK);
        RevealPeriodEpochs::<Runtime>::insert(NETUID, 2);
        let commit = (hotkey(0), 1, BoundedVec::default(), 7);
        let queue = VecDeque::from([commit]);
        TimelockedWeightCommits::<Runtime>::insert(NETUID, 0, &queue);
        pulse(7);
        for index in [0, 1] {
            SubnetEpochIndex::<Runtime>::insert(NETUID, index);
            schedule::reveal::<Runtime>(rules(), &[NETUID], BLOCK);
            assert_eq!(TimelockedWeightCommits::<Runtime>::get(NETUID, 0), queue);
        }
    });
}

#[test]
fn reveal_without_a_pulse_keeps_the_queue_but_not_an_empty_one() {
    at_block(|| {
        one_validator();
        SubnetEpochIndex::<Runtime>::insert(NETUID, 9);
        LastEpochBlock::<Runtime>::insert(NETUID, BLOCK);
        let commit = (hotkey(0), 1, BoundedVec::default(), 7);
        let kept = TimelockedWeightCommits::<Runtime>::contains_key;
        for queue in [VecDeque::from([commit]), VecDeque::new()] {
            let left = !queue.is_empty();
            TimelockedWeightCommits::<Runtime>::insert(NETUID, 8, queue);
            TimelockedWeightCommits::<Runtime>::insert(NETUID, 9, VecDeque::new());
            schedule::reveal::<Runtime>(rules(), &[NETUID], BLOCK);
            assert_eq!(kept(NETUID, 8), left);
            assert!(kept(NETUID, 9), "its time has not come");
        }
    });
}

#[test]
#[should_panic(expected = "SubtensorModule.NetworksAdded: the subnet is listed as not added")]
fn subnet_listed_as_not_added() {
    block_with(|| NetworksAdded::<Runtime>::insert(NETUID, false));
}

#[test]
#[should_panic(expected = "SubtensorModule.MechanismCountCurrent: more than 16")]
fn more_mechanisms_than_indices() {
    block_with(|| MechanismCountCurrent::<Runtime>::insert(NETUID, 17));
}
