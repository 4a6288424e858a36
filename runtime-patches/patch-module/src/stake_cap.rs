//! Hook `stake_weights`: caps the total stake weights that the epoch (and the runtime APIs) take.

use crate::{stakes, storage, trap};
use policies::{stake_bits::StakeBits, stake_cap, PartsPerBillion};

const SCOPE_PERMITTED: u32 = 0;
const SCOPE_ALL: u32 = 1;

/// `address`, `len`, `layout` as in `stakes::totals`, which are rewritten.
///
/// `percentile_ppb` in 1..=10^9. `scope` 0: uids with a permit and a total stake at or above StakeThreshold; 1: all.
/// Zero stakes are in neither.
#[no_mangle]
extern "C" fn stake_cap(
    address: u32,
    len: u32,
    netuid: u32,
    layout: u32,
    percentile_ppb: u32,
    scope: u32,
) {
    let netuid = netuid as u16;
    let percentile = match PartsPerBillion::new(percentile_ppb) {
        Some(percentile) if percentile != PartsPerBillion::ZERO => percentile,
        _ => trap(),
    };
    let total = stakes::totals(address, len, netuid, layout);
    match scope {
        SCOPE_PERMITTED => {
            let permits = storage::permits(netuid);
            let threshold_rao = i128::from(storage::stake_threshold_rao());
            let floor_is_enough = |stake: StakeBits| stake.bits() >> 64 >= threshold_rao;
            // Copied to the stack: the scope is asked for while the stakes are compared.
            let mut permitted = [false; crate::MAX_UIDS];
            for ((uid, stake), permitted) in total.iter().enumerate().zip(&mut permitted) {
                *permitted = permits.has(uid) && floor_is_enough(*stake);
            }
            stake_cap::cap(total, |uid| permitted.get(uid) == Some(&true), percentile);
        }
        SCOPE_ALL => {
            stake_cap::cap(total, |_| true, percentile);
        }
        _ => trap(),
    }
}
