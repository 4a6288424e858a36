//! Hook `stake_weights`: raises the total stake weights to a power, scaled to keep the largest.

use crate::{stakes, trap};
use policies::{stake_power::raise, PartsPerBillion};

/// `address`, `len`, `layout` as in `stakes::totals`, which are rewritten.
///
/// `theta_ppb` in 1..=10^9.
#[no_mangle]
extern "C" fn stake_power(address: u32, len: u32, netuid: u32, layout: u32, theta_ppb: u32) {
    let theta = match PartsPerBillion::new(theta_ppb) {
        Some(theta) if theta != PartsPerBillion::ZERO => theta,
        _ => trap(),
    };
    raise(stakes::totals(address, len, netuid as u16, layout), theta);
}
