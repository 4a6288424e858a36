//! A. Inputs and masks of the epoch that depend on how the pallet reads them.

use crate::subnet::*;
use codec::Encode;
use epochdiff_runtime::Runtime;
use frame_support::BoundedVec;
use pallet_subtensor::types::mechanism_index;
use pallet_subtensor::{
    schedule, Active, ActivityCutoffFactorMilli, BlockAtRegistration, BlocksSinceLastStep, Bonds,
    CommitRevealWeightsEnabled, Consensus, Event, Incentive, Keys, LastEpochBlock, LastUpdate,
    MechanismCountCurrent, PendingServerEmission, SubnetEpochIndex, SubnetOwnerHotkey, Tempo,
    TimelockedWeightCommits, TotalHotkeyAlpha, Uids, ValidatorPermit, WeightCommits,
};
use sp_core::H256;
use std::collections::VecDeque;

const RAO: u64 = 1_000_000_000;
const BOTH: [u64; 3] = [0, 375_000_000, 125_000_000];
const WITHOUT_UID_2: [u64; 3] = [0, 500_000_000, 0];

/// One validator whose commits are (epoch, block), in the plain queue.
fn committed(epoch_index: u64, commits: &[(u64, u64)]) {
    one_validator();
    CommitRevealWeightsEnabled::<Runtime>::insert(NETUID, true);
    SubnetEpochIndex::<Runtime>::insert(NETUID, epoch_index);
    LastEpochBlock::<Runtime>::insert(NETUID, BLOCK);
    BlockAtRegistration::<Runtime>::insert(NETUID, 2, 500);
    let queue = commits
        .iter()
        .map(|(epoch, block)| (H256::zero(), *epoch, *block, 0))
        .collect::<VecDeque<_>>();
    if !queue.is_empty() {
        WeightCommits::<Runtime>::insert(NETUID, hotkey(0), queue);
    }
}

fn timelock(epoch: u64, block: u64) {
    let commit = (hotkey(0), block, BoundedVec::default(), 1);
    TimelockedWeightCommits::<Runtime>::mutate(NETUID, epoch, |queue| queue.push_back(commit));
}

/// The account that a missing item reads as is registered, and is no owner for that.
#[test]
fn case_8_without_an_owner_hotkey_the_zero_account_is_not_the_owner() {
    let nobody = sp_runtime::AccountId32::new([0; 32]);
    for (is_set, expected) in [(false, 0), (true, 500_000_000)] {
        at_block(|| {
            create(NETUID, &[5, 0]);
            weights(NETUID, 0, &[(0, 65_535)]);
            Keys::<Runtime>::insert(NETUID, 0, &nobody);
            Uids::<Runtime>::insert(NETUID, &nobody, 0);
            TotalHotkeyAlpha::<Runtime>::insert(&nobody, NETUID, 5);
            if is_set {
                SubnetOwnerHotkey::<Runtime>::insert(NETUID, &nobody);
            }
            assert_eq!(run_epoch(RAO).0, [expected, 0]);
        });
    }
}

#[test]
fn case_10_re_registered_validator_is_active_without_weights() {
    at_block(|| {
        create(NETUID, &[5, 7, 0]);
        weights(NETUID, 0, &[(2, 65_535)]);
        BlockAtRegistration::<Runtime>::insert(NETUID, 1, BLOCK);
        LastUpdate::<Runtime>::insert(NETUID, vec![UPDATED, BLOCK, UPDATED]);
        ValidatorPermit::<Runtime>::insert(NETUID, vec![true, false, false]);
        let (server, validator) = run_epoch(RAO);
        assert_eq!(Active::<Runtime>::get(NETUID), [true, true, true]);
        // Its greater stake does not vote, so uid 0 alone decides.
        assert_eq!(server, [0, 0, 500_000_000]);
        assert_eq!(validator, [500_000_000, 0, 0]);
        assert_eq!(ValidatorPermit::<Runtime>::get(NETUID), [true, true, false]);
        assert!(Bonds::<Runtime>::get(NETUID, 1).is_empty());
    });
}

