//! e^x as the chain computes it: a truncated series, whose error (0.8 % at 20) is part of the result.

use crate::fixed::{cdiv, clamp, cmul, ONE, ZERO};
use substrate_fixed::types::I32F32;

/// e to 23 fraction bits: what the chain takes for e^1.
const E: I32F32 = I32F32::from_bits(22_802_600 << 9);
/// Largest |x| that [`exp_safe`] passes on.
const LIMIT: I32F32 = I32F32::from_bits(20 << 32);

/// 1 + t + t²/2! + … + t^31/31! with t = |x|, each product and quotient floored; inverted for negative x.
/// `None` on overflow, which begins a little above 20. e^0 and e^1 are special cases, e^−1 is not.
pub fn exp(x: I32F32) -> Option<I32F32> {
    if x == ZERO {
        return Some(ONE);
    }
    if x == ONE {
        return Some(E);
    }
    let t = x.checked_abs()?;
    let mut term = t;
    let mut result = t.checked_add(ONE)?;
    for i in 2..32i64 {
        term = I32F32::from_bits(cmul(term, t)?.to_bits().checked_div(i)?);
        if term == ZERO {
            break; // and so are all that follow
        }
        result = result.checked_add(term)?;
    }
    if x < ZERO {
        cdiv(ONE, result)
    } else {
        Some(result)
    }
}

/// [`exp`] of x clamped to ±20, where it cannot overflow.
pub fn exp_safe(x: I32F32) -> I32F32 {
    exp(clamp(x, ZERO.saturating_sub(LIMIT), LIMIT)).unwrap_or(if x > ZERO {
        I32F32::max_value()
    } else {
        ZERO
    })
}
