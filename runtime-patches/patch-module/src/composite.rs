//! Divides each pool by stake and performance together.

use crate::{
    rewards::{self, Role},
    trap,
};
use policies::{
    composite::{redistribute, Composite, Exponent},
    PartsPerBillion,
};

/// At the hook `epoch_rewards`. Exponents in 0..=4 10^8, which is 4: `a` of stake in the validators' pool, `a_miner` of stake
/// in the miners', `b` of performance in both. `mix_ppb` in 0..=10^9; `pool` as in `rewards::redistribute`. Stake =
/// StakeWeight as the epoch computed it.
#[no_mangle]
extern "C" fn composite(
    sret: u32,
    netuid: u32,
    _rao: u64,
    layout: u32,
    a: u32,
    b: u32,
    a_miner: u32,
    mix_ppb: u32,
    pool: u32,
) {
    let (Some(validator), Some(performance), Some(miner), Some(mix)) = (
        Exponent::new(a),
        Exponent::new(b),
        Exponent::new(a_miner),
        PartsPerBillion::new(mix_ppb),
    ) else {
        trap()
    };
    rewards::redistribute(sret, netuid, layout, pool, |pool, slots| {
        let stake = match pool.role() {
            Role::Miner => miner,
            Role::Validator => validator,
        };
        let composite = Composite {
            stake,
            performance,
            mix,
        };
        let stakes = pool.stake_weights();
        redistribute(pool, |uid| stakes.of(uid), composite, slots)
    });
}
