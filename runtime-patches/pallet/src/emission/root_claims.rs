//! Dividends of root stake: credited to a hotkey as a rate, claimed by its coldkeys (distribution §9.3 and §9.4).

use super::coinbase::subnet_account;
use super::pools::{staked, Pools};
use super::stake::stake;
use super::subnet_pool::{record_outflow, sell_alpha};
use crate::types::{NetUid, RootClaimTypeEnum, ROOT};
use crate::{
    Config, Event, NetworksAdded, NumRootClaim, NumStakingColdkeys, Pallet, RootClaimType,
    RootClaimable, RootClaimableThreshold, RootClaimed, StakingColdkeysByIndex, StakingHotkeys,
    SubnetAlphaOut, SubnetRootSellTao, SubnetTAO, TotalIssuance, TotalStake,
};
use alloc::collections::BTreeSet;
use frame_support::storage::{with_transaction, TransactionOutcome};
use frame_support::traits::fungible::{Inspect, Mutate};
use frame_support::traits::tokens::{Fortitude, Preservation};
use sp_runtime::{AccountId32, DispatchError, DispatchResult, TokenError};
use substrate_fixed::types::I96F32;

/// Let a hotkey's root stakers claim subnet alpha, rao, in proportion to their stake. More alpha than there is root
/// stake goes to the hotkey's owner as stake on the subnet.
pub fn credit_root_dividend<T: Config>(pools: &mut Pools<T>, hotkey: &AccountId32, alpha: u64) {
    let root_stake = pools.root_stake(hotkey);
    if alpha > root_stake {
        let owner = pools.owner(hotkey);
        return pools.stake(hotkey, &owner, alpha);
    }
    let rate = I96F32::from_num(alpha)
        .checked_div(I96F32::from_num(root_stake))
        .unwrap_or_default();
    RootClaimable::<T>::mutate(hotkey, |rates| {
        let total = rates.entry(pools.netuid()).or_default();
        *total = total.saturating_add(rate);
    });
}

/// Claim for a few coldkeys drawn by the parent block's hash. A failing claim undoes all those of its coldkey.
pub fn claim_root_dividends<T: Config>() {
    let hash = frame_system::Pallet::<T>::parent_hash();
    let drawn = draw(
        hash.as_ref(),
        NumRootClaim::<T>::get(),
        NumStakingColdkeys::<T>::get(),
    );
    for index in drawn {
        let Some(coldkey) = StakingColdkeysByIndex::<T>::get(index) else {
            continue;
        };
        let _ = with_transaction(|| match claim_all::<T>(&coldkey) {
            Ok(()) => TransactionOutcome::Commit(Ok(())),
            Err(error) => TransactionOutcome::Rollback(Err(error)),
        });
    }
}

/// Distinct indices below `length`, ascending: a walk whose steps are the hash's big-endian words in turn.
/// Index 0 is drawn from an empty list.
fn draw(hash: &[u8], draws: u64, length: u64) -> BTreeSet<u64> {
    let words: [u64; 4] = core::array::from_fn(|word| {
        let bytes = hash
            .get(word.saturating_mul(8)..)
            .and_then(<[u8]>::first_chunk);
        bytes.map_or(0, |bytes| u64::from_be_bytes(*bytes))
    });
    let mut index = words[0];
    let mut step = words.into_iter().cycle();
    (0..draws)
        .map(|_| {
            let next = index.saturating_add(step.next().unwrap_or(0));
            index = next.checked_rem(length).unwrap_or(0);
            index
        })
        .collect()
}

fn claim_all<T: Config>(coldkey: &AccountId32) -> DispatchResult {
    let claim_type = RootClaimType::<T>::get(coldkey);
    for hotkey in StakingHotkeys::<T>::get(coldkey) {
        for netuid in RootClaimable::<T>::get(&hotkey).into_keys() {
            claim::<T>(&hotkey, coldkey, netuid, &claim_type)?;
        }
    }
    Pallet::<T>::deposit_event(Event::RootClaimed {
        coldkey: coldkey.clone(),
    });
    Ok(())
}

