//! The arithmetic of the epoch on I32F32 (signed, 32 integer and 32 fraction bits).
//!
//! The names say what happens at the edges. The exact result is taken first, then rounded as stated, then fitted:
//! - [`smul`] floors, then saturates;
//! - [`cdiv`] truncates toward zero, `None` on division by zero and on overflow;
//! - [`sdiv`] is `cdiv` or **0**, on overflow too;
//! - [`satdiv`] is `cdiv` or the bound of the quotient's sign;
//! - [`sadd`], [`ssub`] are exact and saturate;
//! - [`sum`] is exact and *wraps*, as a release build's plain sum does.

use substrate_fixed::types::{I32F32, I64F64};

/// 0.
pub const ZERO: I32F32 = I32F32::from_bits(0);
/// 1.
pub const ONE: I32F32 = I32F32::from_bits(1 << 32);

/// ⌊a · b⌋ to 2^-32, saturating. The exact product has at most 127 bits, so the wide multiplication cannot wrap.
#[inline]
pub fn smul(a: I32F32, b: I32F32) -> I32F32 {
    I32F32::from_bits(small_mul(a, b).unwrap_or_else(|| saturate(wide_mul(a, b))))
}

/// [`smul`], `None` on overflow.
#[inline]
pub fn cmul(a: I32F32, b: I32F32) -> Option<I32F32> {
    small_mul(a, b)
        .or_else(|| i64::try_from(wide_mul(a, b)).ok())
        .map(I32F32::from_bits)
}

/// The product of two numbers in [0, 1), as shares mostly are: multiplying 64 bits is much cheaper than 128, above all in wasm.
#[inline]
fn small_mul(a: I32F32, b: I32F32) -> Option<i64> {
    let (a, b) = (
        u32::try_from(a.to_bits()).ok()?,
        u32::try_from(b.to_bits()).ok()?,
    );
    i64::try_from(u64::from(a).wrapping_mul(b.into()) >> 32).ok()
}

#[inline]
fn wide_mul(a: I32F32, b: I32F32) -> i128 {
    i128::from(a.to_bits()).wrapping_mul(i128::from(b.to_bits())) >> 32
}

/// a / b truncated toward zero to 2^-32, `None` if b is 0 or the quotient does not fit.
#[inline]
pub fn cdiv(a: I32F32, b: I32F32) -> Option<I32F32> {
    // As for products; whole numbers, as stored weights and bonds are, have the same quotient without their fraction bits.
    let fraction_bits = (a.to_bits() | b.to_bits()) & i64::from(u32::MAX);
    let shift = if fraction_bits == 0 { 32 } else { 0 };
    let (small, divisor) = (a.to_bits() >> shift, b.to_bits() >> shift);
    if let (Ok(a), Ok(b)) = (u32::try_from(small), u64::try_from(divisor)) {
        let quotient = (u64::from(a) << 32).checked_div(b)?;
        return i64::try_from(quotient).ok().map(I32F32::from_bits);
    }
    let quotient = (i128::from(a.to_bits()) << 32).checked_div(i128::from(b.to_bits()))?;
    i64::try_from(quotient).ok().map(I32F32::from_bits)
}

/// [`cdiv`], or 0.
#[inline]
pub fn sdiv(a: I32F32, b: I32F32) -> I32F32 {
    cdiv(a, b).unwrap_or(ZERO)
}

/// [`cdiv`], or the largest or smallest value by the signs. No caller divides by 0 (where the original panics).
#[inline]
pub fn satdiv(a: I32F32, b: I32F32) -> I32F32 {
    let bound = if (a < ZERO) == (b < ZERO) {
        i64::MAX
    } else {
        i64::MIN
    };
    cdiv(a, b).unwrap_or(I32F32::from_bits(bound))
}

/// a + b, saturating.
#[inline]
pub fn sadd(a: I32F32, b: I32F32) -> I32F32 {
    I32F32::from_bits(a.to_bits().saturating_add(b.to_bits()))
}

/// a − b, saturating.
#[inline]
pub fn ssub(a: I32F32, b: I32F32) -> I32F32 {
    I32F32::from_bits(a.to_bits().saturating_sub(b.to_bits()))
}

/// Σ values, wrapping.
pub fn sum<'a>(values: impl IntoIterator<Item = &'a I32F32>) -> I32F32 {
    I32F32::from_bits(
        values
            .into_iter()
            .fold(0i64, |sum, value| sum.wrapping_add(value.to_bits())),
    )
}

/// max(low, min(x, high)): with low above high the result is low.
#[inline]
pub fn clamp(x: I32F32, low: I32F32, high: I32F32) -> I32F32 {
    x.min(high).max(low)
}

/// An integer, exact.
#[inline]
pub fn from_u16(value: u16) -> I32F32 {
    I32F32::from_bits(i64::from(value) << 32)
}

/// value / 65535, truncated: 65535 is exactly 1.
#[inline]
pub fn from_u16_part(value: u16) -> I32F32 {
    I32F32::from_bits((i64::from(value) << 32) / 65_535)
}

/// Whole part fitted into u16: floored, negative is 0.
#[inline]
pub fn to_u16(value: I32F32) -> u16 {
    u16::try_from((value.to_bits() >> 32).max(0)).unwrap_or(u16::MAX)
}

/// The same value with fewer fraction bits: floored, saturating.
#[inline]
pub fn narrow(value: I64F64) -> I32F32 {
    I32F32::from_bits(saturate(value.to_bits() >> 32))
}

#[inline]
fn saturate(bits: i128) -> i64 {
    i64::try_from(bits).unwrap_or(if bits < 0 { i64::MIN } else { i64::MAX })
}
