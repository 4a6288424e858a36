//! States in which a branch would act that is not computed: refused by name, never passed over.

use crate::subnet::*;
use codec::Encode;
use epochdiff_runtime::Runtime;
use frame_support::{storage::unhashed, Blake2_128Concat, BoundedVec, StorageHasher, Twox128};
use pallet_subtensor::schedule;
use pallet_subtensor::types::{LockState, SubnetLease};
use pallet_subtensor::{
    block, DecayingHotkeyLock, DecayingOwnerLock, FirstEmissionBlockNumber, HotkeyLock,
    LastEpochBlock, LastMechansimStepBlock, MechanismCountCurrent, NetworkRegisteredAt,
    NetworksAdded, Owner, OwnerCutAutoLockEnabled, OwnerLock, PendingOwnerCut, RevealPeriodEpochs,
    RulesOfSpec, SubnetAlphaOut, SubnetEpochIndex, SubnetLeases, SubnetOwner, SubnetOwnerHotkey,
    SubnetUidToLeaseId, TimelockedWeightCommits,
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

/// Late enough for conviction, and due by the number of the block as well: (2629881 + 2 + 1) mod 361 = 360.
const LATE: u64 = 2_629_881;

/// Whether the epoch of a subnet runs in a block under the rules of `spec`. The subnet has 1000 rao of alpha outside its pool, does
/// not emit, and belongs to uid 0's coldkey, whose hotkey is the owner hotkey; its epoch is due unless `change` says otherwise.
fn runs_late(spec: u32, change: impl FnOnce()) -> bool {
    let mut last_step = 0;
    at_block(|| {
        frame_system::Pallet::<Runtime>::set_block_number(LATE as u32);
        RulesOfSpec::<Runtime>::put(spec);
        one_validator();
        FirstEmissionBlockNumber::<Runtime>::remove(NETUID);
        SubnetAlphaOut::<Runtime>::insert(NETUID, 1_000);
        SubnetOwner::<Runtime>::insert(NETUID, coldkey(0));
        SubnetOwnerHotkey::<Runtime>::insert(NETUID, hotkey(0));
        change();
        block::step::<Runtime>(LATE);
        last_step = LastMechansimStepBlock::<Runtime>::get(NETUID);
    });
    last_step == LATE
}

fn lock(locked_mass: u64) -> LockState {
    LockState {
        locked_mass,
        ..Default::default()
    }
}

fn rival_lock(mass: u64) {
    HotkeyLock::<Runtime>::insert(NETUID, hotkey(1), lock(mass));
}

fn decaying_rival_lock(mass: u64) {
    DecayingHotkeyLock::<Runtime>::insert(NETUID, hotkey(1), lock(mass));
}

#[test]
#[should_panic(expected = "subnet 2, SubtensorModule.HotkeyLock: conviction may change")]
fn conviction_of_another_owners_hotkey_at_a_due_epoch() {
    runs_late(425, || rival_lock(100));
}

#[test]
#[should_panic(expected = "subnet 2, SubtensorModule.HotkeyLock: conviction may change")]
fn decaying_conviction_of_another_owners_hotkey_at_a_due_epoch() {
    runs_late(425, || decaying_rival_lock(100));
}

#[test]
#[should_panic(expected = "conviction may change")]
fn locks_towards_the_owner_hotkey_count_in_the_total() {
    runs_late(425, || {
        decaying_rival_lock(50);
        OwnerLock::<Runtime>::insert(NETUID, lock(50));
    });
}

#[test]
#[should_panic(expected = "conviction may change")]
fn decaying_locks_towards_the_owner_hotkey_count_in_the_total() {
    runs_late(425, || {
        rival_lock(50);
        DecayingOwnerLock::<Runtime>::insert(NETUID, lock(50));
    });
}

#[test]
fn conviction_below_a_tenth_of_the_alpha_lets_the_epoch_run() {
    assert!(runs_late(425, || rival_lock(99)));
    assert!(runs_late(425, || {
        rival_lock(24);
        decaying_rival_lock(25);
        OwnerLock::<Runtime>::insert(NETUID, lock(25));
        DecayingOwnerLock::<Runtime>::insert(NETUID, lock(25));
    }));
}

#[test]
fn locks_towards_the_owner_hotkey_alone_let_the_epoch_run() {
    assert!(runs_late(425, || {
        OwnerLock::<Runtime>::insert(NETUID, lock(1_000_000));
        DecayingOwnerLock::<Runtime>::insert(NETUID, lock(1_000_000));
    }));
}

#[test]
fn conviction_changes_nothing_before_an_epoch_is_due() {
    assert!(!runs_late(425, || {
        rival_lock(1_000_000);
        LastEpochBlock::<Runtime>::insert(NETUID, LATE - 1);
    }));
}

#[test]
fn conviction_changes_nothing_until_424() {
    for spec in [424, 423, 422, 401, 343, 342, 293] {
        let runs = runs_late(spec, || {
            rival_lock(1_000_000);
            decaying_rival_lock(1_000_000);
        });
        assert!(runs, "spec {spec}");
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
