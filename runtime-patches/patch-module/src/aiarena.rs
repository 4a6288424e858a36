//! AIArena's rule: the pools by the roles' stake, then each pool by grades and stake.

use crate::{
    pools::Pools,
    refusal::{refuse, Refusal},
    rewards::{self, Role},
    storage, trap,
};
use policies::{
    aiarena::{redistribute, split, Decay, Gamma, Grade, Shares},
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
    _gamma_ppb: u32,
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

/// How many rao of an epoch move from validators to miners, by the amounts that the payout function was called with and by
/// StakeWeight and ValidatorPermit, which must be those that this very epoch stores. `gamma_ppb` at most 5 10^8, which is one
/// half; the others as above.
#[no_mangle]
extern "C" fn aiarena_moved(
    first: u64,
    second: u64,
    third: u64,
    layout: u32,
    netuid: u32,
    gamma_ppb: u32,
    _alpha: u32,
    _alpha_miner: u32,
    _decay_ppb: u32,
    mix_ppb: u32,
    _pool: u32,
) -> i64 {
    let (Some(gamma), Some(mix)) = (Gamma::new(gamma_ppb), PartsPerBillion::new(mix_ppb)) else {
        trap()
    };
    let pools = Pools::of(first, second, third, layout);
    let netuid = netuid as u16;
    let weights = storage::scores(storage::STAKE_WEIGHT, netuid);
    let permits = storage::permits(netuid);
    let (mut miners, mut validators) = (0u32, 0u32);
    for uid in 0..storage::uid_count(netuid) {
        let sum = if permits.has(uid) {
            &mut validators
        } else {
            &mut miners
        };
        *sum = sum.saturating_add(u32::from(weights.of(uid)));
    }
    let divided = split(
        pools.miners,
        pools.validators(),
        miners,
        validators,
        gamma,
        mix,
    );
    let moved = divided.map(|(after, _)| i128::from(after).saturating_sub(pools.miners.into()));
    match moved.map(i64::try_from) {
        Ok(Ok(moved)) => pools.allowed(moved),
        _ => refuse(Refusal::OutOfRange),
    }
}
