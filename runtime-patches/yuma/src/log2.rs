//! Base-2 logarithm as the chain computes it for the halving.

use substrate_fixed::types::I96F32;

/// log2 of x ≥ 1, 32 fraction bits; `None` below 1. Halving rounds the lost bit up, squaring floors: results may be one unit off.
pub fn log2(x: I96F32) -> Option<I96F32> {
    const ONE: i128 = 1 << 32;
    const TWO: i128 = 2 << 32;
    let halve = |x: i128| (x >> 1).saturating_add(x & 1);
    let mut x = x.to_bits();
    if x < ONE {
        return None;
    }
    let mut result = 0i128;
    while x >= TWO {
        result = result.saturating_add(1);
        x = halve(x);
    }
    for _ in 0..32 {
        // x < 2, so its square has at most 66 bits.
        x = x.saturating_mul(x) >> 32;
        result <<= 1;
        if x >= TWO {
            result |= 1;
            x = halve(x);
        }
    }
    Some(I96F32::from_bits(result))
}
