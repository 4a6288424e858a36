//! Moves rao between the pools of miners and validators: around the function that runs the epoch and pays it, and in the
//! epoch's result. A policy says how many, in a function of its own.

use crate::{
    layouts::{Layout, Places},
    refusal::{refuse, Refusal},
    rewards::{Role, RolePool},
    trap, MAX_UIDS,
};
use policies::{pool::Pool, role_split};

/// (netuid, alpha, root TAO, alpha swapped for it, owner cut): the epoch divides alpha and swapped alpha; validators get
/// half of that, rounded down, less what was swapped.
const DRAIN_PENDING_EMISSION: u32 = 0;
/// (netuid, server, validator, root, owner cut): the epoch divides the first three; validators get theirs.
const DISTRIBUTE_EMISSION: u32 = 1;

/// What is in the pools by the amounts that the payout function was called with.
pub struct Pools {
    /// What the epoch is to divide: both pools and what root stakers get.
    pub epoch_rao: u64,
    pub miners: u64,
    /// `None` where the swapped alpha is more than the half: the runtime pays validators nothing then, however much moves.
    validators: Option<u64>,
}

impl Pools {
    pub fn of(first: u64, second: u64, third: u64, layout: u32) -> Self {
        let epoch_rao = epoch_rao(first, second, third, layout);
        let (miners, validators) = match layout {
            DRAIN_PENDING_EMISSION => (epoch_rao / 2, (epoch_rao / 2).checked_sub(third)),
            _ => (first, Some(second)),
        };
        Self {
            epoch_rao,
            miners,
            validators,
        }
    }

    pub fn validators(&self) -> u64 {
        self.validators.unwrap_or(0)
    }

    /// Rao that are to move from validators to miners, as they came; refuses what leaves a pool below zero.
    pub fn allowed(&self, moved: i64) -> i64 {
        let pool = if moved > 0 {
            self.validators()
        } else {
            self.miners
        };
        let is_lost = moved != 0 && self.validators.is_none();
        if is_lost || moved.unsigned_abs() > pool {
            refuse(Refusal::PoolTooSmall)
        }
        moved
    }
}

/// What the epoch is to divide, by the amounts that the payout function was called with.
#[no_mangle]
extern "C" fn epoch_rao(first: u64, second: u64, third: u64, layout: u32) -> u64 {
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
extern "C" fn move_pools(
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
