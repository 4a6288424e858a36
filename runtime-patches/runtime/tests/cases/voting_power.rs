//! Voting power, which the epoch keeps where tracking is on (epoch §9).

use crate::subnet::*;
use epochdiff_runtime::Runtime;
use pallet_subtensor::{
    Event, IsNetworkMember, StakeThreshold, VotingPower, VotingPowerDisableAtBlock,
    VotingPowerEmaAlpha, VotingPowerTrackingEnabled,
};
use sp_runtime::AccountId32;

const RAO: u64 = 1_000_000_000;
const ONE: u64 = 1_000_000_000_000_000_000;

/// A validator with 5 rao of stake whose power is 8, and half of what is new counts.
fn tracked(case: impl FnOnce()) {
    at_block(|| {
        one_validator();
        VotingPowerTrackingEnabled::<Runtime>::insert(NETUID, true);
        VotingPowerEmaAlpha::<Runtime>::insert(NETUID, ONE / 2);
        VotingPower::<Runtime>::insert(NETUID, hotkey(0), 8);
        case();
    });
}

fn powers() -> Vec<(AccountId32, u64)> {
    let mut powers: Vec<_> = VotingPower::<Runtime>::iter_prefix(NETUID).collect();
    powers.sort();
    powers
}

fn is_tracked() -> bool {
    VotingPowerTrackingEnabled::<Runtime>::get(NETUID)
}

#[test]
fn power_moves_toward_the_stake() {
    tracked(|| {
        // (5 + 8) / 2, floored; then (5 + 6) / 2.
        for expected in [6, 5] {
            run_epoch(RAO);
            assert_eq!(powers(), [(hotkey(0), expected)]);
        }
    });
}

#[test]
fn power_that_falls_below_the_threshold_is_dropped_and_one_below_it_before_is_not() {
    tracked(|| {
        StakeThreshold::<Runtime>::put(6);
        run_epoch(RAO);
        assert!(powers().is_empty(), "no permit without stake");
    });
    tracked(|| {
        VotingPowerEmaAlpha::<Runtime>::insert(NETUID, 0);
        StakeThreshold::<Runtime>::put(5);
        VotingPower::<Runtime>::insert(NETUID, hotkey(0), 4);
        run_epoch(RAO);
        assert_eq!(powers(), [(hotkey(0), 4)]);
    });
    tracked(|| {
        VotingPowerEmaAlpha::<Runtime>::insert(NETUID, ONE / 10 * 9);
        StakeThreshold::<Runtime>::put(5);
        VotingPower::<Runtime>::insert(NETUID, hotkey(0), 5);
        run_epoch(RAO);
        assert_eq!(powers(), [(hotkey(0), 5)], "(9 · 5 + 5) / 10");
        // Above one, the previous power counts as none: 2 · 5.
        VotingPowerEmaAlpha::<Runtime>::insert(NETUID, 2 * ONE);
        run_epoch(RAO);
        assert_eq!(powers(), [(hotkey(0), 10)]);
    });
}

#[test]
fn who_has_no_permit_or_is_no_member_has_no_power() {
    tracked(|| {
        VotingPower::<Runtime>::insert(NETUID, hotkey(1), 3);
        VotingPower::<Runtime>::insert(NETUID, hotkey(9), 3);
        run_epoch(RAO);
        assert_eq!(powers(), [(hotkey(0), 6)]);
    });
    tracked(|| {
        VotingPower::<Runtime>::insert(NETUID, hotkey(9), 3);
        IsNetworkMember::<Runtime>::insert(hotkey(9), NETUID, true);
        IsNetworkMember::<Runtime>::insert(hotkey(0), NETUID, false);
        run_epoch(RAO);
        assert_eq!(powers(), [(hotkey(9), 3)], "a member without a uid");
    });
}

#[test]
fn tracking_ends_at_its_block_and_with_it_all_power() {
    for (disable_at, ends) in [(0, false), (BLOCK + 1, false), (BLOCK, true), (1, true)] {
        tracked(|| {
            VotingPower::<Runtime>::insert(NETUID + 1, hotkey(0), 7);
            VotingPowerDisableAtBlock::<Runtime>::insert(NETUID, disable_at);
            run_epoch(RAO);
            let event = Event::VotingPowerTrackingDisabled { netuid: NETUID };
            assert_eq!(events().contains(&event), ends, "at {disable_at}");
            assert_eq!(is_tracked(), !ends);
            assert_eq!(powers().is_empty(), ends);
            assert_eq!(
                VotingPowerDisableAtBlock::<Runtime>::contains_key(NETUID),
                !ends
            );
            assert_eq!(VotingPower::<Runtime>::get(NETUID + 1, hotkey(0)), 7);
        });
    }
}

#[test]
fn without_tracking_nothing_changes() {
    tracked(|| {
        VotingPowerTrackingEnabled::<Runtime>::insert(NETUID, false);
        VotingPowerDisableAtBlock::<Runtime>::insert(NETUID, 1);
        run_epoch(RAO);
        assert_eq!(powers(), [(hotkey(0), 8)]);
        assert!(VotingPowerDisableAtBlock::<Runtime>::contains_key(NETUID));
    });
}
