//! Hands a hook's values to a function of the host, and takes them back.
//!
//! The call goes through the host function that reads storage, which every runtime imports, with a key that no storage has:
//! so no import is added and no index shifts. A host that knows no hooks answers that it has no such entry, and the run
//! stops.

use crate::{
    pools::Pools,
    refusal::{refuse, Refusal},
    rewards, stakes, storage, trap,
};

const STAKE_WEIGHTS: u32 = 0;
const EPOCH_REWARDS: u32 = 1;
const ROLE_POOLS: u32 = 2;

/// The key of a call: ":epochdiff:hook:", then the words below, little-endian. The host rewrites the values in place.
#[repr(C, align(8))]
struct Call {
    name: [u64; 2],
    place: u32,
    /// Which of the host's hooks.
    hook: u32,
    netuid: u32,
    /// Where the values are, and how many.
    pointer: u32,
    count: u32,
    unused: u32,
}

/// As big-endian words: byte strings would become data, which this module cannot have.
const NAME: [u64; 2] = [0x3a65_706f_6368_6469, 0x6666_3a68_6f6f_6b3a];

/// What the host answers when it did what was asked.
const DONE: u64 = 1;

fn call(place: u32, hook: u32, netuid: u32, values: *mut u8, count: usize) {
    let [first, second] = NAME;
    let call = Call {
        name: [first.to_be(), second.to_be()],
        place,
        hook,
        netuid,
        pointer: values as u32,
        count: count as u32,
        unused: 0,
    };
    if unsafe { storage::ask_host(&call) } != DONE {
        trap()
    }
}

/// At the hook `stake_weights`, its parameters as in `stakes::totals`: the values are those, I64F64, 16 bytes a uid.
#[no_mangle]
extern "C" fn hook_stake_weights(address: u32, len: u32, netuid: u32, layout: u32, hook: u32) {
    let total = stakes::totals(address, len, netuid as u16, layout);
    let values = total.as_mut_ptr().cast();
    call(STAKE_WEIGHTS, hook, netuid & 0xffff, values, total.len());
}

/// At the hook `epoch_rewards`: the values are `rewards::HookRow`s.
#[no_mangle]
extern "C" fn hook_epoch_rewards(sret: u32, netuid: u32, _rao: u64, layout: u32, hook: u32) {
    rewards::by_uid(sret, netuid, layout, |rows| {
        let values = rows.as_mut_ptr().cast();
        call(EPOCH_REWARDS, hook, netuid & 0xffff, values, rows.len());
    });
}

/// What a hook is asked to divide anew: 24 bytes, little-endian. The host rewrites the pools, whose sum stays.
#[repr(C, align(8))]
struct HookPools {
    epoch_rao: u64,
    miners: u64,
    validators: u64,
}

/// How many rao of an epoch move from validators to miners, by the amounts that the payout function was called with.
#[no_mangle]
extern "C" fn hook_role_pools_moved(
    first: u64,
    second: u64,
    third: u64,
    layout: u32,
    netuid: u32,
    hook: u32,
) -> i64 {
    let pools = Pools::of(first, second, third, layout);
    let mut given = HookPools {
        epoch_rao: pools.epoch_rao,
        miners: pools.miners,
        validators: pools.validators(),
    };
    let values = core::ptr::from_mut(&mut given).cast();
    call(ROLE_POOLS, hook, netuid & 0xffff, values, 1);
    // The host wrote behind the compiler's back.
    let after = unsafe { core::ptr::read_volatile(&raw const given) };
    let sum = |miners: u64, validators: u64| u128::from(miners).saturating_add(validators.into());
    if sum(after.miners, after.validators) != sum(pools.miners, pools.validators()) {
        trap()
    }
    let moved = i128::from(after.miners).saturating_sub(pools.miners.into());
    match i64::try_from(moved) {
        Ok(moved) => pools.allowed(moved),
        Err(_) => refuse(Refusal::OutOfRange),
    }
}
