//! Cases G: arithmetic traps. 89, 90, 91 and 93 are the share pool's; 92 (width of products) is 82 at the extremes.

use crate::subnet::Subnet;
use yuma::fixed::{cdiv, cmul, from_u16_part, narrow, satdiv, sdiv, smul, sum, ONE, ZERO};
use yuma::stake::{inherited, proportion, total};
use yuma::substrate_fixed::types::{I32F32, I64F64};

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
