//! Cases G: arithmetic traps. 89, 90, 91 and 93 are the share pool's; 92 (width of products) is 82 at the extremes, and the wider types of the pallet.

use crate::subnet::Subnet;
use yuma::fixed::{cdiv, cmul, from_u16_part, narrow, satdiv, sdiv, smul, sum, ONE, ZERO};
use yuma::stake::{inherited, proportion, total};
use yuma::substrate_fixed::types::{I32F32, I64F64, I96F32, U64F64, U96F32};

fn bits(bits: i64) -> I32F32 {
    I32F32::from_bits(bits)
}
const MAX: i64 = i64::MAX;
const MIN: i64 = i64::MIN;

#[test]
fn case_81_sdiv_is_0_on_overflow() {
    assert_eq!(sdiv(bits(MAX), bits(1)), ZERO);
    assert_eq!(sdiv(bits(MIN), bits(-(1 << 32))), ZERO);
    assert_eq!(sdiv(ONE, ZERO), ZERO);
    assert_eq!(cdiv(bits(MAX), bits(1)), None);
    assert_eq!(cdiv(ONE, ZERO), None);
    assert_eq!(satdiv(bits(MAX), bits(1)), bits(MAX));
    assert_eq!(satdiv(bits(MAX), bits(-1)), bits(MIN));
    assert_eq!(satdiv(bits(MIN), bits(-1)), bits(MAX));
}

#[test]
fn case_82_smul_floors() {
    assert_eq!(smul(bits(1), bits(1)), ZERO);
    assert_eq!(smul(bits(-1), bits(1)), bits(-1));
    assert_eq!(smul(bits(-3), bits(1 << 31)), bits(-2));
}

#[test]
fn case_83_division_truncates_toward_zero() {
    assert_eq!(cdiv(bits(-1), bits(2 << 32)), Some(ZERO));
    assert_eq!(cdiv(bits(-3), bits(2 << 32)), Some(bits(-1)));
    assert_eq!(cdiv(bits(3), bits(-(2 << 32))), Some(bits(-1)));
}

#[test]
fn case_84_narrowing_floors() {
    assert_eq!(narrow(I64F64::from_bits((1 << 32) - 1)), ZERO);
    assert_eq!(narrow(I64F64::from_bits(-1)), bits(-1));
    assert_eq!(narrow(I64F64::from_bits(i128::MAX)), bits(MAX));
    assert_eq!(narrow(I64F64::from_bits(i128::MIN)), bits(MIN));
}

/// Three equal stakes: 21845 · 3 = 65535, but a third is short of its value.
#[test]
fn case_85_quantising_truncates() {
    assert_eq!(Subnet::new(&[1, 1, 1]).run().stake_weight, [21844; 3]);
    assert_eq!(Subnet::new(&[1]).run().stake_weight, [65535]);
}

#[test]
fn case_86_stake_given_away_stops_at_zero() {
    assert_eq!(
        inherited(1000, [u64::MAX, u64::MAX / 2], [(500, u64::MAX)]),
        500
    );
    assert_eq!(inherited(1000, [u64::MAX], []), 0);
}

#[test]
fn case_87_fractions_are_truncated_before_multiplying() {
    assert_eq!(proportion(u64::MAX / 3).to_bits(), 1_431_655_765);
    // A third of 3e15 is 349_246 rao short of exact.
    assert_eq!(
        inherited(0, [], [(3_000_000_000_000_000, u64::MAX / 3)]),
        999_999_999_767_169
    );
    assert_eq!(from_u16_part(1).to_bits(), 65_537);
    // The weight of root stake likewise, but its product keeps every bit.
    assert_eq!(
        total(1, 3, u64::MAX / 2).to_bits(),
        (1 << 64) + 3 * (2_147_483_647 << 32)
    );
}

