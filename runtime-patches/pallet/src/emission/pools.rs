//! The pools of a subnet's hotkeys, and what paying them asks of a hotkey: each read from storage once and written once.
//!
//! Shares exist in two versions. A key of the first wins over one of the second, also when its value is 0; every write
//! removes it and writes the second.

use super::share_pool::SharePool;
use crate::types::{NetUid, SafeFloat, ROOT};
use crate::{
    Alpha, AlphaV2, Config, Delegates, Owner, StakingHotkeys, TotalHotkeyAlpha, TotalHotkeyShares,
    TotalHotkeySharesV2,
};
use alloc::collections::BTreeMap;
use core::marker::PhantomData;
use sp_runtime::AccountId32;
use substrate_fixed::types::U64F64;

/// Pools of one subnet in memory. Nobody else may read or write them before [`Pools::store`].
pub struct Pools<T> {
    netuid: NetUid,
    hotkeys: BTreeMap<AccountId32, Hotkey>,
    /// By hotkey and coldkey.
    holdings: BTreeMap<(AccountId32, AccountId32), Holding>,
    runtime: PhantomData<T>,
}

/// `None`: not asked for yet.
#[derive(Default)]
struct Hotkey {
    value: Option<u64>,
    value_changed: bool,
    /// Changed if it was asked for.
    denominator: Option<Shares>,
    root_stake: Option<u64>,
    owner: Option<AccountId32>,
    take: Option<u16>,
}

#[derive(Clone, Copy)]
struct Shares {
    amount: SafeFloat,
    /// Whether they were read from the first version, which a write removes.
    of_first_version: bool,
}

struct Holding {
    shares: Shares,
    /// Whether the coldkey is known to list the hotkey among those it stakes to.
    is_listed: bool,
}

impl<T: Config> Pools<T> {
    pub fn new(netuid: NetUid) -> Self {
        Self {
            netuid,
            hotkeys: BTreeMap::new(),
            holdings: BTreeMap::new(),
            runtime: PhantomData,
        }
    }

    pub fn netuid(&self) -> NetUid {
        self.netuid
    }

    /// What all shares of a hotkey are worth together, rao.
    pub fn value(&mut self, hotkey: &AccountId32) -> u64 {
        let netuid = self.netuid;
        *self.hotkey(hotkey).value::<T>(hotkey, netuid)
    }

    /// TAO staked to a hotkey on root, rao.
    pub fn root_stake(&mut self, hotkey: &AccountId32) -> u64 {
        *self
            .hotkey(hotkey)
            .root_stake
            .get_or_insert_with(|| TotalHotkeyAlpha::<T>::get(hotkey, ROOT))
    }

    pub fn owner(&mut self, hotkey: &AccountId32) -> AccountId32 {
        self.hotkey(hotkey)
            .owner
            .get_or_insert_with(|| Owner::<T>::get(hotkey))
            .clone()
    }

    /// Parts of 65535 that a hotkey keeps of what it earns for others.
    pub fn take(&mut self, hotkey: &AccountId32) -> u16 {
        *self
            .hotkey(hotkey)
            .take
            .get_or_insert_with(|| Delegates::<T>::get(hotkey))
    }

    /// Stake to a hotkey for a coldkey, rao. An amount of 0 changes no value but brings the shares to their second version.
    pub fn stake(&mut self, hotkey: &AccountId32, coldkey: &AccountId32, amount: u64) {
        // Pools count in i64; no amount below the hard cap reaches the sign.
        let holding = self.change(hotkey, coldkey, amount.cast_signed());
        if amount > 0 && !holding.is_listed {
            holding.is_listed = true;
            let mut hotkeys = StakingHotkeys::<T>::get(coldkey);
            if !hotkeys.contains(hotkey) {
                hotkeys.push(hotkey.clone());
                StakingHotkeys::<T>::insert(coldkey, hotkeys);
            }
        }
    }

    /// Take stake, rao, from a coldkey's part of a hotkey's pool. The coldkey must have it.
    #[cfg(feature = "calls")]
    pub fn unstake(&mut self, hotkey: &AccountId32, coldkey: &AccountId32, amount: u64) {
        self.change(hotkey, coldkey, amount.cast_signed().saturating_neg());
    }

