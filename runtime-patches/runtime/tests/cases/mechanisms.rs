//! C. Emission vectors and mechanisms.

use crate::subnet::*;
use epochdiff_runtime::Runtime;
use pallet_subtensor::schedule::Pending;
use pallet_subtensor::types::mechanism_index;
use pallet_subtensor::{
    distribute, AlphaDividendsPerSubnet, BondsMovingAverage, Dividends, Event, Incentive,
    LastUpdate, MechanismCountCurrent, MechanismEmissionSplit, MinerBurned, OwnedHotkeys,
    StakeWeight, SubnetOwner, SubnetOwnerHotkey, TotalHotkeyAlpha, VotingPower,
    VotingPowerEmaAlpha, VotingPowerTrackingEnabled,
};
use substrate_fixed::types::U96F32;

/// The one validator's subnet with the same rows on several mechanisms.
fn with_mechanisms(count: u8) {
    one_validator();
    MechanismCountCurrent::<Runtime>::insert(NETUID, count);
    for mechanism in 1..count {
        let index = mechanism_index(NETUID, mechanism);
        LastUpdate::<Runtime>::insert(index, vec![UPDATED; 3]);
        weights(index, 0, &[(1, 65_535), (2, 21_845)]);
    }
}

/// Incentive of uid 1, whose share is 3/8, by mechanism index.
fn paid_by_mechanism() -> Vec<(u16, u64)> {
    events()
        .into_iter()
        .filter_map(|event| match event {
            Event::IncentiveAlphaEmittedToMiners { netuid, emissions } => {
                Some((netuid, emissions[1]))
            }
            _ => None,
        })
        .collect()
}

#[test]
fn case_38_epoch_over_nothing_still_updates_the_vectors() {
    at_block(|| {
        one_validator();
        MinerBurned::<Runtime>::insert(NETUID, U96F32::from_num(1));
        distribute::run::<Runtime>(NETUID, Pending::default(), BLOCK);
        assert_eq!(Incentive::<Runtime>::get(NETUID), [0, 49_151, 16_383]);
        assert_eq!(Dividends::<Runtime>::get(NETUID), [65_535, 0, 0]);
        assert_eq!(MinerBurned::<Runtime>::get(NETUID), 0);
        assert_eq!(TotalHotkeyAlpha::<Runtime>::get(hotkey(0), NETUID), 5);
        assert_eq!(TotalHotkeyAlpha::<Runtime>::get(hotkey(1), NETUID), 0);
    });
    // Of no rao mechanism 0 has the whole weight.
    at_block(|| {
        with_mechanisms(2);
        run_epoch(0);
        assert_eq!(StakeWeight::<Runtime>::get(NETUID), [65_535, 0, 0]);
    });
}

#[test]
fn case_39_amounts_are_floored_and_the_rest_is_not_given_out() {
    at_block(|| {
        create(NETUID, &[3, 3, 3, 0, 0, 0, 0]);
        for uid in 0..3 {
            weights(NETUID, uid, &[(3, 1), (4, 1), (5, 1), (6, 4)]);
        }
        let rao = 1_000_000_007;
        let (server, validator) = run_epoch(rao);
        let sum = server.iter().chain(&validator).sum::<u64>();
        assert!(sum < rao && sum > rao - 14, "{sum}");
        // 1/7 of a half in 32 fraction bits, floored.
        assert_eq!(server[3], server[4]);
        assert!(server[3] <= rao / 14 && server[3] + 1 >= rao / 14);
    });
}

#[test]
fn case_40_nobody_has_stake() {
    at_block(|| {
        create(NETUID, &[0, 0]);
        distribute::run::<Runtime>(
            NETUID,
            Pending {
                server: 1_000,
                validator: 1_000,
                root: 10,
                owner: 0,
            },
            BLOCK,
        );
        for uid in 0..2 {
            assert_eq!(TotalHotkeyAlpha::<Runtime>::get(hotkey(uid), NETUID), 0);
            assert_eq!(
                AlphaDividendsPerSubnet::<Runtime>::try_get(NETUID, hotkey(uid)),
                Ok(0)
            );
        }
    });
}

