//! (num/den)^(a/b), scaled by 10^18 and rounded down: the exponential of the weighted pools.
//!
//! Small exponents are evaluated exactly as an integer root, the others in fixed point with truncated Taylor series of
//! ln and exp. The series stop early and far from 1 have not converged when they do: that error is part of the result.
#![allow(
    clippy::arithmetic_side_effects,
    reason = "integers of any size do not overflow, and every divisor is checked or a non-zero constant"
)]

use num_bigint::{BigInt, BigUint, Sign};

/// The result counts parts of this.
pub const SCALE: u64 = 1_000_000_000_000_000_000;

/// Exponents whose reduced terms are both at most this are evaluated exactly.
const MAX_EXACT_EXPONENT: u64 = 1_024;
/// Bits kept beyond the requested precision while a series is summed.
const GUARD_BITS: u64 = 24;
/// Fewest bits that keep 10^18 accurate: its own 60 and 8 more.
const MIN_PRECISION_BITS: u64 = 68;
const MAX_ITERATIONS: u64 = 4_096;

/// (num/den)^(a/b) · 10^18. `None` if den or b is 0.
/// Negative only where the series has not converged, for powers far below 10^-18.
///
/// `precision_bits` is the fraction the fixed-point form works with; the exact form does not need it.
pub fn scaled_power(num: u128, den: u128, a: u64, b: u64, precision_bits: u64) -> Option<BigInt> {
    if den == 0 || b == 0 {
        return None;
    }
    if num == 0 {
        return Some(BigInt::ZERO);
    }
    let divisor = greatest_common_divisor(a, b);
    let (a, b) = (a.checked_div(divisor)?, b.checked_div(divisor)?);
    if a <= MAX_EXACT_EXPONENT && b <= MAX_EXACT_EXPONENT {
        return exact_power(num, den, u32::try_from(a).ok()?, u32::try_from(b).ok()?);
    }
    Some(Series::new(precision_bits.max(MIN_PRECISION_BITS)).power(num, den, a, b))
}

/// The largest r with r^b · den^a <= num^a · SCALE^b.
fn exact_power(num: u128, den: u128, a: u32, b: u32) -> Option<BigInt> {
    let radicand =
        BigUint::from(num).pow(a) * BigUint::from(SCALE).pow(b) / BigUint::from(den).pow(a);
    Some(radicand.nth_root(b).into())
}

fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while let Some(remainder) = a.checked_rem(b) {
        (a, b) = (b, remainder);
    }
    a
}

/// Fixed point with `precision` result bits and the guard bits below them. All divisions round toward −∞.
struct Series {
    precision: u64,
    iterations: u64,
}

impl Series {
    fn new(precision: u64) -> Self {
        let iterations = MAX_ITERATIONS.min(precision + GUARD_BITS + 128);
        Self {
            precision,
            iterations,
        }
    }

    fn fraction_bits(&self) -> u64 {
        self.precision + GUARD_BITS
    }

    fn one(&self) -> BigInt {
        BigInt::from(1) << self.fraction_bits()
    }

    fn power(&self, num: u128, den: u128, a: u64, b: u64) -> BigInt {
        let ln_two = -self.ln_one_plus(&-(self.one() >> 1u8));
        let ln_base = self.ln(num, &ln_two) - self.ln(den, &ln_two);
        let power = self.exp(&div_floor(ln_base * a, b));
        (rounded(&power) * SCALE) >> self.precision
    }

    /// ln of a positive integer: the mantissa near 1 by series, the power of two times ln 2.
    fn ln(&self, value: u128, ln_two: &BigInt) -> BigInt {
        let mut exponent = value.ilog2();
        let mut mantissa = (BigInt::from(value) << self.fraction_bits()) >> exponent;
        let one = self.one();
        if mantissa >= &one + (&one >> 1u8) {
            mantissa >>= 1u8;
            exponent += 1;
        }
        self.ln_one_plus(&(mantissa - one)) + ln_two * exponent
    }

    /// ln(1 + x) = x − x²/2 + x³/3 − …
    fn ln_one_plus(&self, x: &BigInt) -> BigInt {
        let mut term = x.clone();
        let mut sum = term.clone();
        let mut previous = rounded(&sum);
        for n in 2..=self.iterations {
            term = (&term * x) >> self.fraction_bits();
            let next = div_floor(term.clone(), n);
            if next.sign() == Sign::NoSign {
                break;
            }
            if n.is_multiple_of(2) {
                sum -= &next;
            } else {
                sum += &next;
            }
            if settled(&sum, &next, &mut previous) {
                break;
            }
        }
        sum
    }