#[test]
fn case_11_unrevealed_commit_older_than_the_target() {
    for (block, expected) in [(499, WITHOUT_UID_2), (500, BOTH), (501, BOTH)] {
        at_block(|| {
            committed(10, &[(10, block)]);
            assert_eq!(run_epoch(RAO).0, expected, "commit at block {block}");
        });
    }
    at_block(|| {
        committed(10, &[(10, 499)]);
        CommitRevealWeightsEnabled::<Runtime>::insert(NETUID, false);
        assert_eq!(run_epoch(RAO).0, BOTH);
    });
    at_block(|| {
        committed(10, &[]);
        assert_eq!(run_epoch(RAO).0, BOTH);
    });
}

#[test]
fn case_12_expired_commit_is_ignored() {
    for (index, expected) in [(10, WITHOUT_UID_2), (11, WITHOUT_UID_2), (12, BOTH)] {
        at_block(|| {
            committed(index, &[(10, 499)]);
            assert_eq!(run_epoch(RAO).0, expected, "epoch {index}");
        });
    }
    // Inside a scheduled epoch the index is already the new one.
    at_block(|| {
        committed(11, &[(10, 499)]);
        LastEpochBlock::<Runtime>::insert(NETUID, 0);
        assert_eq!(
            schedule::drain::<Runtime>(rules(), &[NETUID], BLOCK).len(),
            1
        );
        assert_eq!(SubnetEpochIndex::<Runtime>::get(NETUID), 12);
        assert_eq!(run_epoch(RAO).0, BOTH);
    });
}

#[test]
fn case_13_first_of_a_queue_but_least_of_the_timelocked() {
    at_block(|| {
        committed(10, &[(8, 499), (9, 600), (10, 499)]);
        assert_eq!(
            run_epoch(RAO).0,
            BOTH,
            "only the first unexpired entry of the queue counts"
        );
    });
    at_block(|| {
        committed(10, &[]);
        timelock(8, 499);
        timelock(9, 600);
        timelock(10, 700);
        assert_eq!(run_epoch(RAO).0, BOTH, "the expired epoch does not count");
        timelock(10, 499);
        assert_eq!(
            run_epoch(RAO).0,
            WITHOUT_UID_2,
            "the minimum over all entries counts"
        );
    });
}

#[test]
fn case_13_the_earlier_of_both_kinds_of_commits_counts() {
    for (plain, timelocked, expected) in [
        (600, 700, BOTH),
        (499, 700, WITHOUT_UID_2),
        (600, 499, WITHOUT_UID_2),
    ] {
        at_block(|| {
            committed(10, &[(10, plain)]);
            timelock(10, timelocked);
            assert_eq!(run_epoch(RAO).0, expected, "{plain}, {timelocked}");
        });
    }
}

#[test]
fn case_13_commits_are_those_of_the_mechanism() {
    at_block(|| {
        committed(10, &[(10, 600)]);
        MechanismCountCurrent::<Runtime>::insert(NETUID, 2);
        let second = mechanism_index(NETUID, 1);
        LastUpdate::<Runtime>::insert(second, vec![UPDATED; 3]);
        weights(second, 0, &[(1, 65_535), (2, 21_845)]);
        let commit = (hotkey(0), 499, BoundedVec::default(), 1);
        TimelockedWeightCommits::<Runtime>::insert(second, 10, VecDeque::from([commit]));
        run_epoch(RAO);
        assert_eq!(Incentive::<Runtime>::get(NETUID), [0, 49_151, 16_383]);
        assert_eq!(Incentive::<Runtime>::get(second), [0, 65_535, 0]);
    });
}

#[test]
fn case_15_cutoff_is_a_part_of_the_tempo_but_at_least_a_block() {
    // (factor, tempo, blocks of activity)
    for (factor, tempo, cutoff) in [(0, 360, 1), (13_889, 0, 1), (1_500, 3, 4), (13_889, 2, 27)] {
        at_block(|| {
            one_validator();
            ActivityCutoffFactorMilli::<Runtime>::insert(NETUID, factor);
            Tempo::<Runtime>::insert(NETUID, tempo);
            let last = BLOCK - cutoff;
            LastUpdate::<Runtime>::insert(NETUID, vec![last, last - 1, last + 1]);
            run_epoch(RAO);
            assert_eq!(Active::<Runtime>::get(NETUID), [true, false, true]);
        });
    }
}