    /// Raise the value of the whole pool of a hotkey, rao: each holder gets its part.
    pub fn stake_for_all(&mut self, hotkey: &AccountId32, amount: u64) {
        let netuid = self.netuid;
        let entry = self.hotkey(hotkey);
        let mut pool = SharePool {
            value: *entry.value::<T>(hotkey, netuid),
            ..SharePool::default()
        };
        pool.add_to_all(amount.cast_signed());
        entry.set_value(pool.value);
    }

    fn change(
        &mut self,
        hotkey: &AccountId32,
        coldkey: &AccountId32,
        delta_rao: i64,
    ) -> &mut Holding {
        let netuid = self.netuid;
        let entry = self.hotkeys.entry(hotkey.clone()).or_default();
        let value = *entry.value::<T>(hotkey, netuid);
        let denominator = entry
            .denominator
            .get_or_insert_with(|| denominator::<T>(hotkey, netuid));
        let holding = self
            .holdings
            .entry((hotkey.clone(), coldkey.clone()))
            .or_insert_with(|| Holding {
                shares: share::<T>(hotkey, coldkey, netuid),
                is_listed: false,
            });
        let mut pool = SharePool {
            value,
            denominator: denominator.amount,
        };
        holding.shares.amount = pool.add_to_one(holding.shares.amount, delta_rao);
        denominator.amount = pool.denominator;
        entry.set_value(pool.value);
        holding
    }

    fn hotkey(&mut self, hotkey: &AccountId32) -> &mut Hotkey {
        self.hotkeys.entry(hotkey.clone()).or_default()
    }

    /// Write what changed. Values and shares of 0 have no keys.
    pub fn store(self) {
        let netuid = self.netuid;
        for (hotkey, entry) in self.hotkeys {
            match entry.value.filter(|_| entry.value_changed) {
                Some(0) => TotalHotkeyAlpha::<T>::remove(&hotkey, netuid),
                Some(value) => TotalHotkeyAlpha::<T>::insert(&hotkey, netuid, value),
                None => {}
            }
            let Some(denominator) = entry.denominator else {
                continue;
            };
            if denominator.of_first_version {
                TotalHotkeyShares::<T>::remove(&hotkey, netuid);
            }
            if denominator.amount.is_zero() {
                TotalHotkeySharesV2::<T>::remove(&hotkey, netuid);
            } else {
                TotalHotkeySharesV2::<T>::insert(&hotkey, netuid, denominator.amount);
            }
        }
        for ((hotkey, coldkey), Holding { shares, .. }) in self.holdings {
            let key = (hotkey, coldkey, netuid);
            if shares.of_first_version {
                Alpha::<T>::remove(&key);
            }
            if shares.amount.is_zero() {
                AlphaV2::<T>::remove(&key);
            } else {
                AlphaV2::<T>::insert(&key, shares.amount);
            }
        }
    }
}

impl Hotkey {
    fn value<T: Config>(&mut self, hotkey: &AccountId32, netuid: NetUid) -> &u64 {
        self.value
            .get_or_insert_with(|| TotalHotkeyAlpha::<T>::get(hotkey, netuid))
    }

    fn set_value(&mut self, value: u64) {
        self.value = Some(value);
        self.value_changed = true;
    }
}

impl Shares {
    fn read(first: Result<U64F64, ()>, second: impl FnOnce() -> SafeFloat) -> Self {
        Self {
            of_first_version: first.is_ok(),
            amount: first.map_or_else(|()| second(), SafeFloat::from_fixed),
        }
    }
}

/// What a coldkey owns in the pool of a hotkey, rao of alpha (of TAO on root).
pub fn staked<T: Config>(hotkey: &AccountId32, coldkey: &AccountId32, netuid: NetUid) -> u64 {
    SharePool {
        value: TotalHotkeyAlpha::<T>::get(hotkey, netuid),
        denominator: denominator::<T>(hotkey, netuid).amount,
    }
    .worth(share::<T>(hotkey, coldkey, netuid).amount)
}

fn denominator<T: Config>(hotkey: &AccountId32, netuid: NetUid) -> Shares {
    Shares::read(TotalHotkeyShares::<T>::try_get(hotkey, netuid), || {
        TotalHotkeySharesV2::<T>::get(hotkey, netuid)
    })
}

fn share<T: Config>(hotkey: &AccountId32, coldkey: &AccountId32, netuid: NetUid) -> Shares {
    let key = (hotkey, coldkey, netuid);
    Shares::read(Alpha::<T>::try_get(key), || AlphaV2::<T>::get(key))
}
