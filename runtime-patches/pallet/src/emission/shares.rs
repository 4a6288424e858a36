//! Which subnets emit, and how the block's TAO is shared among them (distribution §3).
//!
//! A subnet's share follows its moving price, less the part of its miners' incentive that was withheld.

use super::terms::root_proportion;
use crate::rules::Rules;
use crate::types::{NetUid, ROOT};
use crate::{
    Config, FirstEmissionBlockNumber, MinerBurned, NetworkPowRegistrationAllowed,
    NetworkRegistrationAllowed, SubnetEmissionEnabled, SubnetMechanism, SubnetMovingPrice,
    SubtokenEnabled,
};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use substrate_fixed::types::{U64F64, U96F32};

const ZERO: U64F64 = U64F64::from_bits(0);
const ONE: U64F64 = U64F64::from_bits(1 << 64);

/// The subnets that emit, in the order given.
pub fn emitters<T: Config>(rules: Rules, subnets: &[NetUid]) -> Vec<NetUid> {
    let emits = |netuid: &NetUid| {
        *netuid != ROOT
            && FirstEmissionBlockNumber::<T>::contains_key(netuid)
            && (!rules.emitters_are_enabled_and_open()
                || SubtokenEnabled::<T>::get(netuid) && is_open::<T>(rules, *netuid))
    };
    subnets.iter().copied().filter(emits).collect()
}

/// Whether a subnet can be registered on.
pub fn is_open<T: Config>(rules: Rules, netuid: NetUid) -> bool {
    NetworkRegistrationAllowed::<T>::get(netuid)
        || rules.registration_by_work_counts() && NetworkPowRegistrationAllowed::<T>::get(netuid)
}

/// Moving average of TAO per alpha; 1 on stable subnets, 0 where it is negative.
pub fn moving_price<T: Config>(netuid: NetUid) -> U64F64 {
    if SubnetMechanism::<T>::get(netuid) == 0 {
        ONE
    } else {
        U64F64::saturating_from_num(SubnetMovingPrice::<T>::get(netuid))
    }
}

/// Whether root dividends are kept to be sold: the moving prices of the emitters add up to more than 1.
/// The chain's plain sum wraps where this one does.
pub fn root_sells<T: Config>(emitters: &[NetUid]) -> bool {
    let prices = emitters.iter().map(|netuid| moving_price::<T>(*netuid));
    prices.fold(ZERO, U64F64::wrapping_add) > ONE
}

/// TAO of each emitter, rao, of a block's emission.
pub fn tao_emissions<T: Config>(
    rules: Rules,
    emitters: &[NetUid],
    block_emission: u64,
) -> BTreeMap<NetUid, U96F32> {
    let emission = U64F64::from_num(block_emission);
    redistribute_disabled::<T>(shares::<T>(rules, emitters))
        .into_iter()
        .map(|(netuid, share)| {
            (
                netuid,
                U96F32::saturating_from_num(emission.saturating_mul(share)),
            )
        })
        .collect()
}

/// Moving price times the incentive that was not withheld (before spec 425 times the root proportion, too), normalised; by price
/// alone if that leaves nobody anything.
fn shares<T: Config>(rules: Rules, emitters: &[NetUid]) -> BTreeMap<NetUid, U64F64> {
    let price = |netuid: &NetUid| (*netuid, moving_price::<T>(*netuid));
    let prices: BTreeMap<_, _> = emitters.iter().map(price).collect();
    let by_price = normalised(&prices);
    let paid = |netuid: NetUid| {
        let withheld = U64F64::saturating_from_num(MinerBurned::<T>::get(netuid)).min(ONE);
        let paid = ONE.saturating_sub(withheld);
        if rules.shares_follow_root_proportion() {
            U64F64::saturating_from_num(root_proportion::<T>(netuid)).saturating_mul(paid)
        } else {
            paid
        }
    };
    let weighted: BTreeMap<_, _> = by_price
        .iter()
        .map(|(netuid, share)| (*netuid, share.saturating_mul(paid(*netuid))))
        .collect();
    if sum(weighted.values().copied()) > ZERO {
        normalised(&weighted)
    } else {
        by_price
    }
}

/// Give the shares of subnets whose TAO emission is disabled to the others.
fn redistribute_disabled<T: Config>(
    mut shares: BTreeMap<NetUid, U64F64>,
) -> BTreeMap<NetUid, U64F64> {
    let emitters = shares.len();
    let mut enabled = shares.clone();
    enabled.retain(|netuid, _| SubnetEmissionEnabled::<T>::get(netuid));
    if enabled.len() < emitters {
        let enabled = normalised(&enabled);
        for (netuid, share) in &mut shares {
            *share = enabled.get(netuid).copied().unwrap_or(ZERO);
        }
    }
    shares
}

/// Parts of the sum, rounded down; all 0 if the sum is.
fn normalised(parts: &BTreeMap<NetUid, U64F64>) -> BTreeMap<NetUid, U64F64> {
    let total = sum(parts.values().copied());
    let share = |part: &U64F64| part.checked_div(total).unwrap_or(ZERO);
    parts
        .iter()
        .map(|(netuid, part)| (*netuid, share(part)))
        .collect()
}

fn sum(parts: impl Iterator<Item = U64F64>) -> U64F64 {
    parts.fold(ZERO, U64F64::saturating_add)
}
