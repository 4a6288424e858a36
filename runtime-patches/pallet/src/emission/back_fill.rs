//! The dense index of root stakers is filled from the share maps, a few keys a block (distribution §10.4).

use crate::types::{NetUid, ROOT};
use crate::{
    Alpha, AlphaMapLastKey, AlphaV2, AlphaV2MapLastKey, Config, NumStakingColdkeys,
    StakingColdkeys, StakingColdkeysByIndex,
};
use alloc::vec::Vec;
use sp_runtime::AccountId32;

/// Hotkey, coldkey, subnet.
type ShareKey = (AccountId32, AccountId32, NetUid);

/// Keys looked at in each map and block.
const BATCH: usize = 30;

/// Go on with both maps. While a map is empty and no pass is under way its cursor is not written.
pub fn back_fill_staking_index<T: Config>() {
    let raw_key = |key: ShareKey| Alpha::<T>::hashed_key_for(key);
    if let Some(cursor) = AlphaMapLastKey::<T>::get() {
        AlphaMapLastKey::<T>::put(index_batch::<T>(
            Alpha::<T>::iter_keys_from(cursor),
            raw_key,
        ));
    } else if Alpha::<T>::iter_keys().next().is_some() {
        AlphaMapLastKey::<T>::put(index_batch::<T>(Alpha::<T>::iter_keys(), raw_key));
    }

    let raw_key = |key: ShareKey| AlphaV2::<T>::hashed_key_for(key);
    if let Some(cursor) = AlphaV2MapLastKey::<T>::get() {
        AlphaV2MapLastKey::<T>::put(index_batch::<T>(
            AlphaV2::<T>::iter_keys_from(cursor),
            raw_key,
        ));
    } else if AlphaV2::<T>::iter_keys().next().is_some() {
        AlphaV2MapLastKey::<T>::put(index_batch::<T>(AlphaV2::<T>::iter_keys(), raw_key));
    }
}

/// Index the root stakers among the next keys; returns the cursor to go on from, `None` once the map is through.
fn index_batch<T: Config>(
    keys: impl Iterator<Item = ShareKey>,
    raw_key: impl Fn(ShareKey) -> Vec<u8>,
) -> Option<Vec<u8>> {
    let batch: Vec<_> = keys.take(BATCH).collect();
    for (_, coldkey, netuid) in &batch {
        if *netuid == ROOT {
            index_root_staker::<T>(coldkey);
        }
    }
    if batch.len() < BATCH {
        return None;
    }
    batch.into_iter().next_back().map(raw_key)
}

/// Enter a coldkey into the dense index that root claims are drawn from, if it is not there.
pub fn index_root_staker<T: Config>(coldkey: &AccountId32) {
    if !StakingColdkeys::<T>::contains_key(coldkey) {
        let index = NumStakingColdkeys::<T>::get();
        StakingColdkeysByIndex::<T>::insert(index, coldkey);
        StakingColdkeys::<T>::insert(coldkey, index);
        NumStakingColdkeys::<T>::put(index.saturating_add(1));
    }
}

#[cfg(test)]
mod tests {
    use super::super::mock::{account, on_empty_state, Test};
    use super::*;
    use crate::types::SafeFloat;

    fn indexed() -> Vec<AccountId32> {
        let entry = |index| StakingColdkeysByIndex::<Test>::get(index);
        (0..NumStakingColdkeys::<Test>::get())
            .filter_map(entry)
            .collect()
    }

    #[test]
    fn empty_maps_write_no_cursor() {
        on_empty_state(|| {
            back_fill_staking_index::<Test>();
            assert!(!AlphaMapLastKey::<Test>::exists());
            AlphaV2MapLastKey::<Test>::put(Some([1u8; 48].to_vec()));
            back_fill_staking_index::<Test>();
            assert_eq!(AlphaV2MapLastKey::<Test>::get(), None);
            assert!(
                AlphaV2MapLastKey::<Test>::exists(),
                "a pass that ends is written"
            );
        });
    }

    #[test]
    fn passes_of_thirty_keys() {
        on_empty_state(|| {
            for n in 0..70 {
                let netuid = NetUid::from(n % 2);
                AlphaV2::<Test>::insert(
                    (account(1), account(n), netuid),
                    SafeFloat::from_integer(1),
                );
            }
            // The same coldkey twice counts once.
            AlphaV2::<Test>::insert((account(2), account(0), ROOT), SafeFloat::from_integer(1));
            let keys: Vec<ShareKey> = AlphaV2::<Test>::iter_keys().collect();
            for (pass, seen) in [30, 60, 71].into_iter().enumerate() {
                back_fill_staking_index::<Test>();
                let mut expected = Vec::new();
                for (_, coldkey, netuid) in keys.iter().take(seen).cloned() {
                    if netuid == ROOT && !expected.contains(&coldkey) {
                        expected.push(coldkey);
                    }
                }
                assert_eq!(indexed(), expected);
                let last = keys
                    .get(seen - 1)
                    .cloned()
                    .map(AlphaV2::<Test>::hashed_key_for);
                assert_eq!(AlphaV2MapLastKey::<Test>::get(), last.filter(|_| pass < 2));
            }
            for (index, coldkey) in indexed().iter().enumerate() {
                assert_eq!(StakingColdkeys::<Test>::get(coldkey), Some(index as u64));
            }
        });
    }

    #[test]
    fn a_pass_of_exactly_thirty_goes_on() {
        on_empty_state(|| {
            for n in 0..30 {
                AlphaV2::<Test>::insert((account(1), account(n), 5), SafeFloat::from_integer(1));
            }
            back_fill_staking_index::<Test>();
            assert!(AlphaV2MapLastKey::<Test>::get().is_some());
            back_fill_staking_index::<Test>();
            assert_eq!(AlphaV2MapLastKey::<Test>::get(), None);
        });
    }
}
