//! Alpha outside the pools: minted, recycled, burned.

use crate::alpha_assets::{AlphaBurned, AlphaRecycled, TotalAlphaIssuance};
use crate::types::NetUid;
use crate::{Config, SubnetAlphaIn, SubnetAlphaOut};

/// Count newly minted alpha, rao. Whoever receives it is booked by the caller.
fn mint<T: Config>(netuid: NetUid, alpha: u64) {
    TotalAlphaIssuance::<T>::mutate(netuid, |issued| *issued = issued.saturating_add(alpha));
}

/// Mint alpha into the pool's reserve, rao.
pub fn mint_into_pool<T: Config>(netuid: NetUid, alpha: u64) {
    if alpha > 0 {
        mint::<T>(netuid, alpha);
        SubnetAlphaIn::<T>::mutate(netuid, |reserve| *reserve = reserve.saturating_add(alpha));
    }
}

/// Mint alpha for the participants, rao.
pub fn mint_outside_pool<T: Config>(netuid: NetUid, alpha: u64) {
    if alpha > 0 {
        mint::<T>(netuid, alpha);
        SubnetAlphaOut::<T>::mutate(netuid, |outside| *outside = outside.saturating_add(alpha));
    }
}

/// Take alpha that nobody owns out of the issuance, rao: it can be emitted again.
pub fn recycle_alpha<T: Config>(netuid: NetUid, alpha: u64) {
    if alpha > 0 {
        SubnetAlphaOut::<T>::mutate(netuid, |outside| *outside = outside.saturating_sub(alpha));
        AlphaRecycled::<T>::mutate(netuid, |recycled| {
            *recycled = recycled.saturating_add(alpha)
        });
        TotalAlphaIssuance::<T>::mutate(netuid, |issued| *issued = issued.saturating_sub(alpha));
    }
}

/// Count alpha that nobody will own, rao; it stays issued.
pub fn burn_alpha<T: Config>(netuid: NetUid, alpha: u64) {
    if alpha > 0 {
        AlphaBurned::<T>::mutate(netuid, |burned| *burned = burned.saturating_add(alpha));
    }
}
