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
        if *netuid == ROOT && !StakingColdkeys::<T>::contains_key(coldkey) {
            let index = NumStakingColdkeys::<T>::get();
            StakingColdkeysByIndex::<T>::insert(index, coldkey);
            StakingColdkeys::<T>::insert(coldkey, index);
            NumStakingColdkeys::<T>::put(index.saturating_add(1));
        }
    }
    if batch.len() < BATCH {
        return None;
    }
    batch.into_iter().next_back().map(raw_key)
}
