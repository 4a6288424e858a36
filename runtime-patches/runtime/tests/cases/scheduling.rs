//! E. When an epoch fires.

use crate::subnet::*;
use codec::Encode;
use epochdiff_runtime::Runtime;
use frame_support::BoundedVec;
use pallet_subtensor::schedule::{self, Pending};
use pallet_subtensor::types::LockState;
use pallet_subtensor::{
    block, BlocksSinceLastStep, Event, FirstEmissionBlockNumber, HotkeyLock, Incentive,
    LastEpochBlock, LastMechansimStepBlock, MaxEpochsPerBlock, NetworkRegistrationAllowed,
    PendingEpochAt, PendingServerEmission, RootProp, SubnetAlphaOut, SubnetEpochIndex,
    SubnetMovingPrice, Tempo, TimelockedWeightCommits, TotalHotkeyAlpha,
};
use std::panic::{catch_unwind, AssertUnwindSafe};

/// Subnets 2, 3, … that were last run one block ago.
fn rested(count: u16) -> Vec<u16> {
    let subnets: Vec<u16> = (2..).take(usize::from(count)).collect();
    for netuid in &subnets {
        create(*netuid, &[5, 0]);
        LastEpochBlock::<Runtime>::insert(netuid, BLOCK - 1);
        PendingServerEmission::<Runtime>::insert(netuid, 100);
    }
    subnets
}

fn drained(subnets: &[u16]) -> Vec<u16> {
    schedule::drain::<Runtime>(rules(), subnets, BLOCK)
        .into_keys()
        .collect()
}

#[test]
fn case_57_tempo_0_is_never_due() {
    at_block(|| {
        let subnets = rested(1);
        Tempo::<Runtime>::insert(NETUID, 0);
        PendingEpochAt::<Runtime>::insert(NETUID, 1);
        BlocksSinceLastStep::<Runtime>::insert(NETUID, 1_000_000);
        LastEpochBlock::<Runtime>::insert(NETUID, 0);
        assert!(drained(&subnets).is_empty());
        assert_eq!(PendingServerEmission::<Runtime>::get(NETUID), 100);
        assert_eq!(PendingEpochAt::<Runtime>::get(NETUID), 1);
        assert_eq!(BlocksSinceLastStep::<Runtime>::get(NETUID), 1_000_001);
    });
}

#[test]
fn case_58_never_run_is_due_at_once() {
    for (tempo, due) in [(1_000, true), (1_001, false)] {
        at_block(|| {
            let subnets = rested(1);
            LastEpochBlock::<Runtime>::remove(NETUID);
            Tempo::<Runtime>::insert(NETUID, tempo);
            assert_eq!(!drained(&subnets).is_empty(), due, "tempo {tempo}");
        });
    }
}

#[test]
fn blocks_without_an_epoch_make_a_subnet_due_beyond_50400() {
    for (stored, due) in [(50_399, false), (50_400, true)] {
        at_block(|| {
            let subnets = rested(1);
            BlocksSinceLastStep::<Runtime>::insert(NETUID, stored);
            assert_eq!(!drained(&subnets).is_empty(), due, "{stored} stored");
        });
    }
}

#[test]
fn case_59_cap_defers_in_storage_order() {
    at_block(|| {
        let subnets = rested(4);
        for netuid in &subnets {
            LastEpochBlock::<Runtime>::insert(netuid, 0);
        }
        // A skipped subnet does not count.
        pallet_subtensor::Keys::<Runtime>::insert(2, 1, hotkey(0));
        assert_eq!(drained(&subnets), [3, 4]);
        assert_eq!(PendingEpochAt::<Runtime>::get(5), BLOCK + 1);
        assert_eq!(LastEpochBlock::<Runtime>::get(5), 0);
        assert_eq!(SubnetEpochIndex::<Runtime>::get(5), 0);
        assert_eq!(BlocksSinceLastStep::<Runtime>::get(5), 1);
        assert_eq!(PendingServerEmission::<Runtime>::get(5), 100);
        let expected = vec![
            Event::<Runtime>::EpochSkipped {
                netuid: 2,
                block: BLOCK,
            },
            Event::EpochDeferred {
                netuid: 5,
                from_block: BLOCK,
                to_block: BLOCK + 1,
            },
        ];
        assert_eq!(events().encode(), expected.encode());
        assert_eq!(
            schedule::drain::<Runtime>(rules(), &subnets, BLOCK + 1)
                .into_keys()
                .collect::<Vec<_>>(),
            [5]
        );
    });
    at_block(|| {
        let subnets = rested(2);
        LastEpochBlock::<Runtime>::insert(2, 0);
        MaxEpochsPerBlock::<Runtime>::put(0);
        assert!(drained(&subnets).is_empty());
        assert_eq!(PendingEpochAt::<Runtime>::get(2), BLOCK + 1);
    });
}

