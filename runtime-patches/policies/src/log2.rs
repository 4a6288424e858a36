//! Binary logarithms and powers of integers in fixed point: what a power with a fraction as its exponent is made of.
//!
//! A logarithm counts 2^-64. `log2` takes one bit after the other: squaring a number in 1..2 doubles its logarithm, and
//! where the square reaches 2, the next bit is 1. `exp2` searches the number with the given logarithm, from an estimate that
//! decides nothing but how long that takes. So both keep the order exactly, whatever is rounded: of two numbers that `log2`
//! squares alike, the larger reaches 2 first.
//!
//! Errors. A square is rounded down by less than 2^-63 of itself. At bit k that is worth less than 2^-k 1.45 2^-63, in all
//! less than 1.45 2^-63, and bits after the 64th are cut: with the 64 leading bits of a value taken exactly,
//! `log2(x) - 2^-62 < result <= log2(x)`; cutting the bits of a value after its 64 leading ones takes another 1.45 2^-63.
//!
//! No tables: a policy in a runtime has no data.

use core::num::NonZero;

/// In units of 2^-64, rounded down: short of the exact logarithm by less than 2^-61, and by less than 2^-62 for a value
/// below 2^64.
pub fn log2(value: NonZero<u128>) -> u128 {
    let whole = value.ilog2();
    // The leading bits of the value as a number in 1..2, which counts 2^-63.
    let aligned = value.get().unbounded_shl(value.leading_zeros());
    (u128::from(whole) << 64) | u128::from(fraction((aligned >> 64) as u64))
}

/// 2 to the power of a logarithm below 128, rounded to an integer. Before the integer is rounded down, its own logarithm is
/// above `log - 2^-62` and below `log + 2^-62`. At 128 and above the result is the largest integer.
pub fn exp2(log: u128) -> u128 {
    let mantissa = u128::from(power(log as u64));
    let whole = u32::try_from(log >> 64).unwrap_or(u32::MAX);
    match whole {
        0..=63 => mantissa.unbounded_shr(63_u32.saturating_sub(whole)),
        64..=127 => mantissa.unbounded_shl(whole.saturating_sub(63)),
        _ => u128::MAX,
    }
}

/// Logarithm, in units of 2^-64, of a number in 1..2, in units of 2^-63.
fn fraction(number: u64) -> u64 {
    leading_bits(number, u64::BITS)
}

/// The first `count` bits of `fraction`, as a number.
fn leading_bits(mut number: u64, count: u32) -> u64 {
    (0..count).fold(0, |log, _| log << 1 | u64::from(double(&mut number)))
}

/// Whether the logarithm of a number, as `fraction` gives it, is above `log`: known at the first bit that differs.
fn is_above(mut number: u64, log: u64) -> bool {
    (0..u64::BITS)
        .rev()
        .map(|place| (double(&mut number), log.unbounded_shr(place) & 1 == 1))
        .find(|(bit, other)| bit != other)
        .is_some_and(|(bit, _)| bit)
}

/// Squares a number in 1..2, which doubles its logarithm, rounds it down, and halves it where it reaches 2; says if it did.
///
/// By halves of 32 bits, each product of which fits: a product of 128 bits costs WebAssembly several times as much, and a
/// power takes some two thousand.
fn double(number: &mut u64) -> bool {
    let (high, low) = (*number >> 32, *number & 0xffff_ffff);
    let mixed = high.wrapping_mul(low);
    let (below, carry) = (mixed << 33).overflowing_add(low.wrapping_mul(low));
    let above = high
        .wrapping_mul(high)
        .wrapping_add(mixed >> 31)
        .wrapping_add(u64::from(carry));
    let from_two = above >> 63 == 1;
    *number = if from_two {
        above
    } else {
        above << 1 | below >> 63
    };
    from_two
}

const LEAST: u64 = 1 << 63;

/// The largest number in 1..2, in units of 2^-63, whose logarithm here does not exceed `log`.
fn power(log: u64) -> u64 {
    let mut number = estimate(log);
    // Ends: the logarithm of 1 is 0.
    while is_above(number, log) {
        number = number.saturating_sub(1).max(LEAST);
    }
    while let Some(next) = number
        .checked_add(1)
        .filter(|&larger| !is_above(larger, log))
    {
        number = next;
    }
    number
}

/// About `power(log)`, within a few units: Newton's steps from `1 + log`, which is off by less than 0.09. Each step squares
/// the error, so the first need but few bits of the logarithm.
fn estimate(log: u64) -> u64 {
    let start = LEAST | log >> 1;
    [10, 18, 35, u64::BITS].iter().fold(start, |number, &bits| {
        let found = leading_bits(number, bits).unbounded_shl(u64::BITS.saturating_sub(bits));
        let step = high_product(high_product(number, log.abs_diff(found)), LN_2);
        if found <= log {
            number.saturating_add(step)
        } else {
            number.saturating_sub(step).max(LEAST)
        }
    })
}

