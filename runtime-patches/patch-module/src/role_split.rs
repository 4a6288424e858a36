//! Moves rao between the pools of miners and validators: around the function that runs the epoch and pays it, and in the
//! epoch's result.

use crate::{
    layouts::{Layout, Places},
    refusal::{refuse, Refusal},
    rewards::{Role, RolePool},
    trap, MAX_UIDS,
};
use policies::{pool::Pool, role_split, PartsPerBillion};

/// (netuid, alpha, root TAO, alpha swapped for it, owner cut): the epoch divides alpha and swapped alpha; validators get
/// half of that, rounded down, less what was swapped.
const DRAIN_PENDING_EMISSION: u32 = 0;
/// (netuid, server, validator, root, owner cut): the epoch divides the first three; validators get theirs.
const DISTRIBUTE_EMISSION: u32 = 1;

/// How many rao of the epoch to be run move from validators to miners, by the amounts the payout function was called with.
/// Refuses what leaves a pool below zero.
#[no_mangle]
extern "C" fn role_split_moved(
    first: u64,
    second: u64,
    third: u64,
    layout: u32,
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
    let moved = role_split::moved(epoch_rao(first, second, third, layout), miner);
    let (validators, miners) = match layout {
        DRAIN_PENDING_EMISSION => {
            let half = epoch_rao(first, second, third, layout) / 2;
            match half.checked_sub(third) {
                Some(validators) => (validators, half),
                // The runtime pays validators nothing then, however much moves.
                None if moved != 0 => refuse(Refusal::PoolTooSmall),
                None => (0, half),
            }
        }
        _ => (second, first),
    };
    let pool = if moved > 0 { validators } else { miners };
    if moved.unsigned_abs() > pool {
        refuse(Refusal::PoolTooSmall)
    }
    moved
}

/// What the epoch is to divide, by the same amounts.
#[no_mangle]
extern "C" fn role_split_epoch_rao(first: u64, second: u64, third: u64, layout: u32) -> u64 {
    epoch_rao(first, second, third, layout)
}

fn epoch_rao(first: u64, second: u64, third: u64, layout: u32) -> u64 {
    let sum = match layout {
        DRAIN_PENDING_EMISSION => first.checked_add(third),
        DISTRIBUTE_EMISSION => first
            .checked_add(second)
            .and_then(|sum| sum.checked_add(third)),
        _ => trap(),
    };
    match sum {
        Some(rao) => rao,
        None => refuse(Refusal::OutOfRange),
    }
}

/// At the hook `epoch_rewards`: adds to the miners' amounts the part of `moved` that falls on this epoch's `rao` of
/// `of_rao`, and returns it; 0 where nothing can move.
#[no_mangle]
extern "C" fn role_split(
    sret: u32,
    netuid: u32,
    rao: u64,
    layout: u32,
    moved: i64,
    of_rao: u64,
) -> i64 {
    let part = role_split::part(moved, rao, of_rao);
    if part == 0 {
        return 0;
    }
    let netuid = netuid as u16;
    let places = Places::find(sret, netuid, Layout::of(layout));
    let validators = RolePool::new(&places, netuid, Role::Validator);
    if (0..validators.len()).all(|uid| validators.amount(uid) == 0) {
        return 0;
    }
    let mut miners = RolePool::new(&places, netuid, Role::Miner);
    match role_split::add_to_pool(&mut miners, part, &mut [0; MAX_UIDS]) {
        Ok(true) => part,
        Ok(false) => 0,
        Err(_) => refuse(Refusal::OutOfRange),
    }
}
