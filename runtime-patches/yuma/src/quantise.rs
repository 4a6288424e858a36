//! Shares to the stored u16.

use crate::fixed::{from_u16, smul, to_u16};
use alloc::vec::Vec;
use substrate_fixed::types::I32F32;

/// ⌊65535 · x⌋ in 0..=65535: truncated, never rounded.
#[inline]
pub fn q16(x: I32F32) -> u16 {
    to_u16(smul(x, from_u16(u16::MAX)))
}

/// [`q16`] of each.
pub fn q16_all(values: &[I32F32]) -> Vec<u16> {
    values.iter().map(|&value| q16(value)).collect()
}
