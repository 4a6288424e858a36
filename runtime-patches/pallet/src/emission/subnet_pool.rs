//! A subnet's pool in storage. Stable subnets (mechanism other than 1) have price 1 and swap one to one.

use super::balancer::{Balancer, Trade, HALF_WEIGHT, MAX_PRICE, MIN_PRICE};
use crate::swap::{Balancer as StoredWeights, PalSwapInitialized, SwapBalancer};
use crate::types::NetUid;
use crate::{
    Config, SubnetAlphaIn, SubnetAlphaOut, SubnetMechanism, SubnetProtocolFlow, SubnetTAO,
    SubnetVolume, TotalStake,
};
use sp_runtime::Perquintill;
use substrate_fixed::types::U64F64;

/// TAO per alpha.
pub fn alpha_price<T: Config>(netuid: NetUid) -> U64F64 {
    if is_dynamic::<T>(netuid) {
        pool::<T>(netuid).price()
    } else {
        U64F64::from_num(1)
    }
}

/// Move the weights so that adding these reserves, rao, leaves the price. `false`, and nothing stored, if they cannot.
pub fn reweight<T: Config>(netuid: NetUid, added_tao: u64, added_alpha: u64) -> bool {
    let tao_weight = pool::<T>(netuid).reweighted(added_tao, added_alpha);
    if let Some(tao_weight) = tao_weight {
        write_weight::<T>(netuid, tao_weight);
    }
    tao_weight.is_some()
}

/// Buy alpha for TAO, rao, that the subnet's account already holds; the caller books who gets the alpha.
/// `None`, and nothing stored, if the pool refuses.
pub fn buy_alpha<T: Config>(netuid: NetUid, tao: u64) -> Option<Trade> {
    let trade = trade::<T>(netuid, tao, |pool| pool.buy(tao, MAX_PRICE))?;
    if trade.paid_out > 0 {
        SubnetAlphaIn::<T>::mutate(netuid, |reserve| {
            *reserve = reserve.saturating_sub(trade.paid_out)
        });
    }
    SubnetAlphaOut::<T>::mutate(netuid, |outside| {
        *outside = outside.saturating_add(trade.paid_out)
    });
    SubnetTAO::<T>::mutate(netuid, |reserve| {
        *reserve = reserve.saturating_add(trade.paid_in)
    });
    // The whole amount counts here, also where the price limit cut it.
    TotalStake::<T>::mutate(|total| *total = total.saturating_add(tao));
    SubnetVolume::<T>::mutate(netuid, |volume| *volume = volume.saturating_add(tao.into()));
    Some(trade)
}

/// Sell alpha, rao, for TAO; the caller moves the TAO. `None`, and nothing stored, if the pool refuses.
pub fn sell_alpha<T: Config>(netuid: NetUid, alpha: u64) -> Option<Trade> {
    let trade = trade::<T>(netuid, alpha, |pool| pool.sell(alpha, MIN_PRICE))?;
    SubnetAlphaIn::<T>::mutate(netuid, |reserve| {
        *reserve = reserve.saturating_add(trade.paid_in)
    });
    SubnetAlphaOut::<T>::mutate(netuid, |outside| {
        *outside = outside.saturating_sub(trade.paid_in)
    });
    if trade.paid_out > 0 {
        SubnetTAO::<T>::mutate(netuid, |reserve| {
            *reserve = reserve.saturating_sub(trade.paid_out)
        });
    }
    TotalStake::<T>::mutate(|total| *total = total.saturating_sub(trade.paid_out));
    SubnetVolume::<T>::mutate(netuid, |volume| {
        *volume = volume.saturating_add(trade.paid_out.into())
    });
    Some(trade)
}

/// Count TAO, rao, that the protocol brought to a subnet.
pub fn record_inflow<T: Config>(netuid: NetUid, tao: u64) {
    SubnetProtocolFlow::<T>::mutate(netuid, |flow| {
        *flow = flow.saturating_add(tao.cast_signed())
    });
}

/// Count TAO, rao, that the protocol took from a subnet.
pub fn record_outflow<T: Config>(netuid: NetUid, tao: u64) {
    SubnetProtocolFlow::<T>::mutate(netuid, |flow| {
        *flow = flow.saturating_sub(tao.cast_signed())
    });
}

/// A pool that was never initialised trades with even weights, and is initialised if the trade succeeds.
fn trade<T: Config>(
    netuid: NetUid,
    amount: u64,
    ask: impl Fn(&Balancer) -> Option<Trade>,
) -> Option<Trade> {
    if !is_dynamic::<T>(netuid) {
        return Some(Trade {
            paid_in: amount,
            paid_out: amount,
        });
    }
    let pool = pool::<T>(netuid);
    if PalSwapInitialized::<T>::get(netuid) {
        return ask(&pool);
    }
    let trade = ask(&Balancer {
        tao_weight: HALF_WEIGHT,
        ..pool
    })?;
    write_weight::<T>(netuid, HALF_WEIGHT);
    PalSwapInitialized::<T>::insert(netuid, true);
    Some(trade)
}

fn is_dynamic<T: Config>(netuid: NetUid) -> bool {
    SubnetMechanism::<T>::get(netuid) == 1
}

fn pool<T: Config>(netuid: NetUid) -> Balancer {
    Balancer {
        alpha: SubnetAlphaIn::<T>::get(netuid),
        tao: SubnetTAO::<T>::get(netuid),
        tao_weight: SwapBalancer::<T>::get(netuid).quote.deconstruct(),
    }
}

fn write_weight<T: Config>(netuid: NetUid, tao_weight: u64) {
    let quote = Perquintill::from_parts(tao_weight);
    SwapBalancer::<T>::insert(netuid, StoredWeights { quote });
}
