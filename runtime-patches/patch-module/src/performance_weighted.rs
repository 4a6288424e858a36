//! Pays a part of each pool by performance.

use crate::{rewards, trap};
use policies::{performance_weighted, PartsPerBillion};

/// At the hook `epoch_rewards`; `lambda_ppb` in 0..=10^9, `pool` as in `rewards::redistribute`.
#[no_mangle]
extern "C" fn performance_weighted(
    sret: u32,
    netuid: u32,
    _rao: u64,
    layout: u32,
    lambda_ppb: u32,
    pool: u32,
) {
    let Some(lambda) = PartsPerBillion::new(lambda_ppb) else {
        trap()
    };
    rewards::redistribute(sret, netuid, layout, pool, |pool, slots| {
        performance_weighted::redistribute(pool, lambda, slots)
    });
}
