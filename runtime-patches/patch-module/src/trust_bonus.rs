//! Pays who is trusted more, within each pool.

use crate::{rewards, trap};
use policies::trust_bonus::{redistribute, Beta};

/// At the hook `epoch_rewards`; `beta` in 0..=10^9, which is 10; `pool` as in `rewards::redistribute`, trust = performance.
#[no_mangle]
extern "C" fn trust_bonus(sret: u32, netuid: u32, _rao: u64, layout: u32, beta: u32, pool: u32) {
    let Some(beta) = Beta::new(beta) else { trap() };
    rewards::redistribute(sret, netuid, layout, pool, |pool, slots| {
        redistribute(pool, beta, slots)
    });
}