#[test]
fn case_88_sums_wrap() {
    assert_eq!(sum(&[bits(MAX), bits(1)]), bits(MIN));
    assert_eq!(sum(&[bits(MAX), bits(1), bits(-1)]), bits(MAX));
}

#[test]
fn case_92_products_need_128_bits() {
    assert_eq!(smul(bits(MAX), bits(MAX)), bits(MAX));
    assert_eq!(smul(bits(MIN), bits(MIN)), bits(MAX));
    assert_eq!(smul(bits(MIN), bits(MAX)), bits(MIN));
    assert_eq!(smul(bits(MAX), ONE), bits(MAX));
    assert_eq!(cmul(bits(MIN), bits(MIN)), None);
}

/// Rao of all TAO.
const ALL: u64 = 21_000_000_000_000_000;

#[test]
fn case_92_products_of_128_bits_need_256() {
    // (2^64 − 1)² / 2^64, rounded down.
    let below_one = U64F64::from_bits(u128::from(u64::MAX));
    assert_eq!(
        below_one.saturating_mul(below_one).to_bits(),
        u128::from(u64::MAX - 1)
    );
    assert_eq!(
        U64F64::from_num(ALL).saturating_mul(below_one).to_bits(),
        u128::from(ALL) * u128::from(u64::MAX)
    );
    assert_eq!(
        U64F64::max_value().saturating_mul(U64F64::max_value()),
        U64F64::max_value()
    );
    assert_eq!(
        U64F64::from_num(1u64 << 32).checked_mul(U64F64::from_num(1u64 << 32)),
        None
    );

    // 2^48 · 2^47 fits into 96 bits before the point, though the product of their bits has 160; twice that does not.
    let large = U96F32::from_num(1u64 << 48);
    assert_eq!(
        large.saturating_mul(U96F32::from_num(1u64 << 47)).to_bits(),
        1 << 127
    );
    assert_eq!(large.saturating_mul(large), U96F32::max_value());
    assert_eq!(large.checked_mul(large), None);
    // A third is ⌊2^32/3⌋ parts of 2^32; the product keeps every bit.
    let third = proportion(u64::MAX / 3);
    assert_eq!(
        U96F32::from_num(ALL).saturating_mul(third).to_bits(),
        u128::from(ALL) * 1_431_655_765
    );

    // A rate of a million and one bit on all TAO; the same below zero; the lowest number exactly; a bit rounded down.
    let rate = I96F32::from_bits((1_000_000 << 32) + 1);
    let all = I96F32::from_num(ALL);
    let product = i128::from(ALL) * ((1_000_000 << 32) + 1);
    assert_eq!(rate.saturating_mul(all).to_bits(), product);
    assert_eq!(rate.saturating_mul(-all).to_bits(), -product);
    let large = I96F32::from_num(1u64 << 48);
    assert_eq!(
        large.saturating_mul(I96F32::from_num(-(1i64 << 47))),
        I96F32::min_value()
    );
    assert_eq!(large.saturating_mul(large), I96F32::max_value());
    assert_eq!(
        I96F32::from_bits(-1)
            .saturating_mul(I96F32::from_num(0.5))
            .to_bits(),
        -1
    );
}

#[test]
fn case_92_quotients_of_128_bits_need_more() {
    // The dividend is shifted by the fraction bits: it has 183, 160 and 159 here.
    assert_eq!(
        U64F64::from_num(ALL).checked_div(U64F64::from_num(3)),
        Some(U64F64::from_num(ALL / 3))
    );
    assert_eq!(
        U96F32::from_bits(u128::MAX).checked_div(U96F32::from_bits(u128::MAX)),
        Some(U96F32::from_num(1))
    );
    assert_eq!(
        I96F32::min_value().checked_div(I96F32::from_num(1u64 << 48)),
        Some(I96F32::from_num(-(1i64 << 47)))
    );
    assert_eq!(I96F32::min_value().checked_div(I96F32::from_num(-1)), None);
}
