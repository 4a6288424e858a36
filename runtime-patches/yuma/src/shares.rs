//! Vectors scaled to sum to 1.

use crate::fixed::{narrow, sdiv, sum, ZERO};
use alloc::vec::Vec;
use substrate_fixed::types::{I32F32, I64F64};

/// Divides by the sum; unchanged if the sum is 0. The result sums to at most 1, short of it by less than n · 2^-32.
pub fn normalise(values: &mut [I32F32]) {
    let sum = sum(values.iter());
    normalise_by(values, sum);
}

/// Divides by `sum`; unchanged if it is 0.
pub fn normalise_by(values: &mut [I32F32], sum: I32F32) {
    if sum != ZERO {
        for value in values {
            *value = sdiv(*value, sum);
        }
    }
}

/// Divides stake in rao by its wrapping sum with 64 fraction bits; unchanged if the sum is 0.
pub fn normalise_stake(stake: &mut [I64F64]) {
    let sum = I64F64::from_bits(
        stake
            .iter()
            .fold(0i128, |sum, value| sum.wrapping_add(value.to_bits())),
    );
    if sum.to_bits() != 0 {
        for value in stake {
            // No quotient on overflow: 0.
            *value = value.checked_div(sum).unwrap_or_default();
        }
    }
}

/// Normalised stake floored to 32 fraction bits. A stake below 2^-32 of the total becomes exactly 0.
pub fn stake_shares(normalised: &[I64F64]) -> Vec<I32F32> {
    normalised.iter().map(|&value| narrow(value)).collect()
}
