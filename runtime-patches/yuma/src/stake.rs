//! A hotkey's stake in the epoch: its own plus what parents delegate to it, less what it delegates to children.

use substrate_fixed::types::{I64F64, U96F32};

/// A fraction of 2^64 − 1 (a child's proportion, `TaoWeight`), truncated to 32 fraction bits; `u64::MAX` is exactly 1.
pub fn proportion(parts: u64) -> U96F32 {
    // ⌊parts · 2^32 / (2^64 − 1)⌋ without dividing: as 2^64 is one more than the divisor, the quotient is the upper half of `parts`,
    // and one more if both halves of the dividend add up to the divisor.
    let whole = u128::from(parts == u64::MAX);
    U96F32::from_bits(u128::from(parts >> 32).saturating_add(whole))
}

/// Inherited stake on one network (the subnet, or root), whole rao.
/// - `own`: `TotalHotkeyAlpha` of the hotkey there;
/// - `to_children`: proportions of its `ChildKeys` on the *subnet*;
/// - `from_parents`: for each of its `ParentKeys` on the subnet, the parent's `TotalHotkeyAlpha` there and the proportion.
///
/// What is given away is floored at nothing left before anything is received.
pub fn inherited(
    own: u64,
    to_children: impl IntoIterator<Item = u64>,
    from_parents: impl IntoIterator<Item = (u64, u64)>,
) -> u64 {
    // U96F32: amount · proportion has 96 bits and is exact.
    let part =
        |amount: u64, parts: u64| u128::from(amount).saturating_mul(proportion(parts).to_bits());
    let kept = to_children
        .into_iter()
        .fold(u128::from(own) << 32, |left, parts| {
            left.saturating_sub(part(own, parts))
        });
    let total = from_parents.into_iter().fold(kept, |sum, (amount, parts)| {
        sum.saturating_add(part(amount, parts))
    });
    u64::try_from(total >> 32).unwrap_or(u64::MAX)
}

/// Stake weight in rao: inherited alpha plus inherited root stake times `TaoWeight`. Exact below 2^63 rao, saturating.
pub fn total(alpha: u64, root: u64, tao_weight: u64) -> I64F64 {
    // At most 2^32, so the shift to 64 fraction bits is exact.
    let tao_weight = I64F64::from_bits((proportion(tao_weight).to_bits() << 32) as i128);
    let root = I64F64::saturating_from_num(root).saturating_mul(tao_weight);
    I64F64::saturating_from_num(alpha).saturating_add(root)
}
