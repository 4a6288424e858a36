//! Decimal floating point of the share pools: value = mantissa · 10^exponent.
//!
//! Canonical form: 10^20 < mantissa <= 10^21, or (0, 0) for zero; 10^20 itself is therefore written 10^21 with the
//! exponent one lower. Every result is canonical and every division rounds down. Exponents saturate at i64, which no
//! reachable share comes near.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::U256;
use substrate_fixed::types::U64F64;

/// Largest canonical mantissa, and the largest integer that can be represented.
const MANTISSA_MAX: u128 = 1_000_000_000_000_000_000_000;
/// 10^0 to 10^22. Shifts beyond that many decimal places count as that many.
// Computed when it is compiled: an index out of bounds would be an error then.
#[allow(clippy::indexing_slicing)]
const POWERS_OF_TEN: [u128; 23] = {
    let mut powers = [1; 23];
    let mut at = 1;
    while at < powers.len() {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};

/// SCALE: mantissa u128, exponent i64, both little-endian (24 bytes).
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct SafeFloat {
    pub mantissa: u128,
    pub exponent: i64,
}

impl SafeFloat {
    pub const ZERO: Self = Self {
        mantissa: 0,
        exponent: 0,
    };

    /// An integer; zero if it is larger than 10^21.
    pub fn from_integer(value: u128) -> Self {
        if value > MANTISSA_MAX {
            return Self::ZERO;
        }
        Self::canonical(value, 0)
    }

    /// The shares that older runtimes stored as fixed point.
    pub fn from_fixed(value: U64F64) -> Self {
        let bits = value.to_bits();
        let whole = Self::from_integer(bits >> 64);
        let fraction = Self::from_integer(bits & u128::from(u64::MAX));
        let fraction = fraction
            .div(Self::from_integer(1 << 64))
            .unwrap_or(Self::ZERO);
        whole.plus(fraction)
    }

    pub const fn is_zero(&self) -> bool {
        self.mantissa == 0
    }

    /// The integer part, saturating at u64.
    pub fn to_u64(&self) -> u64 {
        let power = power_of_ten(self.exponent.unsigned_abs());
        let value = if self.exponent < 0 {
            self.mantissa.checked_div(power).unwrap_or(0)
        } else {
            self.mantissa.saturating_mul(power)
        };
        u64::try_from(value).unwrap_or(u64::MAX)
    }

    /// a + b. A zero operand leaves the other one as it is.
    pub fn plus(self, other: Self) -> Self {
        if self.is_zero() {
            return other;
        }
        if other.is_zero() {
            return self;
        }
        let (a, b, exponent) = self.aligned(other);
        Self::canonical(a.saturating_add(b), exponent)
    }

    /// a − b, zero if b is larger; `None` for zero minus something.
    pub fn minus(self, other: Self) -> Option<Self> {
        if other.is_zero() {
            return Some(self);
        }
        if self.is_zero() {
            return None;
        }
        let (a, b, exponent) = self.aligned(other);
        Some(Self::canonical(a.saturating_sub(b), exponent))
    }

    /// a · b / c with one rounding; `None` if c is zero.
    pub fn mul_div(self, b: Self, c: Self) -> Option<Self> {
        let product = U256::from(self.mantissa).saturating_mul(U256::from(b.mantissa));
        let mut mantissa = product.checked_div(U256::from(c.mantissa))?;
        let mut exponent = self
            .exponent
            .saturating_add(b.exponent)
            .saturating_sub(c.exponent);
        while mantissa > U256::from(u128::MAX) {
            mantissa = mantissa.checked_div(U256::from(10)).unwrap_or_default();
            exponent = exponent.saturating_add(1);
        }
        Some(Self::canonical(mantissa.low_u128(), exponent))
    }

    /// a / b; `None` if b is zero.
    fn div(self, b: Self) -> Option<Self> {
        let one = Self {
            mantissa: MANTISSA_MAX,
            exponent: -21,
        };
        self.mul_div(one, b)
    }

    /// Both mantissas at the larger exponent, the other one rounded down.
    fn aligned(self, other: Self) -> (u128, u128, i64) {
        let places = self.exponent.abs_diff(other.exponent);
        let shifted = |mantissa: u128| mantissa.checked_div(power_of_ten(places)).unwrap_or(0);
        if places == 0 {
            (self.mantissa, other.mantissa, self.exponent)
        } else if self.exponent < other.exponent {
            (shifted(self.mantissa), other.mantissa, other.exponent)
        } else {
            (self.mantissa, shifted(other.mantissa), self.exponent)
        }
    }

    fn canonical(mut mantissa: u128, mut exponent: i64) -> Self {
        while mantissa > MANTISSA_MAX {
            mantissa = mantissa.saturating_div(10);
            exponent = exponent.saturating_add(1);
        }
        if mantissa == 0 {
            return Self::ZERO;
        }
        // So many powers of ten are smaller than the mantissa; than a canonical one, 21 are.
        let smaller = POWERS_OF_TEN.partition_point(|power| *power < mantissa);
        let places = 21u64.saturating_sub(smaller as u64);
        Self {
            mantissa: mantissa.saturating_mul(power_of_ten(places)),
            exponent: exponent.saturating_sub(places.cast_signed()),
        }
    }
}

/// At most 10^22.
fn power_of_ten(places: u64) -> u128 {
    let [.., largest] = POWERS_OF_TEN;
    let place = usize::try_from(places).unwrap_or(usize::MAX);
    POWERS_OF_TEN.get(place).copied().unwrap_or(largest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn float(mantissa: u128, exponent: i64) -> SafeFloat {
        SafeFloat { mantissa, exponent }
    }

    fn canonical(mantissa: u128, exponent: i64) -> SafeFloat {
        SafeFloat::canonical(mantissa, exponent)
    }

    const E21: u128 = MANTISSA_MAX;

    #[test]
    fn h10_integers() {
        assert_eq!(SafeFloat::from_integer(0), float(0, 0));
        assert_eq!(SafeFloat::from_integer(1), float(E21, -21));
        assert_eq!(SafeFloat::from_integer(10), float(E21, -20));
        assert_eq!(SafeFloat::from_integer(E21), float(E21, 0));
        assert_eq!(SafeFloat::from_integer(E21 + 1), SafeFloat::ZERO);
    }

    /// One place at a time, as the canonical form is defined.
    fn step_by_step(mut mantissa: u128, mut exponent: i64) -> SafeFloat {
        while mantissa > E21 {
            mantissa /= 10;
            exponent += 1;
        }
        while mantissa > 0 && mantissa <= E21 / 10 {
            mantissa *= 10;
            exponent -= 1;
        }
        float(mantissa, if mantissa == 0 { 0 } else { exponent })
    }

    #[test]
    fn canonical_is_one_place_at_a_time_till_it_fits() {
        let powers = (0..39).map(|places| 10u128.pow(places));
        let edges = powers
            .chain((0..128).map(|bit| 1 << bit))
            .chain([u128::MAX]);
        for edge in edges {
            for mantissa in [edge - 1, edge, edge.saturating_add(1), edge / 7 * 3] {
                for exponent in [-21, 0, 1_000] {
                    let found = canonical(mantissa, exponent);
                    assert_eq!(found, step_by_step(mantissa, exponent), "{mantissa}");
                }
            }
        }
    }

    #[test]
    fn quotients_beyond_128_bits_are_rounded_down() {
        let large = float(u128::MAX, 5);
        assert_eq!(
            large.mul_div(large, float(1, 2)),
            Some(float(115_792_089_237_316_195_423, 8 + 57))
        );
    }

    #[test]
    fn case_89_mantissa_1e20_is_not_canonical() {
        assert_eq!(SafeFloat::from_integer(E21 / 10), float(E21, -1));
    }

    #[test]
    fn h10_sums() {
        let sum = |a: (u128, i64), b: (u128, i64)| canonical(a.0, a.1).plus(canonical(b.0, b.1));
        assert_eq!(sum((1, 0), (1, 0)), float(200_000_000_000_000_000_000, -20));
        assert_eq!(
            sum((123, 1), (1, 23)),
            float(100_000_000_000_000_000_001, 3)
        );
        assert_eq!(
            sum((E21 - 1, 0), (1, 22)),
            float(109_999_999_999_999_999_999, 2)
        );
        assert_eq!(
            sum((4200, 0), (1, 23)),
            float(100_000_000_000_000_000_004, 3)
        );
        assert_eq!(
            sum((1, 23), (4200, 0)),
            float(100_000_000_000_000_000_004, 3)
        );
        assert_eq!(sum((0, 0), (7, 3)), canonical(7, 3));
    }

    #[test]
    fn sums_far_apart_lose_the_smaller_operand() {
        let large = SafeFloat::from_integer(5);
        assert_eq!(large.plus(float(E21, -60)), large);
    }

    #[test]
    fn differences_saturate_and_zero_minus_something_is_refused() {
        let (one, two) = (SafeFloat::from_integer(1), SafeFloat::from_integer(2));
        assert_eq!(two.minus(one), Some(one));
        assert_eq!(one.minus(two), Some(SafeFloat::ZERO));
        assert_eq!(one.minus(SafeFloat::ZERO), Some(one));
        assert_eq!(
            SafeFloat::ZERO.minus(SafeFloat::ZERO),
            Some(SafeFloat::ZERO)
        );
        assert_eq!(SafeFloat::ZERO.minus(one), None);
    }

    #[test]
    fn h10_fixed_point() {
        let fixed = |bits| SafeFloat::from_fixed(U64F64::from_bits(bits));
        assert_eq!(fixed(3 << 63), float(150_000_000_000_000_000_000, -20));
        assert_eq!(fixed(1), float(542_101_086_242_752_217_003, -40));
        assert_eq!(fixed(0), SafeFloat::ZERO);
    }

    #[test]
    fn products_use_256_bits_and_round_down() {
        let third = SafeFloat::from_integer(1)
            .mul_div(SafeFloat::from_integer(1), SafeFloat::from_integer(3));
        assert_eq!(third, Some(float(333_333_333_333_333_333_333, -21)));
        assert_eq!(third.and_then(|t| t.mul_div(t, SafeFloat::ZERO)), None);
        let product =
            SafeFloat::ZERO.mul_div(SafeFloat::from_integer(1), SafeFloat::from_integer(3));
        assert_eq!(product, Some(SafeFloat::ZERO));
    }

    #[test]
    fn integer_part() {
        assert_eq!(SafeFloat::from_integer(1_999).to_u64(), 1_999);
        assert_eq!(float(E21 - 1, -21).to_u64(), 0);
        assert_eq!(float(150_000_000_000_000_000_000, -20).to_u64(), 1);
        assert_eq!(float(E21, -60).to_u64(), 0);
        assert_eq!(float(E21, 40).to_u64(), u64::MAX);
        assert_eq!(
            SafeFloat::from_integer(u128::from(u64::MAX)).to_u64(),
            u64::MAX
        );
    }

    #[test]
    fn scale_layout() {
        let mut bytes = E21.to_le_bytes().to_vec();
        bytes.extend((-21i64).to_le_bytes());
        assert_eq!(SafeFloat::from_integer(1).encode(), bytes);
    }
}
