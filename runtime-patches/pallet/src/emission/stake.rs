//! Stake of coldkeys in the pools of hotkeys.
//!
//! Shares exist in two versions. A key of the first wins over one of the second, also when its value is 0; every write
//! removes it and writes the second.

use super::share_pool::SharePool;
use crate::types::{NetUid, SafeFloat};
use crate::{
    Alpha, AlphaV2, Config, StakingHotkeys, TotalHotkeyAlpha, TotalHotkeyShares,
    TotalHotkeySharesV2,
};
use sp_runtime::AccountId32;

/// What a coldkey owns in the pool of a hotkey, rao of alpha (of TAO on root).
pub fn staked<T: Config>(hotkey: &AccountId32, coldkey: &AccountId32, netuid: NetUid) -> u64 {
    pool::<T>(hotkey, netuid).worth(share::<T>(hotkey, coldkey, netuid))
}

/// Stake to a hotkey for a coldkey, rao. An amount of 0 changes no value but brings the shares to their second version.
pub fn stake<T: Config>(hotkey: &AccountId32, coldkey: &AccountId32, netuid: NetUid, amount: u64) {
    if amount > 0 {
        let mut hotkeys = StakingHotkeys::<T>::get(coldkey);
        if !hotkeys.contains(hotkey) {
            hotkeys.push(hotkey.clone());
            StakingHotkeys::<T>::insert(coldkey, hotkeys);
        }
    }
    let mut pool = pool::<T>(hotkey, netuid);
    // Pools count in i64; no amount below the hard cap reaches the sign.
    let share = pool.add_to_one(share::<T>(hotkey, coldkey, netuid), amount.cast_signed());
    write_value::<T>(hotkey, netuid, pool.value);
    write_denominator::<T>(hotkey, netuid, pool.denominator);
    write_share::<T>(hotkey, coldkey, netuid, share);
}

/// Raise the value of the whole pool of a hotkey, rao: each holder gets its part.
pub fn stake_for_all<T: Config>(hotkey: &AccountId32, netuid: NetUid, amount: u64) {
    let mut pool = pool::<T>(hotkey, netuid);
    pool.add_to_all(amount.cast_signed());
    write_value::<T>(hotkey, netuid, pool.value);
}

fn pool<T: Config>(hotkey: &AccountId32, netuid: NetUid) -> SharePool {
    let denominator = match TotalHotkeyShares::<T>::try_get(hotkey, netuid) {
        Ok(shares) => SafeFloat::from_fixed(shares),
        Err(()) => TotalHotkeySharesV2::<T>::get(hotkey, netuid),
    };
    SharePool {
        value: TotalHotkeyAlpha::<T>::get(hotkey, netuid),
        denominator,
    }
}

fn share<T: Config>(hotkey: &AccountId32, coldkey: &AccountId32, netuid: NetUid) -> SafeFloat {
    match Alpha::<T>::try_get((hotkey, coldkey, netuid)) {
        Ok(share) => SafeFloat::from_fixed(share),
        Err(()) => AlphaV2::<T>::get((hotkey, coldkey, netuid)),
    }
}

fn write_value<T: Config>(hotkey: &AccountId32, netuid: NetUid, value: u64) {
    if value == 0 {
        TotalHotkeyAlpha::<T>::remove(hotkey, netuid);
    } else {
        TotalHotkeyAlpha::<T>::insert(hotkey, netuid, value);
    }
}

fn write_denominator<T: Config>(hotkey: &AccountId32, netuid: NetUid, denominator: SafeFloat) {
    TotalHotkeyShares::<T>::remove(hotkey, netuid);
    if denominator.is_zero() {
        TotalHotkeySharesV2::<T>::remove(hotkey, netuid);
    } else {
        TotalHotkeySharesV2::<T>::insert(hotkey, netuid, denominator);
    }
}

fn write_share<T: Config>(
    hotkey: &AccountId32,
    coldkey: &AccountId32,
    netuid: NetUid,
    share: SafeFloat,
) {
    let key = (hotkey, coldkey, netuid);
    Alpha::<T>::remove(key);
    if share.is_zero() {
        AlphaV2::<T>::remove(key);
    } else {
        AlphaV2::<T>::insert(key, share);
    }
}
