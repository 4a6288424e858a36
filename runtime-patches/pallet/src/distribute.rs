//! Paying an epoch.

use crate::dividends::{self, Dividends};
use crate::emission::{self, Pools};
use crate::epoch::{epoch, EpochReward};
use crate::schedule::Pending;
use crate::types::{NetUid, RecycleOrBurnEnum};
use crate::{
    refuse, AlphaDividendsPerSubnet, AutoStakeDestination, Config, Event, LastMechansimStepBlock,
    MinerBurned, OwnedHotkeys, Pallet, RecycleOrBurn, RootAlphaDividendsPerSubnet, SubnetOwner,
    SubnetOwnerHotkey, TotalHotkeyAlphaLastEpoch, Uids,
};
use alloc::vec::Vec;
use sp_runtime::{AccountId32, SaturatedConversion};
use substrate_fixed::types::U96F32;

/// Runs the epoch of a drained subnet and pays it.
pub fn run<T: Config>(netuid: NetUid, pending: Pending, block: u64) {
    let Pending {
        server,
        validator,
        root,
        owner,
    } = pending;
    distribute_emission::<T>(netuid, server, validator, root, owner);
    LastMechansimStepBlock::<T>::insert(netuid, block);
}

/// Server amounts are paid as the epoch gives them; its validator amounts only say how the validators' pending amount is
/// divided, which takes the servers' over if there is no incentive at all.
///
/// A hook: tools find it by its symbol and move rao between the pools. Its parameters are scalars as on the chain.
#[inline(never)]
pub fn distribute_emission<T: Config>(
    netuid: NetUid,
    server: u64,
    validator: u64,
    root: u64,
    owner: u64,
) {
    let pending = Pending {
        server,
        validator,
        root,
        owner,
    };
    let mut rewards = epoch::<T>(netuid, pending.epoch_rao());
    rewards.sort_unstable_by_key(|reward| reward.hotkey);
    let incentive = rewards.iter().fold(0u64, |sum, reward| {
        sum.saturating_add(reward.server_emission)
    });
    let validators = match incentive {
        0 => validator.saturating_add(server),
        _ => validator,
    };
    let mut pools = Pools::<T>::new(netuid);
    let dividends = dividends::divide(&mut pools, &rewards, validators, root);
    pay_owner(&mut pools, owner);
    pay_miners(&mut pools, &rewards);
    pay_validators(&mut pools, dividends);
    pools.store();
}

/// The cut of a subnet without an owner or an owner hotkey is lost to everybody.
fn pay_owner<T: Config>(pools: &mut Pools<T>, cut: u64) {
    let netuid = pools.netuid();
    if let (Ok(coldkey), Ok(hotkey)) = (
        SubnetOwner::<T>::try_get(netuid),
        SubnetOwnerHotkey::<T>::try_get(netuid),
    ) {
        let block = frame_system::Pallet::<T>::block_number().saturated_into();
        refuse::lease::<T>(netuid, block);
        refuse::auto_lock::<T>(netuid, cut);
        pools.stake(&hotkey, &coldkey, cut);
    }
}

/// Stakes each miner's incentive where its coldkey wants it; withholds that of the subnet owner's hotkeys.
fn pay_miners<T: Config>(pools: &mut Pools<T>, rewards: &[EpochReward]) {
    let netuid = pools.netuid();
    let withheld_from = owner_hotkeys::<T>(netuid);
    let (mut withheld, mut all) = (U96F32::from_bits(0), U96F32::from_bits(0));
    for reward in rewards {
        let hotkey = AccountId32::new(reward.hotkey);
        let incentive = reward.server_emission;
        let amount = U96F32::from_num(incentive);
        all = all.saturating_add(amount);
        if withheld_from.contains(&hotkey) {
            withheld = withheld.saturating_add(amount);
            match RecycleOrBurn::<T>::get(netuid) {
                RecycleOrBurnEnum::Recycle => emission::recycle_alpha::<T>(netuid, incentive),
                RecycleOrBurnEnum::Burn => emission::burn_alpha::<T>(netuid, incentive),
            }
            continue;
        }
        let owner = pools.owner(&hotkey);
        let destination = match AutoStakeDestination::<T>::get(&owner, netuid) {
            Some(destination) => {
                Pallet::<T>::deposit_event(Event::AutoStakeAdded {
                    netuid,
                    destination: destination.clone(),
                    hotkey,
                    owner: owner.clone(),
                    incentive,
                });
                destination
            }
            None => hotkey,
        };
        pools.stake(&destination, &owner, incentive);
    }
    MinerBurned::<T>::insert(netuid, withheld.checked_div(all).unwrap_or_default());
}

/// Registered hotkeys whose incentive is withheld: those of the owner's coldkey (the zero account's if there is no owner),
/// and the owner hotkey.
fn owner_hotkeys<T: Config>(netuid: NetUid) -> Vec<AccountId32> {
    let mut hotkeys = OwnedHotkeys::<T>::get(SubnetOwner::<T>::get(netuid));
    hotkeys.extend(SubnetOwnerHotkey::<T>::try_get(netuid));
    hotkeys.retain(|hotkey| Uids::<T>::contains_key(netuid, hotkey));
    hotkeys
}

/// The take goes to the hotkey's owner first, buying shares at the price before the dividend; the rest then raises the
/// value of all shares, the new ones included. Of root dividends the rest becomes claimable by the root stakers.
fn pay_validators<T: Config>(pools: &mut Pools<T>, dividends: Dividends) {
    let netuid = pools.netuid();
    let _ = AlphaDividendsPerSubnet::<T>::clear_prefix(netuid, u32::MAX, None);
    for (hotkey, dividend) in dividends.alpha {
        let rest = pay_take(pools, &hotkey, dividend);
        pools.stake_for_all(&hotkey, rest);
        AlphaDividendsPerSubnet::<T>::insert(netuid, &hotkey, rest);
        TotalHotkeyAlphaLastEpoch::<T>::insert(&hotkey, netuid, pools.value(&hotkey));
    }
    let _ = RootAlphaDividendsPerSubnet::<T>::clear_prefix(netuid, u32::MAX, None);
    for (hotkey, dividend) in dividends.root {
        let rest = pay_take(pools, &hotkey, dividend);
        emission::credit_root_dividend(pools, &hotkey, rest);
        RootAlphaDividendsPerSubnet::<T>::insert(netuid, &hotkey, rest);
    }
}

/// Stakes the take of a dividend for the hotkey's owner; returns the rest. Both are rounded down.
fn pay_take<T: Config>(pools: &mut Pools<T>, hotkey: &AccountId32, dividend: U96F32) -> u64 {
    let take = dividends::part_of_u16(pools.take(hotkey)).saturating_mul(dividend);
    let owner = pools.owner(hotkey);
    pools.stake(hotkey, &owner, take.saturating_to_num());
    dividend.saturating_sub(take).saturating_to_num()
}