/// ln 2, in units of 2^-64.
const LN_2: u64 = 0xb172_17f7_d1cf_79ab;

fn high_product(a: u64, b: u64) -> u64 {
    (u128::from(a).saturating_mul(u128::from(b)) >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn log_of(value: u128) -> u128 {
        log2(NonZero::new(value).unwrap())
    }

    #[test]
    fn is_exact_for_powers_of_two() {
        for place in 0..128u128 {
            assert_eq!(log_of(1 << place), place << 64);
            let power = exp2(place << 64);
            let lowest = 1u128 << place;
            assert!(
                power >= lowest && power - lowest <= lowest >> 61,
                "{place}: {power}"
            );
        }
        assert_eq!(exp2(128 << 64), u128::MAX);
        assert_eq!(exp2(u128::MAX), u128::MAX);
    }

    /// Digits of the constants: log2(3) and log2(10) from their series, rounded down to 2^-64.
    #[test]
    fn meets_known_constants() {
        for (value, whole, fraction) in [
            (3, 1u128, 0x95c0_1a39_fbd6_879f_u128),
            (10, 3, 0x5269_e12f_346e_2bf9),
        ] {
            let exact = (whole << 64) | fraction;
            assert!(log_of(value) <= exact && exact - log_of(value) < 4);
            let power = exp2(exact);
            assert!(power == value || power == value - 1);
        }
    }

    /// x^n 2^-k by exact squaring of large powers: log2 of x^n is n log2 x.
    #[test]
    fn adds_up_over_products() {
        let exact = |value: u64, power: u32| u128::from(value).pow(power);
        for value in [3u64, 5, 7, 10, 65_535, 12_345, 999_999_937] {
            for power in 1..=4 {
                let product = exact(value, power);
                let times = u128::from(power);
                let (whole, part) = (log_of(product), log_of(u128::from(value)));
                // Both are short: the product by less than 2^-61, the part by less than 2^-62 each time.
                assert!(whole < times * part + times * 4 && times * part < whole + 8);
            }
        }
    }

    fn value() -> impl Strategy<Value = u128> {
        (any::<u128>(), 0..128u32).prop_map(|(bits, shift)| (bits >> shift).max(1))
    }

    proptest! {
        #[test]
        fn squares_by_halves_as_a_whole(number in 1u64 << 63..=u64::MAX) {
            let square = u128::from(number) * u128::from(number);
            let (mut doubled, from_two) = (number, square >> 127 == 1);
            prop_assert_eq!(double(&mut doubled), from_two);
            prop_assert_eq!(u128::from(doubled), square >> if from_two { 64 } else { 63 });
        }

        #[test]
        fn compares_as_the_logarithm_does(number in 1u64 << 63..=u64::MAX, log: u64) {
            prop_assert_eq!(is_above(number, log), fraction(number) > log);
            prop_assert!(!is_above(number, fraction(number)));
        }

        /// By the definition, and near enough to be found at once.
        #[test]
        fn finds_the_largest_number_below(log in prop_oneof![any::<u64>(), 0..9u64, (u64::MAX - 8)..=u64::MAX]) {
            let found = power(log);
            prop_assert!(fraction(found) <= log);
            prop_assert!(found == u64::MAX || fraction(found + 1) > log);
            prop_assert!(estimate(log).abs_diff(found) < 8);
        }

        #[test]
        fn keeps_the_order(a in value(), b in value(), near in 0..4u128) {
            let above = a.saturating_add(near);
            prop_assert!(log_of(above) >= log_of(a));
            prop_assert!((a <= b) == (log_of(a) <= log_of(b)) || log_of(a) == log_of(b));
        }

        #[test]
        fn powers_keep_the_order(a in 0..(128 << 64) - 1u128, step in prop_oneof![1..9u128, 1..1u128 << 64]) {
            prop_assert!(exp2(a) <= exp2(a + step));
        }

        /// There and back: the cut after 64 leading bits, both errors, and the rounding to an integer.
        #[test]
        fn power_of_the_logarithm_is_the_number(value in value()) {
            let back = exp2(log_of(value));
            prop_assert!(back.abs_diff(value) <= (value >> 60) + 1);
        }

        /// log2(a b) = log2 a + log2 b within the stated errors: all three are short by less than 2^-61 (or 2^-62).
        #[test]
        fn logarithms_of_products_add_up(a in 1..=u64::MAX, b in 1..=u64::MAX) {
            let product = log_of(u128::from(a) * u128::from(b));
            let sum = log_of(a.into()) + log_of(b.into());
            prop_assert!(product < sum + 8 && sum < product + 8);
        }
    }
}
