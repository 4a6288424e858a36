//! How much of the validators' and root's pending amounts each hotkey earns.

use crate::emission::{self, Pools};
use crate::epoch::EpochReward;
use crate::{
    CKBurn, ChildKeys, ChildkeyTake, Config, MinChildkeyTake, MinChildkeyTakePerSubnet, ParentKeys,
    TaoWeight,
};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use sp_runtime::AccountId32;
use substrate_fixed::types::U96F32;
use yuma::stake::proportion;

const ZERO: U96F32 = U96F32::from_bits(0);
const ONE: U96F32 = U96F32::from_bits(1 << 32);

/// Rao of alpha by hotkey, not rounded.
pub type Amounts = BTreeMap<AccountId32, U96F32>;

/// What each hotkey earns, its delegation take included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dividends {
    /// Of the validators' amount.
    pub alpha: Amounts,
    /// Of the root stakers' amount.
    pub root: Amounts,
}

/// Divides `validators` and `root` rao by the rewards of an epoch, sorted by hotkey, and by the stake behind them.
/// Hotkeys that earn nothing are included.
pub fn divide<T: Config>(
    pools: &mut Pools<T>,
    rewards: &[EpochReward],
    validators: u64,
    root: u64,
) -> Dividends {
    let tao_weight = proportion(TaoWeight::<T>::get());
    let mut shares = Dividends::default();
    for (hotkey, amount) in share_with_parents(pools, rewards) {
        let amount = U96F32::from_num(amount);
        let of_root = if amount == ZERO {
            ZERO
        } else {
            amount.saturating_mul(root_part(pools, &hotkey, tao_weight))
        };
        shares
            .alpha
            .insert(hotkey.clone(), amount.saturating_sub(of_root));
        shares.root.insert(hotkey, of_root);
    }
    scale(&mut shares.alpha, validators);
    scale(&mut shares.root, root);
    shares
}

/// Root's part of a hotkey's stake weight.
fn root_part<T: Config>(pools: &mut Pools<T>, hotkey: &AccountId32, tao_weight: U96F32) -> U96F32 {
    let alpha_stake = U96F32::from_num(pools.value(hotkey));
    let root_stake = U96F32::from_num(pools.root_stake(hotkey)).saturating_mul(tao_weight);
    ratio(root_stake, alpha_stake.saturating_add(root_stake))
}

/// `parts` of 65535, truncated to 2^-32.
pub fn part_of_u16(parts: u16) -> U96F32 {
    const WHOLE: u64 = u16::MAX as u64;
    U96F32::from_bits(u128::from((u64::from(parts) << 32) / WHOLE))
}

fn ratio(part: U96F32, whole: U96F32) -> U96F32 {
    part.checked_div(whole).unwrap_or(ZERO)
}

/// Makes the amounts add up to `total`, or to 0 if they all are.
fn scale(amounts: &mut Amounts, total: u64) {
    let sum = amounts
        .values()
        .fold(ZERO, |sum, amount| sum.saturating_add(*amount));
    for amount in amounts.values_mut() {
        *amount = U96F32::from_num(total).saturating_mul(ratio(*amount, sum));
    }
}

/// Passes each hotkey's validator reward on to the parents whose stake earned it, in whole rao. Between different owners
/// the child keeps its take, and a part is recycled at once; it is not taken off what the validators share.
pub fn share_with_parents<T: Config>(
    pools: &mut Pools<T>,
    rewards: &[EpochReward],
) -> BTreeMap<AccountId32, u64> {
    let netuid = pools.netuid();
    let tao_weight = proportion(TaoWeight::<T>::get());
    let burn = proportion(CKBurn::<T>::get());
    let minimum_take = MinChildkeyTake::<T>::get().max(MinChildkeyTakePerSubnet::<T>::get(netuid));
    let mut shared = BTreeMap::new();
    let mut pay = |hotkey: AccountId32, amount: U96F32| {
        let entry = shared.entry(hotkey).or_insert(0u64);
        *entry = entry.saturating_add(amount.saturating_to_num());
    };
    for reward in rewards {
        let hotkey = AccountId32::new(reward.hotkey);
        let parents = ParentKeys::<T>::get(&hotkey, netuid);
        // As most uids: nothing more has to be read to divide nothing.
        if reward.validator_emission == 0 {
            let family = parents.into_iter().map(|(_, parent)| parent);
            family.chain([hotkey]).for_each(|member| pay(member, ZERO));
            continue;
        }
        let take = part_of_u16(ChildkeyTake::<T>::get(&hotkey, netuid).max(minimum_take));
        let owner = pools.owner(&hotkey);
        let contributions: Vec<U96F32> = parents
            .iter()
            .map(|(parts, parent)| stake_part(pools, parent, proportion(*parts), tao_weight))
            .collect();
        let total = contributions
            .iter()
            .fold(own_stake(pools, &hotkey, tao_weight), |sum, part| {
                sum.saturating_add(*part)
            });
        let whole = U96F32::from_num(reward.validator_emission);
        let (mut rest, mut collected) = (whole, ZERO);
        for ((_, parent), contribution) in parents.into_iter().zip(contributions) {
            let mut earned = whole.saturating_mul(ratio(contribution, total));
            rest = rest.saturating_sub(earned);
            if pools.owner(&parent) != owner {
                let burned = burn.saturating_mul(earned);
                let taken = take.saturating_mul(earned);
                earned = earned.saturating_sub(burned).saturating_sub(taken);
                collected = collected.saturating_add(taken);
                emission::recycle_alpha::<T>(netuid, burned.saturating_to_num());
            }
            pay(parent, earned);
        }
        pay(hotkey, rest.saturating_add(collected));
    }
    shared
}

/// Stake weight of the part of a hotkey's alpha and root TAO, not rounded.
fn stake_part<T: Config>(
    pools: &mut Pools<T>,
    hotkey: &AccountId32,
    part: U96F32,
    tao_weight: U96F32,
) -> U96F32 {
    let alpha = U96F32::from_num(pools.value(hotkey)).saturating_mul(part);
    let root = U96F32::from_num(pools.root_stake(hotkey)).saturating_mul(part);
    alpha.saturating_add(root.saturating_mul(tao_weight))
}

/// Stake weight of what a hotkey does not delegate to children, whole rao.
fn own_stake<T: Config>(pools: &mut Pools<T>, hotkey: &AccountId32, tao_weight: U96F32) -> U96F32 {
    let kept = ChildKeys::<T>::get(hotkey, pools.netuid())
        .iter()
        .fold(ONE, |kept, (parts, _)| {
            kept.saturating_sub(proportion(*parts))
        });
    stake_part(pools, hotkey, kept, tao_weight).saturating_floor()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_u16_are_quotients_of_fixed_point() {
        for parts in 0..=u16::MAX {
            let quotient = ratio(U96F32::from_num(parts), U96F32::from_num(u16::MAX));
            assert_eq!(part_of_u16(parts), quotient);
        }
    }
}
