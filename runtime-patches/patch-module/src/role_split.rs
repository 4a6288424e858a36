//! How many rao a role split moves between the pools.

use crate::{pools::Pools, trap};
use policies::{role_split, PartsPerBillion};

/// How many rao of an epoch move from validators to miners, by the amounts that the payout function was called with.
/// Refuses what leaves a pool below zero.
#[no_mangle]
extern "C" fn role_split_moved(
    first: u64,
    second: u64,
    third: u64,
    layout: u32,
    _netuid: u32,
    miner_ppb: u32,
    validator_ppb: u32,
) -> i64 {
    let miner = match (
        PartsPerBillion::new(miner_ppb),
        PartsPerBillion::new(validator_ppb),
    ) {
        (Some(miner), Some(validator)) if miner.complement() == validator.parts() => miner,
        _ => trap(),
    };
    let pools = Pools::of(first, second, third, layout);
    pools.allowed(role_split::moved(pools.epoch_rao, miner))
}
