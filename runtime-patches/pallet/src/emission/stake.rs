//! Stake of coldkeys in the pools of hotkeys, one change at a time.

use super::pools::Pools;
use crate::types::NetUid;
use crate::Config;
use sp_runtime::AccountId32;

/// See [`Pools::stake`].
pub fn stake<T: Config>(hotkey: &AccountId32, coldkey: &AccountId32, netuid: NetUid, amount: u64) {
    let mut pools = Pools::<T>::new(netuid);
    pools.stake(hotkey, coldkey, amount);
    pools.store();
}

/// See [`Pools::unstake`].
#[cfg(feature = "calls")]
pub fn unstake<T: Config>(
    hotkey: &AccountId32,
    coldkey: &AccountId32,
    netuid: NetUid,
    amount: u64,
) {
    let mut pools = Pools::<T>::new(netuid);
    pools.unstake(hotkey, coldkey, amount);
    pools.store();
}

#[cfg(test)]
mod tests {
    use super::super::mock::{account, on_empty_state, Test};
    use super::super::pools::staked;
    use super::*;
    use crate::types::SafeFloat;
    use crate::{
        Alpha, AlphaV2, StakingHotkeys, TotalHotkeyAlpha, TotalHotkeyShares, TotalHotkeySharesV2,
    };
    use substrate_fixed::types::U64F64;

    fn for_all(hotkey: &AccountId32, amount: u64) {
        let mut pools = Pools::<Test>::new(3);
        pools.stake_for_all(hotkey, amount);
        pools.store();
    }

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
            for_all(&hot, 500);
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
            for_all(&hot, 0);
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
