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
    // Pools count in i64; no amount below the hard cap reaches the sign.
    change::<T>(hotkey, coldkey, netuid, amount.cast_signed());
}

/// Take stake, rao, from a coldkey's part of a hotkey's pool. The coldkey must have it.
#[cfg(feature = "calls")]
pub fn unstake<T: Config>(
    hotkey: &AccountId32,
    coldkey: &AccountId32,
    netuid: NetUid,
    amount: u64,
) {
    change::<T>(
        hotkey,
        coldkey,
        netuid,
        amount.cast_signed().saturating_neg(),
    );
}

fn change<T: Config>(hotkey: &AccountId32, coldkey: &AccountId32, netuid: NetUid, delta_rao: i64) {
    let mut pool = pool::<T>(hotkey, netuid);
    let share = pool.add_to_one(share::<T>(hotkey, coldkey, netuid), delta_rao);
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

#[cfg(test)]
mod tests {
    use super::super::mock::{account, on_empty_state, Test};
    use super::*;
    use substrate_fixed::types::U64F64;

    #[test]
    fn staking_creates_shares_and_notes_the_hotkey() {
        on_empty_state(|| {
            let (hot, cold) = (account(1), account(2));
            stake::<Test>(&hot, &cold, 3, 1_000);
            stake::<Test>(&hot, &cold, 3, 500);
            assert_eq!(staked::<Test>(&hot, &cold, 3), 1_500);
            assert_eq!(TotalHotkeyAlpha::<Test>::get(&hot, 3), 1_500);
            assert_eq!(
                StakingHotkeys::<Test>::get(&cold),
                core::slice::from_ref(&hot)
            );
            stake_for_all::<Test>(&hot, 3, 500);
            assert_eq!(staked::<Test>(&hot, &cold, 3), 2_000);
            assert_eq!(
                TotalHotkeySharesV2::<Test>::get(&hot, 3),
                AlphaV2::<Test>::get((&hot, &cold, 3))
            );
        });
    }

    #[test]
    fn nothing_staked_leaves_no_keys() {
        on_empty_state(|| {
            let (hot, cold) = (account(1), account(2));
            TotalHotkeyAlpha::<Test>::insert(&hot, 3, 0);
            stake::<Test>(&hot, &cold, 3, 0);
            stake_for_all::<Test>(&hot, 3, 0);
            assert!(!TotalHotkeyAlpha::<Test>::contains_key(&hot, 3));
            assert!(!TotalHotkeySharesV2::<Test>::contains_key(&hot, 3));
            assert!(!AlphaV2::<Test>::contains_key((&hot, &cold, 3)));
            assert!(!StakingHotkeys::<Test>::contains_key(&cold));
        });
    }

    #[test]
    fn case_93_first_version_wins_and_is_migrated_by_a_write() {
        on_empty_state(|| {
            let (hot, cold, other) = (account(1), account(2), account(4));
            let old = U64F64::from_num(30);
            TotalHotkeyAlpha::<Test>::insert(&hot, 3, 600);
            TotalHotkeyShares::<Test>::insert(&hot, 3, U64F64::from_num(60));
            TotalHotkeySharesV2::<Test>::insert(&hot, 3, SafeFloat::from_integer(7));
            Alpha::<Test>::insert((&hot, &cold, 3), old);
            Alpha::<Test>::insert((&hot, &other, 3), U64F64::from_num(0));
            AlphaV2::<Test>::insert((&hot, &other, 3), SafeFloat::from_integer(60));
            assert_eq!(staked::<Test>(&hot, &cold, 3), 300);
            assert_eq!(
                staked::<Test>(&hot, &other, 3),
                0,
                "a first version of 0 wins, too"
            );

            stake::<Test>(&hot, &cold, 3, 0);
            assert!(!TotalHotkeyShares::<Test>::contains_key(&hot, 3));
            assert!(!Alpha::<Test>::contains_key((&hot, &cold, 3)));
            assert_eq!(
                TotalHotkeySharesV2::<Test>::get(&hot, 3),
                SafeFloat::from_integer(60)
            );
            assert_eq!(
                AlphaV2::<Test>::get((&hot, &cold, 3)),
                SafeFloat::from_fixed(old)
            );
            assert!(
                Alpha::<Test>::contains_key((&hot, &other, 3)),
                "other coldkeys keep theirs"
            );
        });
    }
}
