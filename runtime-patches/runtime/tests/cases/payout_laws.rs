//! Conservation identities 5 to 10, of one epoch over generated populations.

use crate::dividing::{expected, Expected};
use crate::population::{alpha, population, Population};
use crate::subnet::*;
use epochdiff_runtime::{Runtime, System};
use frame_support::storage::{with_transaction, TransactionOutcome};
use pallet_subtensor::alpha_assets::{AlphaBurned, AlphaRecycled};
use pallet_subtensor::epoch::epoch;
use pallet_subtensor::schedule::Pending;
use pallet_subtensor::types::{RootClaimTypeEnum, SafeFloat, ROOT};
use pallet_subtensor::{
    distribute, emission, AlphaDividendsPerSubnet, AlphaV2, Dividends, Event, Incentive,
    LastUpdate, MechanismCountCurrent, NumRootClaim, NumStakingColdkeys, Owner,
    RootAlphaDividendsPerSubnet, RootClaimType, RootClaimable, RootClaimableThreshold, RootClaimed,
    StakingColdkeys, StakingColdkeysByIndex, SubnetAlphaOut, TotalHotkeySharesV2,
};
use proptest::prelude::*;
use sp_core::H256;
use sp_runtime::{AccountId32, DispatchError};
use std::collections::BTreeMap;
use substrate_fixed::types::I96F32;

/// Nothing, or more than dust.
fn pending_rao() -> impl Strategy<Value = u64> {
    prop_oneof![1 => Just(0u64), 4 => 1_000_000..1_000_000_000_000u64]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn an_epoch_pays_what_was_pending_or_leaves_what_the_rules_leave(
        population in population(),
        (server, validator, root, owner) in (pending_rao(), pending_rao(), pending_rao(), pending_rao()),
        mechanisms in 1..3u8,
    ) {
        let mut result = Ok(());
        let pending = Pending { server, validator, root, owner };
        at_block(|| result = epoch_is_paid(&population, pending, mechanisms));
        result?;
    }
}

/// What the closure returns, without what it does.
pub fn undone<R>(act: impl FnOnce() -> R) -> R {
    let mut result = None;
    let _ = with_transaction(|| {
        result = Some(act());
        TransactionOutcome::Rollback(Err::<(), DispatchError>(DispatchError::Other("undone")))
    });
    result.expect("the closure ran")
}

/// Rao by uid of each mechanism's incentive, as the events say.
pub fn incentives(netuid: u16) -> Vec<Vec<u64>> {
    let of_subnet = |event| match event {
        Event::IncentiveAlphaEmittedToMiners {
            netuid: index,
            emissions,
        } if index % 4096 == netuid => Some(emissions),
        _ => None,
    };
    events().into_iter().filter_map(of_subnet).collect()
}

