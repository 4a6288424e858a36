//! What one emitter's pool and participants get in a block (distribution §2 and §4). U96F32, in rao.

use super::halving::block_emission;
use super::subnet_pool::alpha_price;
use crate::types::{NetUid, ROOT};
use crate::{BlockEmission, Config, SubnetAlphaIn, SubnetAlphaOut, SubnetTAO, TaoWeight};
use substrate_fixed::types::U96F32;
use yuma::stake::proportion;

const ZERO: U96F32 = U96F32::from_bits(0);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// TAO and alpha injected into the pool.
    pub tao_in: U96F32,
    pub alpha_in: U96F32,
    /// Alpha for the participants.
    pub alpha_out: U96F32,
    /// TAO that buys alpha instead.
    pub excess_tao: U96F32,
}

impl Terms {
    /// What an emitter gets that nobody can be registered on: there are such before spec 361.
    pub fn of_closed_subnet(self) -> Self {
        Self {
            tao_in: ZERO,
            alpha_in: ZERO,
            alpha_out: ZERO,
            ..self
        }
    }
}

/// The terms of a subnet that gets `tao` of the block's emission. The alpha that accompanies injected TAO is capped by
/// the root proportion of the alpha emission.
pub fn terms<T: Config>(netuid: NetUid, tao: U96F32) -> Terms {
    let issuance = SubnetAlphaIn::<T>::get(netuid).saturating_add(SubnetAlphaOut::<T>::get(netuid));
    let alpha_out = U96F32::from_num(evaluate_emission::<T>(issuance));
    let price = U96F32::saturating_from_num(alpha_price::<T>(netuid));
    let alpha = tao.checked_div(price).unwrap_or(ZERO);
    let cap = root_proportion::<T>(netuid).saturating_mul(alpha_out);
    let (tao_in, alpha_in) = if alpha > cap {
        (cap.saturating_mul(price), cap)
    } else {
        (tao, alpha)
    };
    Terms {
        tao_in,
        alpha_in,
        alpha_out,
        excess_tao: tao.saturating_sub(tao_in),
    }
}

/// The halving function, rao. The chain remembers the last result that came from the curve.
pub fn evaluate_emission<T: Config>(issuance: u64) -> u64 {
    let Some(emission) = block_emission(issuance) else {
        return 0;
    };
    if BlockEmission::<T>::get() != emission {
        BlockEmission::<T>::put(emission);
    }
    emission
}

/// Root's weighted TAO as a part of itself and the subnet's alpha.
pub fn root_proportion<T: Config>(netuid: NetUid) -> U96F32 {
    let alpha = SubnetAlphaIn::<T>::get(netuid).saturating_add(SubnetAlphaOut::<T>::get(netuid));
    let root = U96F32::from_num(SubnetTAO::<T>::get(ROOT))
        .saturating_mul(proportion(TaoWeight::<T>::get()));
    root.checked_div(root.saturating_add(U96F32::from_num(alpha)))
        .unwrap_or(ZERO)
}
