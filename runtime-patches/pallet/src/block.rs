//! The order of one block.

use crate::types::ROOT;
use crate::{distribute, emission, schedule, Config, NetworksAdded};
use alloc::vec::Vec;

/// Everything the chain does with rewards when a block opens. Registration prices and the revealing of time-locked
/// weights are not part of it, except that a reveal deletes expired commits.
pub fn step<T: Config>(block: u64) {
    let subnets: Vec<_> = NetworksAdded::<T>::iter_keys()
        .filter(|netuid| *netuid != ROOT)
        .collect();
    let credit = emission::mint_block_emission::<T>();
    schedule::reveal::<T>(&subnets, block);
    emission::emit_to_subnets::<T>(&subnets, credit);
    for (netuid, pending) in schedule::drain::<T>(&subnets, block) {
        distribute::run::<T>(netuid, pending, block);
    }
    emission::update_moving_prices::<T>(&subnets, block);
    emission::update_root_prop::<T>(&subnets);
    emission::apply_pending_children::<T>(&subnets, block);
    emission::claim_root_dividends::<T>();
    emission::back_fill_staking_index::<T>();
}
