//! Divides each pool by AIArena's rule.

use crate::{
    rewards::{self, Role},
    trap,
};
use policies::{
    aiarena::{redistribute, Decay, Grade, Shares},
    composite::Exponent,
    PartsPerBillion,
};

/// At the hook `epoch_rewards`. `alpha` and `alpha_miner` in 0..=4 10^8, which is 4, exponents of
/// stake in the validators' and the miners' pool; `decay_ppb` in 1..=10^9; `mix_ppb` in 0..=10^9; `pool` as in
/// `rewards::redistribute`. Stake = StakeWeight as the epoch computed it.
#[no_mangle]
extern "C" fn aiarena(
    sret: u32,
    netuid: u32,
    _rao: u64,
    layout: u32,
    alpha: u32,
    alpha_miner: u32,
    decay_ppb: u32,
    mix_ppb: u32,
    pool: u32,
) {
    let (Some(validator), Some(miner), Some(decay), Some(mix)) = (
        Exponent::new(alpha),
        Exponent::new(alpha_miner),
        Decay::new(decay_ppb),
        PartsPerBillion::new(mix_ppb),
    ) else {
        trap()
    };
    rewards::redistribute(sret, netuid, layout, pool, |pool, slots| {
        let (grade, alpha) = match pool.role() {
            Role::Miner => (Grade::Rank(decay), miner),
            Role::Validator => (Grade::Closeness, validator),
        };
        let shares = Shares { grade, alpha, mix };
        let stakes = pool.stake_weights();
        redistribute(pool, |uid| stakes.of(uid), shares, slots)
    });
}