#[test]
fn case_41_incentive_without_dividends_leaves_the_validators_amount_unpaid() {
    at_block(|| {
        create(NETUID, &[5, 0, 0]);
        weights(NETUID, 0, &[(1, 65_535)]);
        BondsMovingAverage::<Runtime>::insert(NETUID, 1_000_000);
        distribute::run::<Runtime>(
            NETUID,
            Pending {
                server: 500_000_000,
                validator: 400_000_000,
                root: 100_000_000,
                owner: 0,
            },
            BLOCK,
        );
        let stakes = [0, 1, 2].map(|uid| TotalHotkeyAlpha::<Runtime>::get(hotkey(uid), NETUID));
        assert_eq!(stakes, [5, 1_000_000_000, 0]);
    });
}

#[test]
fn case_42_split_over_mechanisms() {
    let (first, second, third) = (NETUID, NETUID + 4096, NETUID + 2 * 4096);
    let three_eighths = |rao: u64| rao * 3 / 8;
    let cases = [
        // Evenly, the odd rao to mechanism 0.
        (
            2,
            None,
            1_000_000_005,
            vec![(first, 500_000_003), (second, 500_000_002)],
        ),
        // Too short: padded with 0.
        (
            3,
            Some(vec![13_107, 52_428]),
            1_000_000_000,
            vec![(first, 200_000_000), (second, 800_000_000), (third, 0)],
        ),
        // Too long: its weight goes to mechanism 0.
        (
            2,
            Some(vec![13_107, 26_214, 26_214]),
            1_000_000_000,
            vec![(first, 600_000_000), (second, 400_000_000)],
        ),
    ];
    for (count, split, rao, expected) in cases {
        at_block(|| {
            with_mechanisms(count);
            if let Some(split) = split {
                MechanismEmissionSplit::<Runtime>::insert(NETUID, split);
            }
            run_epoch(rao);
            let expected: Vec<_> = expected
                .into_iter()
                .map(|(index, rao)| (index, three_eighths(rao)))
                .collect();
            assert_eq!(paid_by_mechanism(), expected);
        });
    }
}

#[test]
fn case_43_aggregated_vectors_are_truncated_after_each_mechanism() {
    at_block(|| {
        with_mechanisms(2);
        VotingPowerTrackingEnabled::<Runtime>::insert(NETUID, true);
        VotingPowerEmaAlpha::<Runtime>::insert(NETUID, 1_000_000_000_000_000_000);
        run_epoch(1_000_000_001);
        // ⌊65535 · w0⌋ = 32767, and 32767 + 65535 · w1 is just below 65535.
        assert_eq!(StakeWeight::<Runtime>::get(NETUID), [65_534, 0, 0]);
        assert_eq!(
            VotingPower::<Runtime>::get(NETUID, hotkey(0)),
            10,
            "the stake counts once per mechanism"
        );
    });
}

#[test]
fn case_5_owner_keeps_its_self_weight_and_its_incentive_is_withheld() {
    at_block(|| {
        create(NETUID, &[5, 0]);
        weights(NETUID, 0, &[(0, 65_535)]);
        SubnetOwner::<Runtime>::insert(NETUID, coldkey(0));
        SubnetOwnerHotkey::<Runtime>::insert(NETUID, hotkey(0));
        OwnedHotkeys::<Runtime>::insert(coldkey(0), vec![hotkey(0)]);
        distribute::run::<Runtime>(
            NETUID,
            Pending {
                server: 1_000,
                validator: 1_000,
                ..Default::default()
            },
            BLOCK,
        );
        assert_eq!(MinerBurned::<Runtime>::get(NETUID), 1);
        assert_eq!(
            TotalHotkeyAlpha::<Runtime>::get(hotkey(0), NETUID),
            1_005 - 1,
            "its dividend, a rao lost"
        );
    });
}
