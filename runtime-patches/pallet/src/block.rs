//! The order of one block.

use crate::rules::Rules;
use crate::types::ROOT;
use crate::{distribute, emission, schedule, Config, NetworksAdded};
use alloc::vec::Vec;

/// Everything the chain does with rewards when a block opens. Registration prices and the revealing of time-locked
/// weights are not part of it, except that a reveal deletes expired commits.
pub fn step<T: Config>(block: u64) {
    let subnets: Vec<_> = NetworksAdded::<T>::iter_keys()
        .filter(|netuid| *netuid != ROOT)
        .collect();
    let rules = Rules::current::<T>();
    let credit = emission::mint_block_emission::<T>();
    schedule::reveal::<T>(rules, &subnets, block);
    emission::emit_to_subnets::<T>(rules, &subnets, credit);
    for (netuid, pending) in schedule::drain::<T>(rules, &subnets, block) {
        distribute::run::<T>(netuid, pending, block);
    }
    if !rules.holds_pools_still() {
        emission::update_moving_prices::<T>(rules, &subnets, block);
    }
    if rules.publishes_root_proportion() {
        emission::update_root_prop::<T>(rules, &subnets);
    }
    emission::apply_pending_children::<T>(rules, &subnets, block);
    if !rules.holds_pools_still() {
        emission::claim_root_dividends::<T>();
    }
    if !rules.root_dividends_are_sold_at_once() {
        emission::back_fill_staking_index::<T>();
    }
}
