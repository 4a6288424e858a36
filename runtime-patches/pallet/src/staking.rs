//! Staking on root and moving stake inside a subnet: what needs no trade with a pool, hence no fee and no slippage.
//!
//! The chain also asks for a minimal amount and limits how often a coldkey stakes; neither is looked at here.

use crate::emission::{
    alpha_price, buy_alpha, exclude_from_past_dividends, forget_past_dividends, index_root_staker,
    sell_alpha, stake, staked, subnet_account, unstake,
};
use crate::types::{NetUid, ROOT};
use crate::{
    Config, Error, Event, LastColdkeyHotkeyStakeBlock, Lock, NetworksAdded, NumStakingColdkeys,
    Owner, Pallet, StakingColdkeys, StakingColdkeysByIndex, StakingHotkeys, SubnetTaoFlow,
};
use frame_support::ensure;
use frame_support::traits::fungible::{Inspect, Mutate};
use frame_support::traits::tokens::{Fortitude, Preservation};
use sp_runtime::traits::UniqueSaturatedInto;
use sp_runtime::{AccountId32, DispatchError, DispatchResult};
use substrate_fixed::types::U64F64;

/// (coldkey, hotkey, subnet).
type Position<'a> = (&'a AccountId32, &'a AccountId32, NetUid);

/// Stake TAO, rao, on root; what would bring the coldkey below its existential deposit stays.
pub fn add<T: Config>(
    coldkey: &AccountId32,
    hotkey: &AccountId32,
    netuid: NetUid,
    amount: u64,
) -> DispatchResult {
    ensure!(netuid == ROOT, Error::<T>::OutsideReferenceRuntime);
    exists::<T>(hotkey, netuid)?;
    ensure!(amount > 0, Error::<T>::AmountTooLow);
    let spendable =
        T::Currency::reducible_balance(coldkey, Preservation::Preserve, Fortitude::Polite);
    ensure!(spendable > 0, Error::<T>::InsufficientBalance);
    let tao = T::Currency::transfer(
        coldkey,
        &subnet_account(ROOT),
        amount.min(spendable),
        Preservation::Preserve,
    )?;
    let bought = buy_alpha::<T>(ROOT, tao).ok_or(DispatchError::Unavailable)?;
    stake::<T>(hotkey, coldkey, ROOT, bought.paid_out);
    SubnetTaoFlow::<T>::mutate(ROOT, |flow| *flow = flow.saturating_add(tao.cast_signed()));
    exclude_from_past_dividends::<T>(hotkey, coldkey, bought.paid_out);
    index_root_staker::<T>(coldkey);
    note::<T>(coldkey, hotkey);
    Pallet::<T>::deposit_event(Event::StakeAdded(
        coldkey.clone(),
        hotkey.clone(),
        tao,
        bought.paid_out,
        ROOT,
        0,
    ));
    Ok(())
}

/// Take TAO, rao, from root. The root staker loses what past dividends of that part it has not claimed.
pub fn remove<T: Config>(
    coldkey: &AccountId32,
    hotkey: &AccountId32,
    netuid: NetUid,
    amount: u64,
) -> DispatchResult {
    ensure!(netuid == ROOT, Error::<T>::OutsideReferenceRuntime);
    withdrawable::<T>((coldkey, hotkey, ROOT), amount)?;
    unstake::<T>(hotkey, coldkey, ROOT, amount);
    let sold = sell_alpha::<T>(ROOT, amount).ok_or(DispatchError::Unavailable)?;
    T::Currency::transfer(
        &subnet_account(ROOT),
        coldkey,
        sold.paid_out,
        Preservation::Expendable,
    )?;
    SubnetTaoFlow::<T>::mutate(ROOT, |flow| {
        *flow = flow.saturating_sub(sold.paid_out.cast_signed())
    });
    forget_past_dividends::<T>(hotkey, coldkey, amount);
    let has_root_stake = StakingHotkeys::<T>::get(coldkey)
        .iter()
        .any(|hotkey| staked::<T>(hotkey, coldkey, ROOT) > 0);
    if !has_root_stake {
        unindex_root_staker::<T>(coldkey);
    }
    note::<T>(coldkey, hotkey);
    Pallet::<T>::deposit_event(Event::StakeRemoved(
        coldkey.clone(),
        hotkey.clone(),
        sold.paid_out,
        amount,
        ROOT,
        0,
    ));
    Ok(())
}

