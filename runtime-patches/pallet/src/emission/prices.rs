//! Records of the emitters after the epochs of a block (distribution §10.1 and §10.2).

use super::shares::{emitters, moving_price};
use super::subnet_pool::alpha_price;
use super::terms::root_proportion;
use crate::rules::Rules;
use crate::types::NetUid;
use crate::{
    Config, EMAPriceHalvingBlocks, FirstEmissionBlockNumber, RootProp, SubnetMovingAlpha,
    SubnetMovingPrice,
};
use substrate_fixed::types::{I96F32, U64F64};

/// Move each emitter's moving price towards its price, of which at most 1 counts. Steps below 2^-32 vanish.
pub fn update_moving_prices<T: Config>(rules: Rules, subnets: &[NetUid], block: u64) {
    for netuid in emitters::<T>(rules, subnets) {
        let started = FirstEmissionBlockNumber::<T>::get(netuid)
            .unwrap_or(0)
            .saturating_sub(1);
        let smoothing = smoothing(
            U64F64::saturating_from_num(SubnetMovingAlpha::<T>::get()),
            block.saturating_sub(started),
            EMAPriceHalvingBlocks::<T>::get(netuid),
        );
        let price = alpha_price::<T>(netuid).min(one());
        let moved = smoothing.saturating_mul(price).saturating_add(
            one()
                .saturating_sub(smoothing)
                .saturating_mul(moving_price::<T>(netuid)),
        );
        SubnetMovingPrice::<T>::insert(netuid, I96F32::saturating_from_num(moved));
    }
}

/// Publish each emitter's root proportion.
pub fn update_root_prop<T: Config>(rules: Rules, subnets: &[NetUid]) {
    for netuid in emitters::<T>(rules, subnets) {
        RootProp::<T>::insert(netuid, root_proportion::<T>(netuid));
    }
}

/// base · age/(age + halving): a young subnet's price moves slowly.
fn smoothing(base: U64F64, age_blocks: u64, halving_blocks: u64) -> U64F64 {
    let age = U64F64::from_num(age_blocks);
    let whole = age.saturating_add(U64F64::from_num(halving_blocks));
    base.saturating_mul(age.checked_div(whole).unwrap_or_default())
}

fn one() -> U64F64 {
    U64F64::from_num(1)
}