/// Kinds and subnets of the events of a block's schedule, in order.
fn scheduled() -> Vec<(&'static str, u16)> {
    events()
        .into_iter()
        .filter_map(|event| match event {
            Event::EpochDeferred { netuid, .. } => Some(("deferred", netuid)),
            Event::EpochSkipped { netuid, .. } => Some(("skipped", netuid)),
            Event::IncentiveAlphaEmittedToMiners { netuid, .. } => Some(("run", netuid)),
            _ => None,
        })
        .collect()
}

#[test]
fn case_59_storage_order_is_that_of_little_endian_keys() {
    at_block(|| {
        for netuid in [1, 2, 256, 257] {
            create(netuid, &[5, 0]);
        }
        block::step::<Runtime>(BLOCK);
        // 00 01, 01 00, 01 01, 02 00: the first two run.
        for (netuid, run) in [(256, true), (1, true), (257, false), (2, false)] {
            let at = if run { 0 } else { BLOCK + 1 };
            assert_eq!(PendingEpochAt::<Runtime>::get(netuid), at, "{netuid}");
            assert_eq!(
                SubnetEpochIndex::<Runtime>::get(netuid),
                u64::from(run),
                "{netuid}"
            );
            assert_eq!(
                BlocksSinceLastStep::<Runtime>::get(netuid),
                u64::from(!run),
                "{netuid}"
            );
        }
    });
}

#[test]
fn case_60_deferred_subnet_skips_the_reveal() {
    at_block(|| {
        let subnets = rested(2);
        MaxEpochsPerBlock::<Runtime>::put(1);
        for netuid in &subnets {
            LastEpochBlock::<Runtime>::insert(netuid, 0);
            SubnetEpochIndex::<Runtime>::insert(netuid, 10);
            for epoch in [9, 10, 11] {
                let commit = (hotkey(0), 1, BoundedVec::default(), 1);
                TimelockedWeightCommits::<Runtime>::insert(
                    netuid,
                    epoch,
                    std::collections::VecDeque::from([commit]),
                );
            }
        }
        schedule::reveal::<Runtime>(rules(), &subnets, BLOCK);
        let left = |netuid: u16| {
            let mut epochs: Vec<u64> =
                TimelockedWeightCommits::<Runtime>::iter_key_prefix(netuid).collect();
            epochs.sort();
            epochs
        };
        // Epoch 11 is about to begin: what was committed before 10 is expired.
        assert_eq!(left(2), [10, 11]);
        assert_eq!(left(3), [9, 10, 11]);
    });
}

#[test]
fn case_61_triggered_and_automatic_are_one_epoch() {
    at_block(|| {
        let subnets = rested(1);
        LastEpochBlock::<Runtime>::insert(NETUID, 0);
        PendingEpochAt::<Runtime>::insert(NETUID, BLOCK);
        assert_eq!(drained(&subnets), [NETUID]);
        assert_eq!(PendingEpochAt::<Runtime>::get(NETUID), 0);
        assert_eq!(SubnetEpochIndex::<Runtime>::get(NETUID), 1);
        assert!(drained(&subnets).is_empty());
    });
    for (at, due) in [(BLOCK, true), (BLOCK + 1, false)] {
        at_block(|| {
            let subnets = rested(1);
            PendingEpochAt::<Runtime>::insert(NETUID, at);
            assert_eq!(!drained(&subnets).is_empty(), due, "triggered for {at}");
        });
    }
}

#[test]
fn case_62_subnet_that_does_not_emit_still_runs() {
    at_block(|| {
        one_validator();
        FirstEmissionBlockNumber::<Runtime>::remove(NETUID);
        PendingServerEmission::<Runtime>::insert(NETUID, 800);
        block::step::<Runtime>(BLOCK);
        assert_eq!(Incentive::<Runtime>::get(NETUID), [0, 49_151, 16_383]);
        assert_eq!(TotalHotkeyAlpha::<Runtime>::get(hotkey(1), NETUID), 300);
        assert_eq!(LastMechansimStepBlock::<Runtime>::get(NETUID), BLOCK);
    });
}