/// Move stake, rao of alpha, between two positions of one subnet. Returns what it is worth in TAO, rao rounded down.
pub fn hand_over<T: Config>(
    from: Position,
    to: Position,
    amount: u64,
) -> Result<u64, DispatchError> {
    let (coldkey, hotkey, netuid) = from;
    let (receiver, destination, destination_netuid) = to;
    ensure!(
        netuid == destination_netuid,
        Error::<T>::OutsideReferenceRuntime
    );
    ensure!(from != to, Error::<T>::SameNetuid);
    exists::<T>(destination, netuid)?;
    withdrawable::<T>(from, amount)?;
    unstake::<T>(hotkey, coldkey, netuid, amount);
    if netuid == ROOT {
        forget_past_dividends::<T>(hotkey, coldkey, amount);
    }
    stake::<T>(destination, receiver, netuid, amount);
    if netuid == ROOT {
        exclude_from_past_dividends::<T>(destination, receiver, amount);
    }
    note::<T>(receiver, destination);
    let tao = alpha_price::<T>(netuid)
        .saturating_mul(U64F64::from_num(amount))
        .saturating_to_num();
    Pallet::<T>::deposit_event(Event::StakeRemoved(
        coldkey.clone(),
        hotkey.clone(),
        tao,
        amount,
        netuid,
        0,
    ));
    Pallet::<T>::deposit_event(Event::StakeAdded(
        receiver.clone(),
        destination.clone(),
        tao,
        amount,
        netuid,
        0,
    ));
    Ok(tao)
}

fn exists<T: Config>(hotkey: &AccountId32, netuid: NetUid) -> DispatchResult {
    ensure!(
        netuid == ROOT || NetworksAdded::<T>::get(netuid),
        Error::<T>::OutsideReferenceRuntime
    );
    ensure!(
        Owner::<T>::contains_key(hotkey),
        Error::<T>::HotKeyAccountNotExists
    );
    Ok(())
}

fn withdrawable<T: Config>(from: Position, amount: u64) -> DispatchResult {
    let (coldkey, hotkey, netuid) = from;
    exists::<T>(hotkey, netuid)?;
    ensure!(amount > 0, Error::<T>::AmountTooLow);
    ensure!(
        staked::<T>(hotkey, coldkey, netuid) >= amount,
        Error::<T>::NotEnoughStakeToWithdraw
    );
    let locked = Lock::<T>::iter_prefix((coldkey, netuid)).next().is_some();
    ensure!(!locked, Error::<T>::StakeUnavailable);
    Ok(())
}

fn note<T: Config>(coldkey: &AccountId32, hotkey: &AccountId32) {
    let block: u64 = frame_system::Pallet::<T>::block_number().unique_saturated_into();
    LastColdkeyHotkeyStakeBlock::<T>::insert(coldkey, hotkey, block);
}

/// Take a coldkey out of the index; the last one moves into its place.
fn unindex_root_staker<T: Config>(coldkey: &AccountId32) {
    let Some(index) = StakingColdkeys::<T>::take(coldkey) else {
        return;
    };
    let last = NumStakingColdkeys::<T>::get().saturating_sub(1);
    match StakingColdkeysByIndex::<T>::take(last) {
        Some(moved) if index != last => {
            StakingColdkeysByIndex::<T>::insert(index, &moved);
            StakingColdkeys::<T>::insert(moved, index);
        }
        _ => StakingColdkeysByIndex::<T>::remove(index),
    }
    NumStakingColdkeys::<T>::put(last);
}

#[cfg(test)]
mod tests;