    /// e^x = 1 + x + x²/2! + …
    fn exp(&self, x: &BigInt) -> BigInt {
        let mut term = self.one();
        let mut sum = term.clone();
        let mut previous = rounded(&sum);
        for n in 1..=self.iterations {
            term = div_floor((&term * x) >> self.fraction_bits(), n);
            if term.sign() == Sign::NoSign {
                break;
            }
            sum += &term;
            if settled(&sum, &term, &mut previous) {
                break;
            }
        }
        sum
    }
}

/// The last term is below the guard bits, or the rounded sum did not change.
fn settled(sum: &BigInt, last_term: &BigInt, previous: &mut BigInt) -> bool {
    let now = rounded(sum);
    let settled = last_term.magnitude().bits() <= GUARD_BITS || now == *previous;
    *previous = now;
    settled
}

/// Without the guard bits, half away from zero.
fn rounded(value: &BigInt) -> BigInt {
    let half = BigUint::from(1u8) << (GUARD_BITS - 1);
    BigInt::from_biguint(value.sign(), (value.magnitude() + half) >> GUARD_BITS)
}

/// ⌊value / divisor⌋ for a positive divisor.
fn div_floor(value: BigInt, divisor: u64) -> BigInt {
    let quotient = &value / divisor;
    if value.sign() == Sign::Minus && &quotient * divisor != value {
        quotient - 1
    } else {
        quotient
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn power(num: u128, den: u128, a: u64, b: u64) -> BigInt {
        scaled_power(num, den, a, b, 256).expect("defined")
    }

    #[test]
    fn undefined_and_trivial_powers() {
        assert_eq!(scaled_power(1, 0, 1, 2, 256), None);
        assert_eq!(scaled_power(1, 2, 1, 0, 256), None);
        assert_eq!(power(0, 2, 0, 2), BigInt::ZERO);
        assert_eq!(power(3, 2, 0, 2), BigInt::from(SCALE));
    }

    #[test]
    fn exact_roots() {
        assert_eq!(power(2, 3, 1, 2), BigInt::from(816_496_580_927_726_032u64));
        assert_eq!(
            power(1, 4, 500_000_000_000_000_000, SCALE),
            BigInt::from(SCALE / 2)
        );
        assert_eq!(power(1, 3, 3, 3), BigInt::from(333_333_333_333_333_333u64));
        let cube_root_of_half: BigInt = power(1, 2, 1, 3);
        assert!(cube_root_of_half.pow(3) * 2 <= BigInt::from(SCALE).pow(3));
        assert!((cube_root_of_half + 1u8).pow(3) * 2 > BigInt::from(SCALE).pow(3));
    }

    #[test]
    fn h13_equal_weights() {
        let y = 50_000_000_000_000;
        let half = SCALE / 2;
        assert_eq!(
            power(y, y + 1_000_000_000, half, half),
            BigInt::from(999_980_000_399_992_000u64)
        );
        let x = 1_000_000_000_000_000;
        assert_eq!(
            power(x, x + 10_000_000_000, half, half),
            BigInt::from(999_990_000_099_999_000u64)
        );
    }

    #[test]
    fn h13_fixed_point() {
        let (w1, w2) = (549_999_999_999_999_877, 450_000_000_000_000_123);
        let y = 50_000_000_000_000;
        assert_eq!(
            power(y, y + 1_000_000_000, w2, w1),
            BigInt::from(999_983_636_661_151_435u64)
        );
        let x = 1_000_000_000_000_000;
        assert_eq!(
            power(x, x + 10_000_000_000, w1, w2),
            BigInt::from(999_987_777_913_578_788u64)
        );
    }

    #[test]
    fn fixed_point_agrees_with_the_exact_form_next_to_it() {
        // 1/2 and a ratio that differs from it by 10^-15 and does not reduce.
        let exact = power(21, 28, 1, 2);
        let series = power(21, 28, 500_000_000_000_001, 1_000_000_000_000_001);
        assert!((exact - series).magnitude() < &BigUint::from(1_000u32));
    }

    #[test]
    fn unconverged_series_do_not_fit_an_amount() {
        // (1/1001)^99: the exponential of −684 is cut off after 408 terms.
        let power = scaled_power(
            1,
            1_001,
            990_000_000_000_000_001,
            10_000_000_000_000_000,
            256,
        );
        let power = power.expect("defined");
        assert!(u64::try_from(power).is_err());
    }
}
