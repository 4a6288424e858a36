//! F. Paying an epoch.

use crate::subnet::*;
use codec::Encode;
use epochdiff_runtime::Runtime;
use pallet_subtensor::alpha_assets::{AlphaBurned, AlphaRecycled};
use pallet_subtensor::dividends::{divide, share_with_parents, Amounts};
use pallet_subtensor::emission::Pools;
use pallet_subtensor::epoch::EpochReward;
use pallet_subtensor::schedule::Pending;
use pallet_subtensor::types::{zero_account, RecycleOrBurnEnum, SafeFloat, ROOT};
use pallet_subtensor::{
    distribute, emission, Alpha, AlphaDividendsPerSubnet, AlphaV2, AutoStakeDestination, CKBurn,
    ChildKeys, ChildkeyTake, Delegates, Event, MinChildkeyTake, MinChildkeyTakePerSubnet,
    MinerBurned, OwnedHotkeys, Owner, ParentKeys, RecycleOrBurn, SubnetAlphaOut, SubnetOwner,
    SubnetOwnerHotkey, TaoWeight, TotalHotkeyAlpha, TotalHotkeyShares, TotalHotkeySharesV2,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use sp_runtime::AccountId32;
use std::collections::BTreeMap;
use substrate_fixed::types::U64F64;

const WHOLE: u64 = u64::MAX;

/// A hotkey off the subnet with a coldkey of its own.
fn parent(number: u16, alpha: u64) -> AccountId32 {
    let (hotkey, coldkey) = (account(3, number), account(4, number));
    Owner::<Runtime>::insert(&hotkey, &coldkey);
    if alpha > 0 {
        emission::stake::<Runtime>(&hotkey, &coldkey, NETUID, alpha);
    }
    hotkey
}

fn relate(parent: &AccountId32, child: &AccountId32, proportion: u64) {
    ChildKeys::<Runtime>::mutate(parent, NETUID, |children| {
        children.push((proportion, child.clone()))
    });
    ParentKeys::<Runtime>::mutate(child, NETUID, |parents| {
        parents.push((proportion, parent.clone()))
    });
}

/// What becomes of a validator amount of uid 0.
fn shared(amount: u64) -> BTreeMap<AccountId32, u64> {
    let reward = EpochReward {
        hotkey: hotkey(0).into(),
        server_emission: 0,
        validator_emission: amount,
    };
    share_with_parents(&mut Pools::<Runtime>::new(NETUID), &[reward])
}

fn of(amounts: &[(AccountId32, u64)]) -> BTreeMap<AccountId32, u64> {
    amounts.iter().cloned().collect()
}

fn pending(server: u64, validator: u64) -> Pending {
    Pending {
        server,
        validator,
        ..Default::default()
    }
}

fn alpha(hotkey: &AccountId32) -> u64 {
    TotalHotkeyAlpha::<Runtime>::get(hotkey, NETUID)
}

#[test]
fn case_64_child_without_stake_of_its_own_earns_only_take() {
    at_block(|| {
        create(NETUID, &[0]);
        let parent = parent(0, 5_000);
        relate(&parent, &hotkey(0), WHOLE);
        assert_eq!(
            shared(1_000_000),
            of(&[(hotkey(0), 0), (parent.clone(), 1_000_000)])
        );
        ChildkeyTake::<Runtime>::insert(hotkey(0), NETUID, 11_796);
        assert_eq!(
            shared(1_000_000),
            of(&[(hotkey(0), 179_995), (parent.clone(), 820_004)])
        );
        // The greatest of the three takes holds.
        MinChildkeyTake::<Runtime>::put(20_000);
        assert_eq!(
            shared(65_535)[&hotkey(0)],
            19_999,
            "the take is truncated to 2^-32 before it multiplies"
        );
        MinChildkeyTakePerSubnet::<Runtime>::insert(NETUID, u16::MAX);
        assert_eq!(
            shared(1_000_000),
            of(&[(hotkey(0), 1_000_000), (parent, 0)])
        );
    });
}

#[test]
fn case_64_dividends_of_a_child_without_stake_are_all_alpha() {
    at_block(|| {
        create(NETUID, &[0]);
        TaoWeight::<Runtime>::put(WHOLE);
        let parent = parent(0, 5_000);
        emission::stake::<Runtime>(&parent, &coldkey(0), ROOT, 5_000);
        relate(&parent, &hotkey(0), WHOLE);
        ChildkeyTake::<Runtime>::insert(hotkey(0), NETUID, 11_796);
        let reward = EpochReward {
            hotkey: hotkey(0).into(),
            server_emission: 0,
            validator_emission: 1_000_000,
        };
        let dividends = divide(&mut Pools::<Runtime>::new(NETUID), &[reward], 1_000, 700);
        // The child's 179 995 are alpha, of the parent's 820 004 half: 1000 · 179995/589997, 1000 · 410002/589997.
        let rao = |amounts: &Amounts| {
            [hotkey(0), parent.clone()].map(|hotkey| amounts[&hotkey].to_num::<u64>())
        };
        assert_eq!(rao(&dividends.alpha), [305, 694]);
        assert_eq!(rao(&dividends.root), [0, 700]);
    });
}

#[test]
fn case_86_stake_given_to_children_stops_at_zero_before_parents_are_added() {
    // Quarters and eighths, which truncation leaves as they are.
    let split_with = |children: [u64; 2]| {
        let mut amounts = [0; 2];
        at_block(|| {
            create(NETUID, &[1_000]);
            TaoWeight::<Runtime>::put(WHOLE);
            emission::stake::<Runtime>(&hotkey(0), &coldkey(0), ROOT, 800);
            let parent = parent(0, 675);
            relate(&parent, &hotkey(0), WHOLE);
            for (number, proportion) in (0u16..).zip(children) {
                relate(&hotkey(0), &account(5, number), proportion);
            }
            let shared = shared(1_000);
            amounts = [shared[&hotkey(0)], shared[&parent]];
        });
        amounts
    };
    // An eighth stays: 125 of its alpha and 100 of its root stake against the parent's 675.
    assert_eq!(split_with([3 << 62, 1 << 61]), [250, 750]);
    // Three halves are given away: nothing stays, and nothing is owed.
    assert_eq!(split_with([3 << 62, 3 << 62]), [0, 1_000]);
    assert_eq!(split_with([WHOLE, WHOLE]), [0, 1_000]);
}

#[test]
fn own_stake_counts_in_whole_rao_and_contributions_do_not() {
    at_block(|| {
        create(NETUID, &[0]);
        TaoWeight::<Runtime>::put(WHOLE / 2);
        let parent = parent(0, 0);
        relate(&parent, &hotkey(0), WHOLE);
        emission::stake::<Runtime>(&hotkey(0), &coldkey(0), ROOT, 3);
        emission::stake::<Runtime>(&parent, &coldkey(0), ROOT, 3);
        // A bit less than 1½ each: 1 of its own against 1½.
        assert_eq!(shared(1_000), of(&[(hotkey(0), 400), (parent, 599)]));
    });
}

#[test]
fn case_65_parent_and_child_of_one_owner() {
    at_block(|| {
        create(NETUID, &[0]);
        let parent = parent(0, 5_000);
        relate(&parent, &hotkey(0), WHOLE);
        ChildkeyTake::<Runtime>::insert(hotkey(0), NETUID, 11_796);
        CKBurn::<Runtime>::put(WHOLE / 2);
        Owner::<Runtime>::insert(&parent, coldkey(0));
        assert_eq!(
            shared(1_000_000),
            of(&[(hotkey(0), 0), (parent, 1_000_000)])
        );
        assert_eq!(AlphaRecycled::<Runtime>::get(NETUID), 0);
    });
}

#[test]
fn case_66_proportions_that_add_up_to_one_leave_what_truncation_leaves() {
    let stake = 1_000u64 << 32;
    let with_children = |proportions: &[u64]| {
        let mut kept = 0;
        at_block(|| {
            create(NETUID, &[stake]);
            let parent = parent(0, 1_000);
            relate(&parent, &hotkey(0), WHOLE);
            for (number, proportion) in (0u16..).zip(proportions) {
                relate(&hotkey(0), &account(5, number), *proportion);
            }
            kept = shared(2_000)[&hotkey(0)];
        });
        kept
    };
    // Three thirds leave 2^-32 of the stake, which then equals the parent's contribution.
    assert_eq!(with_children(&[WHOLE / 3, WHOLE / 3, WHOLE / 3]), 1_000);
    assert_eq!(with_children(&[WHOLE]), 0);
}

#[test]
fn case_67_parent_off_the_subnet_is_paid() {
    at_block(|| {
        one_validator();
        let parent = parent(0, 5);
        relate(&parent, &hotkey(0), WHOLE);
        Delegates::<Runtime>::insert(&parent, 0);
        distribute::run::<Runtime>(NETUID, pending(500, 500), BLOCK);
        // Half of the child's stake weight is the parent's.
        assert_eq!(alpha(&parent), 5 + 250);
        assert_eq!(
            AlphaDividendsPerSubnet::<Runtime>::get(NETUID, &parent),
            250
        );
    });
}

#[test]
fn case_68_zero_dividends_leave_entries_and_migrate_shares() {
    at_block(|| {
        create(NETUID, &[5, 0, 0]);
        weights(NETUID, 0, &[(2, 65_535)]);
        let parent = parent(0, 0);
        relate(&parent, &hotkey(1), WHOLE);
        Alpha::<Runtime>::insert((hotkey(1), coldkey(1), NETUID), U64F64::from_num(70));
        TotalHotkeyShares::<Runtime>::insert(hotkey(1), NETUID, U64F64::from_num(70));
        TotalHotkeyAlpha::<Runtime>::insert(hotkey(1), NETUID, 0);
        distribute::run::<Runtime>(NETUID, pending(500, 500), BLOCK);
        for hotkey in [hotkey(1), hotkey(2), parent] {
            assert_eq!(
                AlphaDividendsPerSubnet::<Runtime>::try_get(NETUID, hotkey),
                Ok(0)
            );
        }
        assert!(!Alpha::<Runtime>::contains_key((
            hotkey(1),
            coldkey(1),
            NETUID
        )));
        assert!(!TotalHotkeyShares::<Runtime>::contains_key(
            hotkey(1),
            NETUID
        ));
        assert!(AlphaV2::<Runtime>::contains_key((
            hotkey(1),
            coldkey(1),
            NETUID
        )));
    });
}

/// Dividends of the one validator after take, of 1000 rao.
fn dividend_after_take() -> u64 {
    distribute::run::<Runtime>(NETUID, pending(1_000, 1_000), BLOCK);
    AlphaDividendsPerSubnet::<Runtime>::get(NETUID, hotkey(0))
}

#[test]
fn case_69_absent_delegate_takes_the_default() {
    for (take, expected) in [
        (None, 820),
        (Some(11_796), 820),
        (Some(0), 1_000),
        (Some(u16::MAX), 0),
    ] {
        at_block(|| {
            one_validator();
            if let Some(take) = take {
                Delegates::<Runtime>::insert(hotkey(0), take);
            }
            assert_eq!(dividend_after_take(), expected, "take {take:?}");
        });
    }
}

#[test]
fn case_70_zero_account_receives_the_shares_of_an_unowned_hotkey() {
    at_block(|| {
        one_validator();
        Owner::<Runtime>::remove(hotkey(1));
        distribute::run::<Runtime>(NETUID, pending(800, 0), BLOCK);
        assert_eq!(staked(&hotkey(1), &zero_account()), 600 / 2);
    });
}

/// Three miners of equal weight; the second and third belong to the subnet's owner, whose owner hotkey is the third.
fn owner_mines() {
    create(NETUID, &[5, 0, 0, 0]);
    weights(NETUID, 0, &[(1, 1), (2, 1), (3, 2)]);
    SubnetAlphaOut::<Runtime>::insert(NETUID, 10_000);
    SubnetOwner::<Runtime>::insert(NETUID, coldkey(2));
    SubnetOwnerHotkey::<Runtime>::insert(NETUID, hotkey(3));
    OwnedHotkeys::<Runtime>::insert(coldkey(2), vec![hotkey(2), account(6, 6)]);
}

#[test]
fn case_71_incentive_of_the_owner_is_withheld() {
    for (setting, recycled) in [
        (None, false),
        (Some(RecycleOrBurnEnum::Burn), false),
        (Some(RecycleOrBurnEnum::Recycle), true),
    ] {
        at_block(|| {
            owner_mines();
            if let Some(setting) = setting {
                RecycleOrBurn::<Runtime>::insert(NETUID, setting);
            }
            distribute::run::<Runtime>(NETUID, pending(800, 0), BLOCK);
            assert_eq!([1, 2, 3].map(|uid| alpha(&hotkey(uid))), [100, 0, 0]);
            assert_eq!(
                AlphaBurned::<Runtime>::get(NETUID),
                if recycled { 0 } else { 300 }
            );
            assert_eq!(
                AlphaRecycled::<Runtime>::get(NETUID),
                if recycled { 300 } else { 0 }
            );
            assert_eq!(
                SubnetAlphaOut::<Runtime>::get(NETUID),
                if recycled { 9_700 } else { 10_000 }
            );
            assert_eq!(MinerBurned::<Runtime>::get(NETUID), 0.75);
        });
    }
}

#[test]
fn case_72_without_subnet_owner_the_cut_is_lost() {
    at_block(|| {
        owner_mines();
        OwnedHotkeys::<Runtime>::insert(zero_account(), vec![hotkey(1)]);
        SubnetOwner::<Runtime>::remove(NETUID);
        distribute::run::<Runtime>(
            NETUID,
            Pending {
                owner: 77,
                ..pending(800, 0)
            },
            BLOCK,
        );
        // Withheld: uid 1 as the zero account's, uid 3 as the owner hotkey.
        assert_eq!([1, 2, 3].map(|uid| alpha(&hotkey(uid))), [0, 100, 0]);
    });
    at_block(|| {
        owner_mines();
        distribute::run::<Runtime>(
            NETUID,
            Pending {
                owner: 77,
                ..pending(800, 0)
            },
            BLOCK,
        );
        assert_eq!(staked(&hotkey(3), &coldkey(2)), 77);
    });
    at_block(|| {
        owner_mines();
        SubnetOwnerHotkey::<Runtime>::remove(NETUID);
        distribute::run::<Runtime>(
            NETUID,
            Pending {
                owner: 77,
                ..pending(800, 0)
            },
            BLOCK,
        );
        assert_eq!(
            [1, 2, 3].map(|uid| alpha(&hotkey(uid))),
            [100, 0, 200],
            "only the coldkey's are withheld, no cut"
        );
    });
}

#[test]
fn case_73_auto_stake_goes_to_the_chosen_hotkey() {
    at_block(|| {
        one_validator();
        let chosen = account(6, 6);
        for uid in [0, 1] {
            AutoStakeDestination::<Runtime>::insert(coldkey(uid), NETUID, &chosen);
        }
        distribute::run::<Runtime>(NETUID, pending(800, 0), BLOCK);
        assert_eq!(staked(&chosen, &coldkey(1)), 300);
        assert_eq!(alpha(&hotkey(1)), 0);
        let event = |uid, incentive| Event::<Runtime>::AutoStakeAdded {
            netuid: NETUID,
            destination: chosen.clone(),
            hotkey: hotkey(uid),
            owner: coldkey(uid),
            incentive,
        };
        let told: Vec<_> = events()
            .into_iter()
            .filter(|event| matches!(event, Event::AutoStakeAdded { .. }))
            .collect();
        assert_eq!(told.encode(), vec![event(0, 0), event(1, 300)].encode());
    });
}

#[test]
fn case_74_take_is_staked_before_the_dividend() {
    at_block(|| {
        create(NETUID, &[0, 0]);
        let nominator = account(7, 7);
        emission::stake::<Runtime>(&hotkey(0), &coldkey(0), NETUID, 1_000_000_000_000);
        emission::stake::<Runtime>(&hotkey(0), &nominator, NETUID, 3_000_000_000_000);
        pallet_subtensor::ValidatorPermit::<Runtime>::insert(NETUID, vec![true, false]);
        weights(NETUID, 0, &[(1, 65_535)]);
        distribute::run::<Runtime>(NETUID, pending(1_000_000_000, 1_000_000_000), BLOCK);
        let staked = |coldkey| staked(&hotkey(0), coldkey);
        assert_eq!(
            [staked(&coldkey(0)), staked(&nominator)],
            [1_000_385_024_239, 3_000_614_975_759]
        );
        assert_eq!(alpha(&hotkey(0)), 4_000_999_999_999);
    });
}

#[test]
fn case_75_child_burn_recycles_without_lowering_what_is_divided() {
    at_block(|| {
        create(NETUID, &[0, 0]);
        let parent = parent(0, 5_000);
        relate(&parent, &hotkey(0), WHOLE);
        pallet_subtensor::ValidatorPermit::<Runtime>::insert(NETUID, vec![true, false]);
        weights(NETUID, 0, &[(1, 65_535)]);
        SubnetAlphaOut::<Runtime>::insert(NETUID, 10_000);
        CKBurn::<Runtime>::put(WHOLE / 2);
        Delegates::<Runtime>::insert(&parent, 0);
        distribute::run::<Runtime>(NETUID, pending(1_000, 1_000), BLOCK);
        assert_eq!(
            AlphaRecycled::<Runtime>::get(NETUID),
            499,
            "half, the proportion truncated"
        );
        assert_eq!(SubnetAlphaOut::<Runtime>::get(NETUID), 9_501);
        assert_eq!(alpha(&parent), 6_000, "the whole of the validators' amount");
        assert_eq!(TotalHotkeyAlpha::<Runtime>::get(&parent, ROOT), 0);
    });
}

/// A change of a pool: hotkey and coldkey by number, rao; to all holders without a coldkey.
type Change = (u16, Option<u16>, u64);

/// Three pools whose shares are of the first version, the second, both or none, each with values of 0 as well.
fn pools_of_both_versions(versions: &[u8]) {
    for (number, version) in (0u16..).zip(versions) {
        let (hotkey, key) = (hotkey(number), |cold| {
            (hotkey(number), coldkey(cold), NETUID)
        });
        let amount = u64::from(version / 4) * 1_000_000_007;
        if version & 1 > 0 {
            TotalHotkeyAlpha::<Runtime>::insert(&hotkey, NETUID, amount);
            TotalHotkeyShares::<Runtime>::insert(&hotkey, NETUID, U64F64::from_num(amount));
            Alpha::<Runtime>::insert(key(0), U64F64::from_num(amount / 3));
        }
        if version & 2 > 0 {
            TotalHotkeyAlpha::<Runtime>::insert(&hotkey, NETUID, amount);
            let shares = |amount: u64| SafeFloat::from_integer(amount.into());
            TotalHotkeySharesV2::<Runtime>::insert(&hotkey, NETUID, shares(amount));
            AlphaV2::<Runtime>::insert(key(0), shares(amount / 5));
            AlphaV2::<Runtime>::insert(key(1), shares(amount - amount / 5));
        }
    }
}

/// Hash of the state after these changes, each in memory of its own or all in one.
fn after(versions: &[u8], changes: &[Change], at_once: bool) -> Vec<u8> {
    let mut root = Vec::new();
    at_block(|| {
        pools_of_both_versions(versions);
        let mut pools = Pools::<Runtime>::new(NETUID);
        for (hot, cold, amount) in changes {
            match cold {
                Some(cold) => pools.stake(&hotkey(*hot), &coldkey(*cold), *amount),
                None => pools.stake_for_all(&hotkey(*hot), *amount),
            }
            if !at_once {
                std::mem::replace(&mut pools, Pools::new(NETUID)).store();
            }
        }
        pools.store();
        root = sp_io::storage::root(sp_core::storage::StateVersion::V1);
    });
    root
}

proptest! {
    #[test]
    fn pools_kept_in_memory_end_as_if_each_change_was_stored(
        versions in vec(0u8..12, 3),
        changes in vec((0u16..3, option::of(0u16..3), prop_oneof![Just(0), 1..5_000_000_000u64]), 0..20),
    ) {
        prop_assert_eq!(after(&versions, &changes, true), after(&versions, &changes, false));
    }
}
