//! Block emission as a function of issuance: it halves each time half of what was left to issue has been issued.
//!
//! The same curve serves TAO (total issuance) and each subnet's alpha (its pool and outstanding alpha together).

use substrate_fixed::types::I96F32;

/// Issuance at which emission ends, rao; also the hard cap of TAO.
pub const MAX_ISSUANCE_RAO: u64 = 21_000_000_000_000_000;
/// Emission of a block before the first halving, rao.
pub const FULL_EMISSION_RAO: u64 = 1_000_000_000;

/// Emission of one block in rao, `None` once everything is issued.
///
/// In I96F32: x = 1/(1 − issuance/21e15), halvings k = ⌊log2 x⌋, emission = ⌊1e9/2^k⌋.
pub fn block_emission(issuance_rao: u64) -> Option<u64> {
    if issuance_rao >= MAX_ISSUANCE_RAO {
        return None;
    }
    let one = I96F32::from_num(1);
    let issued = I96F32::from_num(issuance_rao).checked_div(I96F32::from_num(MAX_ISSUANCE_RAO))?;
    let remaining = one.saturating_sub(issued);
    let halvings = log2_floor(one.checked_div(remaining)?);
    Some(FULL_EMISSION_RAO.checked_shr(halvings).unwrap_or(0))
}

/// ⌊log2 x⌋ for x >= 1. Halving the argument rounds up, so that a value one bit below a power of two counts as it.
fn log2_floor(x: I96F32) -> u32 {
    let two = I96F32::from_num(2).to_bits();
    let mut bits = x.to_bits();
    let mut floor = 0u32;
    while bits >= two {
        floor = floor.saturating_add(1);
        bits = (bits >> 1).saturating_add(bits & 1);
    }
    floor
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_44_45_thresholds() {
        let thresholds = [
            10_500_000_000_000_000,
            15_750_000_000_000_000,
            18_375_000_000_000_000,
            19_687_500_000_000_000,
            20_343_750_000_000_000,
            20_671_875_000_000_000,
            20_835_937_500_000_000u64,
        ];
        for (halvings, threshold) in thresholds.into_iter().enumerate() {
            assert_eq!(
                block_emission(threshold - 1),
                Some(FULL_EMISSION_RAO >> halvings)
            );
            assert_eq!(
                block_emission(threshold),
                Some(FULL_EMISSION_RAO >> (halvings + 1))
            );
        }
    }

    #[test]
    fn case_44_ends() {
        assert_eq!(block_emission(0), Some(FULL_EMISSION_RAO));
        assert_eq!(block_emission(MAX_ISSUANCE_RAO - 1), Some(0));
        assert_eq!(block_emission(MAX_ISSUANCE_RAO), None);
        assert_eq!(block_emission(u64::MAX), None);
    }

    #[test]
    fn halving_the_argument_rounds_up() {
        assert_eq!(log2_floor(I96F32::from_bits((1 << 34) - 1)), 2);
        assert_eq!(log2_floor(I96F32::from_bits((1 << 33) - 1)), 0);
    }
}