#[test]
fn case_49_epochs_still_run_with_registration_closed() {
    for open in [false, true] {
        at_block(|| {
            one_validator();
            NetworkRegistrationAllowed::<Runtime>::insert(NETUID, open);
            PendingServerEmission::<Runtime>::insert(NETUID, 800);
            let alpha_out = SubnetAlphaOut::<Runtime>::get(NETUID);
            block::step::<Runtime>(BLOCK);
            assert_eq!(Incentive::<Runtime>::get(NETUID), [0, 49_151, 16_383]);
            assert_eq!(LastMechansimStepBlock::<Runtime>::get(NETUID), BLOCK);
            let paid = TotalHotkeyAlpha::<Runtime>::get(hotkey(1), NETUID);
            let minted = SubnetAlphaOut::<Runtime>::get(NETUID) - alpha_out;
            if open {
                assert!(paid > 300 && minted > 0, "{paid} of {minted}");
            } else {
                assert_eq!([paid, minted], [300, 0], "what was pending");
            }
            assert_eq!(RootProp::<Runtime>::contains_key(NETUID), open);
            assert_eq!(SubnetMovingPrice::<Runtime>::contains_key(NETUID), open);
        });
    }
}

#[test]
fn case_63_all_subnets_are_drained_before_the_first_is_paid() {
    at_block(|| {
        let subnets = rested(2);
        for netuid in &subnets {
            LastEpochBlock::<Runtime>::insert(netuid, 0);
        }
        let pending = schedule::drain::<Runtime>(rules(), &subnets, BLOCK);
        let hundred = Pending {
            server: 100,
            ..Default::default()
        };
        assert_eq!(
            pending.into_iter().collect::<Vec<_>>(),
            [(2, hundred), (3, hundred)]
        );
        for netuid in subnets {
            assert_eq!(PendingServerEmission::<Runtime>::try_get(netuid), Ok(0));
            assert_eq!(LastMechansimStepBlock::<Runtime>::get(netuid), 0);
            assert!(Incentive::<Runtime>::get(netuid).is_empty());
        }
    });
}

#[test]
fn case_63_drains_go_by_storage_order_and_epochs_by_number() {
    at_block(|| {
        for netuid in [1, 2, 256, 257] {
            create(netuid, &[5, 0]);
        }
        // The first in storage order is skipped, the last deferred; both are told before any epoch.
        pallet_subtensor::Keys::<Runtime>::insert(256, 1, hotkey(0));
        create(258, &[5, 0]);
        block::step::<Runtime>(BLOCK);
        assert_eq!(
            scheduled(),
            [
                ("skipped", 256),
                ("deferred", 2),
                ("deferred", 258),
                ("run", 1),
                ("run", 257)
            ]
        );
    });
    at_block(|| {
        create(1, &[5, 0]);
        create(256, &[5, 0]);
        block::step::<Runtime>(BLOCK);
        assert_eq!(scheduled(), [("run", 1), ("run", 256)]);
    });
}

#[test]
fn case_63_ownership_is_decided_before_the_first_epoch() {
    at_block(|| {
        const LATE: u64 = 3_000_000;
        frame_system::Pallet::<Runtime>::set_block_number(LATE as u32);
        one_validator();
        create(3, &[5, 0]);
        let lock = LockState {
            locked_mass: 10_000_000_000,
            ..Default::default()
        };
        HotkeyLock::<Runtime>::insert(3, hotkey(0), lock);
        let refused = catch_unwind(AssertUnwindSafe(|| block::step::<Runtime>(LATE)));
        assert!(refused.is_err());
        assert_eq!(SubnetEpochIndex::<Runtime>::get(NETUID), 1, "drained");
        assert!(Incentive::<Runtime>::get(NETUID).is_empty(), "not run");
        assert_eq!(LastMechansimStepBlock::<Runtime>::get(NETUID), 0);

        HotkeyLock::<Runtime>::remove(3, hotkey(0));
        LastEpochBlock::<Runtime>::insert(NETUID, 0);
        block::step::<Runtime>(LATE);
        assert!(!Incentive::<Runtime>::get(NETUID).is_empty());
    });
}