/// Pay what a coldkey is owed, if that reaches the subnet's threshold.
fn claim<T: Config>(
    hotkey: &AccountId32,
    coldkey: &AccountId32,
    netuid: NetUid,
    claim_type: &RootClaimTypeEnum,
) -> DispatchResult {
    let owed = owed::<T>(hotkey, coldkey, netuid);
    let alpha = owed.saturating_to_num::<u64>();
    if owed < RootClaimableThreshold::<T>::get(netuid) || alpha == 0 {
        return Ok(());
    }
    let keep = match claim_type {
        RootClaimTypeEnum::Swap => false,
        RootClaimTypeEnum::Keep => true,
        RootClaimTypeEnum::KeepSubnets { subnets } => subnets.contains(&netuid),
    };
    if keep {
        stake::<T>(hotkey, coldkey, netuid, alpha);
    } else {
        swap_to_root::<T>(hotkey, coldkey, netuid, alpha)?;
    }
    // All of it counts as claimed, also where the price limit cut the sale.
    RootClaimed::<T>::mutate((netuid, hotkey, coldkey), |claimed| {
        *claimed = claimed.saturating_add(alpha.into())
    });
    Ok(())
}

/// Alpha accrued on the coldkey's root stake less what it has claimed; negative after the stake shrank.
fn owed<T: Config>(hotkey: &AccountId32, coldkey: &AccountId32, netuid: NetUid) -> I96F32 {
    let rate = RootClaimable::<T>::get(hotkey)
        .get(&netuid)
        .copied()
        .unwrap_or_default();
    let claimed = RootClaimed::<T>::get((netuid, hotkey, coldkey));
    rate.saturating_mul(I96F32::from_num(staked::<T>(hotkey, coldkey, ROOT)))
        .saturating_sub(I96F32::saturating_from_num(claimed))
}

/// Sell alpha, rao, and stake the TAO on root.
fn swap_to_root<T: Config>(
    hotkey: &AccountId32,
    coldkey: &AccountId32,
    netuid: NetUid,
    alpha: u64,
) -> DispatchResult {
    let trade = sell_alpha::<T>(netuid, alpha).ok_or(DispatchError::Unavailable)?;
    let tao = trade.paid_out;
    transfer_to_root::<T>(netuid, tao)?;
    SubnetRootSellTao::<T>::mutate(netuid, |sold| *sold = sold.saturating_add(tao));
    record_outflow::<T>(netuid, tao);

    stake::<T>(hotkey, coldkey, ROOT, tao);
    SubnetTAO::<T>::mutate(ROOT, |reserve| *reserve = reserve.saturating_add(tao));
    SubnetAlphaOut::<T>::mutate(ROOT, |staked| *staked = staked.saturating_add(tao));
    TotalStake::<T>::mutate(|total| *total = total.saturating_add(tao));
    exclude_from_past_dividends::<T>(hotkey, coldkey, tao);
    Ok(())
}

/// New root stake, rao, is not entitled to what its hotkey's rates accrued before.
pub fn exclude_from_past_dividends<T: Config>(
    hotkey: &AccountId32,
    coldkey: &AccountId32,
    tao: u64,
) {
    change_claimed::<T>(hotkey, coldkey, tao, u128::saturating_add);
}

/// Root stake, rao, that leaves takes with it what its hotkey's rates accrued.
#[cfg(feature = "calls")]
pub fn forget_past_dividends<T: Config>(hotkey: &AccountId32, coldkey: &AccountId32, tao: u64) {
    change_claimed::<T>(hotkey, coldkey, tao, u128::saturating_sub);
}

fn change_claimed<T: Config>(
    hotkey: &AccountId32,
    coldkey: &AccountId32,
    tao: u64,
    by: fn(u128, u128) -> u128,
) {
    for (netuid, rate) in RootClaimable::<T>::get(hotkey) {
        let accrued = rate
            .saturating_mul(I96F32::from_num(tao))
            .saturating_to_num::<u128>();
        RootClaimed::<T>::mutate((netuid, hotkey, coldkey), |claimed| {
            *claimed = by(*claimed, accrued)
        });
    }
}

/// Move TAO, rao, from a subnet's account to root's. If what remains is too little to exist, it is lost, and counted so.
fn transfer_to_root<T: Config>(netuid: NetUid, tao: u64) -> DispatchResult {
    let account = subnet_account(netuid);
    let available =
        T::Currency::reducible_balance(&account, Preservation::Expendable, Fortitude::Polite);
    let exists = netuid == ROOT || NetworksAdded::<T>::contains_key(netuid);
    if !exists || tao > available {
        return Err(TokenError::FundsUnavailable.into());
    }
    let issued = T::Currency::total_issuance();
    T::Currency::transfer(
        &account,
        &subnet_account(ROOT),
        tao,
        Preservation::Expendable,
    )?;
    let dust = issued.saturating_sub(T::Currency::total_issuance());
    if dust > 0 {
        TotalIssuance::<T>::mutate(|issued| *issued = issued.saturating_sub(dust));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
