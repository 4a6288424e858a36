//! Hook `stake_weights`: raises the total stake weights to a power, scaled to keep the largest.

use crate::{memory, storage, trap};
use policies::{stake_bits::StakeBits, stake_power::raise, PartsPerBillion};

/// Runs after `get_stake_weights_for_network(sret, netuid)`. `sret`: three vectors (total, alpha, tao) of I64F64, one
/// element a uid; the first is rewritten.
///
/// `theta_ppb` in 1..=10^9.
#[no_mangle]
extern "C" fn stake_power(sret: u32, netuid: u32, theta_ppb: u32) {
    let theta = match PartsPerBillion::new(theta_ppb) {
        Some(theta) if theta != PartsPerBillion::ZERO => theta,
        _ => trap(),
    };
    // The original has returned: nothing else refers to its result before the caller gets it.
    let total: &mut [StakeBits] =
        unsafe { memory::vec_elements(sret as usize, storage::uid_count(netuid as u16)) };
    raise(total, theta);
}
