//! Shares to rao.

use crate::{EpochOutput, RaoSplit};
use alloc::vec::Vec;
use substrate_fixed::types::I32F32;

/// Splits `rao` by an epoch's shares: each amount is ⌊share · rao⌋, 0 for a negative share.
pub fn emission(output: &EpochOutput, rao: u64) -> RaoSplit {
    let part = |shares: &[I32F32]| -> Vec<u64> {
        shares.iter().map(|&share| floor_rao(share, rao)).collect()
    };
    RaoSplit {
        server: part(&output.shares.server_emission),
        validator: part(&output.shares.validator_emission),
        combined: part(&output.shares.combined_emission),
    }
}

/// The runtime multiplies in I96F32, where share and rao are exact, and floors. The product of 63 and 64 bits cannot wrap an i128.
fn floor_rao(share: I32F32, rao: u64) -> u64 {
    let product = i128::from(share.to_bits()).wrapping_mul(i128::from(rao)) >> 32;
    u64::try_from(product.max(0)).unwrap_or(u64::MAX)
}