fn epoch_is_paid(
    population: &Population,
    pending: Pending,
    mechanisms: u8,
) -> Result<(), TestCaseError> {
    population.create(NETUID);
    MechanismCountCurrent::<Runtime>::insert(NETUID, mechanisms);
    LastUpdate::<Runtime>::insert(NETUID + 4096, vec![UPDATED; usize::from(population.uids())]);
    let mut rewards = undone(|| epoch::<Runtime>(NETUID, pending.epoch_rao()));
    rewards.sort_by_key(|reward| reward.hotkey);
    // Hotkeys ascend with the uid.
    let by_uid: Vec<u64> = server(&rewards);
    let incentive: u64 = by_uid.iter().sum();
    let validators = match incentive {
        0 => pending.validator + pending.server,
        _ => pending.validator,
    };
    let divided = expected(NETUID, &rewards, validators, pending.root);
    let before: BTreeMap<_, _> = population
        .hotkeys()
        .map(|hotkey| {
            (
                hotkey.clone(),
                (alpha(&hotkey, NETUID), alpha(&hotkey, ROOT)),
            )
        })
        .collect();
    let outside = SubnetAlphaOut::<Runtime>::get(NETUID);

    distribute::run::<Runtime>(NETUID, pending, BLOCK);

    let told = incentives(NETUID);
    incentive_follows_the_roles(&told, pending.epoch_rao(), population.uids())?;
    for (uid, rao) in by_uid.iter().enumerate() {
        prop_assert_eq!(told.iter().map(|of| of[uid]).sum::<u64>(), *rao);
    }

    // Identity 8, hotkey by hotkey.
    let mut paid: BTreeMap<AccountId32, u64> = BTreeMap::new();
    let mut pay = |hotkey: &AccountId32, rao| *paid.entry(hotkey.clone()).or_default() += rao;
    let mut withheld = 0;
    for (uid, rao) in (0u16..).zip(&by_uid) {
        match population.is_withheld(uid) {
            true => withheld += rao,
            false => pay(&population.destination(uid), *rao),
        }
    }
    if let Some(hotkey) = population.paid_owner() {
        pay(&hotkey, pending.owner);
    }
    let mut claimable = 0;
    for (hotkey, (take, rest)) in &divided.alpha.paid {
        pay(hotkey, take + rest);
        prop_assert_eq!(
            AlphaDividendsPerSubnet::<Runtime>::get(NETUID, hotkey),
            *rest
        );
    }
    for (hotkey, (take, rest)) in &divided.root.paid {
        let falls_back = *rest > before[hotkey].1;
        pay(hotkey, take + if falls_back { *rest } else { 0 });
        claimable += if falls_back { 0 } else { *rest };
        prop_assert_eq!(
            RootAlphaDividendsPerSubnet::<Runtime>::get(NETUID, hotkey),
            *rest
        );
    }
    let mut staked = 0;
    for (hotkey, (alpha_before, root_before)) in &before {
        let gained = alpha(hotkey, NETUID) - alpha_before;
        prop_assert_eq!(gained, paid.get(hotkey).copied().unwrap_or(0), "{}", hotkey);
        prop_assert_eq!(alpha(hotkey, ROOT), *root_before);
        staked += gained;
    }
    let recycled = divided.burned + if population.recycles() { withheld } else { 0 };
    let burned = if population.recycles() { 0 } else { withheld };
    prop_assert_eq!(AlphaRecycled::<Runtime>::get(NETUID), recycled);
    prop_assert_eq!(AlphaBurned::<Runtime>::get(NETUID), burned);
    prop_assert_eq!(outside - SubnetAlphaOut::<Runtime>::get(NETUID), recycled);

    // Identities 6 and 7.
    let hotkeys = divided.alpha.paid.len() as u64;
    let slack = |of: u64| hotkeys * ((of >> 32) + 2);
    for (of, divided) in [(validators, &divided.alpha), (pending.root, &divided.root)] {
        let sum = divided.sum();
        let whole = sum <= of && (of == 0 || of - sum < slack(of));
        prop_assert!(
            if divided.any { whole } else { sum == 0 },
            "{} of {}",
            sum,
            of
        );
    }
    let unpaid = unpaid(population, pending, incentive, &divided);
    let left =
        i128::from(pending.epoch_rao() + pending.owner) - i128::from(staked + claimable + withheld);
    let most = i128::from(slack(validators) + slack(pending.root));
    prop_assert!(
        unpaid <= left && left <= unpaid + most,
        "{} of {}",
        left,
        unpaid
    );

    holders_own_their_pools(NETUID)?;
    claims_pay_what_was_credited(&before, &divided)
}

/// Identity 7 without its slacks. Negative if mechanisms of which one has no dividends pay more than was pending.
pub fn unpaid(
    population: &Population,
    pending: Pending,
    incentive: u64,
    divided: &Expected,
) -> i128 {
    let unless = |paid: bool, rao: u64| if paid { 0 } else { i128::from(rao) };
    let (validators, left) = match incentive {
        0 => (pending.validator + pending.server, 0),
        _ => (
            pending.validator,
            i128::from(pending.server) - i128::from(incentive),
        ),
    };
    unless(population.paid_owner().is_some(), pending.owner)
        + left
        + unless(divided.alpha.any, validators)
        + unless(divided.root.any, pending.root)
}

/// Identity 5, by which vectors are 0: of at most 8 uids some has a part in 65535 if any has a share.
fn incentive_follows_the_roles(
    told: &[Vec<u64>],
    rao: u64,
    uids: u16,
) -> Result<(), TestCaseError> {
    let mechanisms = told.len() as u64;
    let is_any = |parts: Vec<u16>| parts.iter().any(|part| *part > 0);
    let dividends = is_any(Dividends::<Runtime>::get(NETUID));
    for (mechanism, emissions) in (0u16..).zip(told) {
        let rest = if mechanism == 0 { rao % mechanisms } else { 0 };
        let part = rao / mechanisms + rest;
        let slack = u64::from(uids) * ((part >> 31) + 1);
        let paid: u64 = emissions.iter().sum();
        let half = paid.abs_diff(part / 2) <= slack;
        let all = paid <= part && part - paid <= slack;
        let incentive = is_any(Incentive::<Runtime>::get(NETUID + 4096 * mechanism));
        let holds = match (incentive, dividends) {
            (false, _) => paid == 0,
            (true, false) => all,
            (true, true) if mechanisms == 1 => half,
            // The stored dividends are of all mechanisms together.
            (true, true) => half || all,
        };
        prop_assert!(holds, "{} of {}: {}, {}", paid, part, incentive, dividends);
    }
    Ok(())
}