#[test]
fn case_23_gap_in_keys_shifts_the_outputs() {
    at_block(|| {
        create(NETUID, &[5, 0, 0, 0]);
        weights(NETUID, 0, &[(2, 65_535), (3, 21_845)]);
        Keys::<Runtime>::remove(NETUID, 1);
        Uids::<Runtime>::remove(NETUID, hotkey(1));
        Bonds::<Runtime>::insert(NETUID, 3, vec![(0, 7)]);
        let rewards = pallet_subtensor::epoch::epoch::<Runtime>(NETUID, RAO);
        let hotkeys: Vec<[u8; 32]> = rewards.iter().map(|reward| reward.hotkey).collect();
        assert_eq!(hotkeys, [0, 2, 3].map(|uid| <[u8; 32]>::from(hotkey(uid))));
        assert_eq!(server(&rewards), [0, 375_000_000, 125_000_000]);
        assert_eq!(Incentive::<Runtime>::get(NETUID), [0, 49_151, 16_383]);
        assert_eq!(Consensus::<Runtime>::get(NETUID).len(), 3);
        let bonds: Vec<Vec<(u16, u16)>> = (0..4)
            .map(|uid| Bonds::<Runtime>::get(NETUID, uid))
            .collect();
        assert_eq!(
            bonds,
            [vec![(2, 65_535), (3, 65_535)], vec![], vec![], vec![(0, 7)]]
        );
    });
}

#[test]
fn case_23_key_beyond_n_gets_zeros() {
    at_block(|| {
        one_validator();
        Keys::<Runtime>::insert(NETUID, 4, hotkey(9));
        Keys::<Runtime>::insert(NETUID, 6, hotkey(8));
        LastUpdate::<Runtime>::insert(NETUID, [vec![UPDATED; 4], vec![BLOCK]].concat());
        Bonds::<Runtime>::insert(NETUID, 3, vec![(0, 7)]);
        let rewards = pallet_subtensor::epoch::epoch::<Runtime>(NETUID, RAO);
        assert_eq!(server(&rewards), [0, 375_000_000, 125_000_000, 0, 0]);
        assert_eq!(validator(&rewards), [500_000_000, 0, 0, 0, 0]);
        assert_eq!(
            Active::<Runtime>::get(NETUID),
            [true, true, true, true, false],
            "it counts as active by its place in LastUpdate"
        );
        assert_eq!(Incentive::<Runtime>::get(NETUID), [0, 49_151, 16_383, 0, 0]);
        assert!(Bonds::<Runtime>::get(NETUID, 3).is_empty());
        assert!(Bonds::<Runtime>::contains_key(NETUID, 4));
    });
}

#[test]
fn case_24_duplicate_hotkey_skips_the_epoch() {
    at_block(|| {
        one_validator();
        Keys::<Runtime>::insert(NETUID, 2, hotkey(1));
        PendingServerEmission::<Runtime>::insert(NETUID, 55);
        BlocksSinceLastStep::<Runtime>::insert(NETUID, 9);
        assert!(schedule::drain::<Runtime>(rules(), &[NETUID], BLOCK).is_empty());
        assert_eq!(
            events().encode(),
            vec![Event::<Runtime>::EpochSkipped {
                netuid: NETUID,
                block: BLOCK
            }]
            .encode()
        );
        assert_eq!(LastEpochBlock::<Runtime>::get(NETUID), BLOCK);
        assert_eq!(SubnetEpochIndex::<Runtime>::get(NETUID), 1);
        assert_eq!(PendingServerEmission::<Runtime>::get(NETUID), 55);
        assert_eq!(BlocksSinceLastStep::<Runtime>::get(NETUID), 10);
    });
}