/// Coldkeys of a pool with what their shares are worth, and the pool's value.
pub fn holders(hotkey: &AccountId32, netuid: u16) -> (BTreeMap<AccountId32, u64>, u64) {
    let value = alpha(hotkey, netuid);
    let denominator = TotalHotkeySharesV2::<Runtime>::get(hotkey, netuid);
    let worth = |share| {
        SafeFloat::from_integer(value.into())
            .mul_div(share, denominator)
            .map_or(0, |rao| rao.to_u64())
    };
    let of = AlphaV2::<Runtime>::iter_prefix((hotkey,))
        .filter(|((_, on), _)| *on == netuid)
        .map(|((coldkey, _), share)| (coldkey, worth(share)));
    (of.collect(), value)
}

/// Identity 10. A pool without a holder (a dividend whose take is less than a rao, to a hotkey without stake) is nobody's.
pub fn holders_own_their_pools(netuid: u16) -> Result<(), TestCaseError> {
    for hotkey in Owner::<Runtime>::iter_keys() {
        let (holders, value) = holders(&hotkey, netuid);
        let sum: u64 = holders.values().sum();
        let few = holders.len() as u64;
        prop_assert!(
            few == 0 || sum.abs_diff(value) <= few,
            "{} of {} for {}",
            sum,
            value,
            few
        );
    }
    Ok(())
}

/// Identity 9: what is credited for a hotkey is owed to its root stakers, and claimed once.
fn claims_pay_what_was_credited(
    before: &BTreeMap<AccountId32, (u64, u64)>,
    divided: &Expected,
) -> Result<(), TestCaseError> {
    let mut owed_by: BTreeMap<(AccountId32, AccountId32), i128> = BTreeMap::new();
    for (hotkey, (_, rest)) in &divided.root.paid {
        let root = before[hotkey].1;
        if *rest > root {
            let rates = RootClaimable::<Runtime>::get(hotkey);
            prop_assert!(!rates.contains_key(&NETUID), "fell back to the owner");
            continue;
        }
        let rate = RootClaimable::<Runtime>::get(hotkey)[&NETUID].to_bits();
        let (holders, _) = holders(hotkey, ROOT);
        let count = holders.len() as i128;
        let mut sum = 0;
        for (coldkey, worth) in holders {
            let owed = rate * i128::from(worth);
            sum += owed;
            owed_by.insert((hotkey.clone(), coldkey), owed);
        }
        // The rate is truncated, and each holder's worth, times a rate of at most 1.
        let credited = i128::from(*rest) << 32;
        let loss = i128::from(root) + (1 << 32) + (count << 32);
        prop_assert!(
            sum <= credited && credited - sum < loss,
            "{} of {}",
            sum,
            credited
        );
    }

    let staked: BTreeMap<_, _> = before
        .keys()
        .map(|hotkey| (hotkey.clone(), alpha(hotkey, NETUID)))
        .collect();
    claims_of_everybody(&[NETUID], |_| RootClaimTypeEnum::Keep);
    open_block(BLOCK + 1);
    emission::claim_root_dividends::<Runtime>();
    for (hotkey, staked) in staked {
        let of_hotkey = owed_by.iter().filter(|((of, _), _)| *of == hotkey);
        let mut claimed = 0;
        for ((_, coldkey), owed) in of_hotkey {
            let whole = (owed >> 32) as u64;
            let noted = RootClaimed::<Runtime>::get((NETUID, &hotkey, coldkey));
            prop_assert_eq!(noted, u128::from(whole));
            claimed += whole;
        }
        prop_assert_eq!(alpha(&hotkey, NETUID) - staked, claimed);
    }
    Ok(())
}

/// The parent's hash lets the draw of claims go through the index one by one.
pub fn open_block(block: u64) {
    let parent = H256::from_slice(&[0, 0, 0, 0, 0, 0, 0, 1].repeat(4));
    System::initialize(&(block as u32), &parent, &Default::default());
}

/// Every coldkey is drawn for a claim, however little it is owed on these subnets.
pub fn claims_of_everybody(netuids: &[u16], kind: impl Fn(&AccountId32) -> RootClaimTypeEnum) {
    let coldkeys: Vec<_> = Population::coldkeys().collect();
    NumStakingColdkeys::<Runtime>::put(coldkeys.len() as u64);
    NumRootClaim::<Runtime>::put(64);
    for netuid in netuids {
        RootClaimableThreshold::<Runtime>::insert(netuid, I96F32::from_num(0));
    }
    for (index, coldkey) in (0u64..).zip(coldkeys) {
        RootClaimType::<Runtime>::insert(&coldkey, kind(&coldkey));
        StakingColdkeys::<Runtime>::insert(&coldkey, index);
        StakingColdkeysByIndex::<Runtime>::insert(index, coldkey);
    }
}
