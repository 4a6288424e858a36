//! Whole units in proportion to weights, by the largest remainder: nothing is lost and nothing made.
//!
//! `a_i = floor(T w_i / W)`, `W` = sum of the weights; the units left go one each to the largest remainders, the lowest
//! index first among equals. Remainders are compared to 2^-64 of a unit.
//!
//! Cost: the remainder that still earns a unit is found by bisecting on its value, at most 65 passes over the weights (some
//! ten where the remainders differ), so that nothing is allocated.

/// Replaces each weight with its amount; the amounts add up to `total`. Where all weights are 0, so are the amounts.
///
/// The weights must add up to less than 2^126, and be at most 2^32 in number.
pub fn apportion(total: u64, weights: &mut [u128]) {
    let sum = weights
        .iter()
        .fold(0u128, |sum, &weight| sum.saturating_add(weight));
    debug_assert!(sum < 1 << 126);
    if sum == 0 {
        return;
    }
    let mut given = 0u64;
    let division = Division::new(total, sum);
    for slot in weights.iter_mut() {
        *slot = division.portion(*slot);
        given = given.saturating_add(whole(*slot));
    }
    let left = total.saturating_sub(given);
    let smallest = smallest_rounded_up(weights, left);
    let above = weights
        .iter()
        .filter(|&&slot| remainder(slot) > smallest)
        .count() as u64;
    let mut left_at_smallest = left.saturating_sub(above);
    for slot in weights {
        let tie = remainder(*slot) == smallest && left_at_smallest > 0;
        if tie {
            left_at_smallest = left_at_smallest.saturating_sub(1);
        }
        let up = tie || remainder(*slot) > smallest;
        *slot = u128::from(whole(*slot).saturating_add(u64::from(up)));
    }
}

/// Divides many weights by one sum: a product with `F = T 2^64 2^t / W`, `2^t` the sum's leading bit, estimates the quotient,
/// and what is left over mends it.
struct Division {
    total: u64,
    sum: u128,
    /// `F`, rounded down: at most `T 2^64`.
    factor: u128,
}

impl Division {
    /// `sum` is above 0.
    fn new(total: u64, sum: u128) -> Self {
        let leading = 1u128.unbounded_shl(sum.ilog2());
        Self {
            total,
            sum,
            factor: portion(total, leading, sum),
        }
    }

    /// `portion` of a weight up to the sum.
    ///
    /// Rounding `F` costs less than 2 units, halving the product another 2: so less than 4 W is left over, which is below
    /// 2^128 and therefore exact modulo 2^128.
    fn portion(&self, weight: u128) -> u128 {
        if weight == 0 {
            return 0;
        }
        let aligned = weight.unbounded_shl(self.sum.leading_zeros());
        let mut quotient = high_product(aligned, self.factor) << 1;
        let mut rest = (u128::from(self.total).wrapping_mul(weight) << 64)
            .wrapping_sub(quotient.wrapping_mul(self.sum));
        while rest >= self.sum {
            rest = rest.saturating_sub(self.sum);
            quotient = quotient.saturating_add(1);
        }
        quotient
    }
}

/// The upper half of a product, exactly.
fn high_product(a: u128, b: u128) -> u128 {
    let low = |number: u128| u128::from(number as u64);
    // Factors below 2^64: no line overflows.
    let product = |a: u128, b: u128| a.wrapping_mul(b);
    let below = product(low(a), low(b)) >> 64;
    let (left, right) = (product(a >> 64, low(b)), product(low(a), b >> 64));
    let carried = below.wrapping_add(low(left)).wrapping_add(low(right)) >> 64;
    product(a >> 64, b >> 64)
        .wrapping_add(left >> 64)
        .wrapping_add(right >> 64)
        .wrapping_add(carried)
}

/// `T w / W` in units of 2^-64, rounded down: the numerator would not fit 128 bits, so the quotient is put together from
/// the bits of `T 2^64`. What is carried from bit to bit stays below 3 W, hence the bound on W.
fn portion(total: u64, weight: u128, sum: u128) -> u128 {
    let bits = u128::from(total) << 64;
    let (mut quotient, mut carried) = (0u128, 0u128);
    for place in (0..u128::BITS).rev() {
        let bit = bits.unbounded_shr(place) & 1;
        carried = (carried << 1).saturating_add(if bit == 1 { weight } else { 0 });
        quotient <<= 1;
        while carried >= sum {
            carried = carried.saturating_sub(sum);
            quotient = quotient.saturating_add(1);
        }
    }
    quotient
}

const fn whole(portion: u128) -> u64 {
    (portion >> 64) as u64
}

/// In units of 2^-64.
const fn remainder(portion: u128) -> u64 {
    portion as u64
}

/// The `left`-th largest remainder. The remainders of exact portions add up to `left` wholes, each below one, so more
/// than `left` portions have one, and one too large for the comparison to lose it.
fn smallest_rounded_up(portions: &[u128], left: u64) -> u64 {
    // At least `left` remainders are >= low, fewer than `left` are > high (unless `left` is 0: then none earns a unit).
    let (mut low, mut high) = (0, u64::MAX);
    while low < high {
        let middle = high.saturating_sub(high.saturating_sub(low) >> 1);
        let count = portions
            .iter()
            .filter(|&&portion| remainder(portion) >= middle)
            .count();
        if count as u64 == left {
            // Just these: the smallest of them.
            return portions
                .iter()
                .map(|&portion| remainder(portion))
                .filter(|&remainder| remainder >= middle)
                .min()
                .unwrap_or(u64::MAX);
        }
        if count as u64 > left {
            low = middle;
        } else {
            high = middle.saturating_sub(1);
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn apportioned(total: u64, weights: &[u128]) -> Vec<u64> {
        let mut slots = weights.to_vec();
        apportion(total, &mut slots);
        slots
            .into_iter()
            .map(|amount| u64::try_from(amount).unwrap())
            .collect()
    }

    /// The definition with a sort, for weights and totals whose products fit.
    fn reference(total: u64, weights: &[u128]) -> Vec<u64> {
        let sum: u128 = weights.iter().sum();
        let exact: Vec<u128> = weights
            .iter()
            .map(|weight| u128::from(total) * weight)
            .collect();
        let mut amounts: Vec<u128> = exact.iter().map(|product| product / sum).collect();
        let left = (u128::from(total) - amounts.iter().sum::<u128>()) as usize;
        let mut order: Vec<usize> = (0..weights.len()).collect();
        order.sort_by_key(|&index| (std::cmp::Reverse(exact[index] % sum), index));
        for &index in &order[..left] {
            amounts[index] += 1;
        }
        amounts
            .into_iter()
            .map(|amount| u64::try_from(amount).unwrap())
            .collect()
    }

    #[test]
    fn gives_what_is_left_to_the_largest_remainders_then_the_lowest_indices() {
        assert_eq!(apportioned(10, &[5, 3, 2]), [5, 3, 2]);
        assert_eq!(apportioned(3, &[5, 3, 2]), [1, 1, 1]);
        assert_eq!(apportioned(2, &[1, 1, 1]), [1, 1, 0]);
        assert_eq!(apportioned(1, &[0, 7, 8]), [0, 0, 1]);
    }

    #[test]
    fn gives_nothing_where_there_is_nothing() {
        assert_eq!(apportioned(9, &[]), Vec::<u64>::new());
        assert_eq!(apportioned(9, &[0, 0]), [0, 0]);
        assert_eq!(apportioned(0, &[3, 0]), [0, 0]);
    }

    #[test]
    fn is_exact_at_the_ends_of_the_types() {
        let most = (1 << 126) - 1;
        assert_eq!(apportioned(u64::MAX, &[most]), [u64::MAX]);
        assert_eq!(
            apportioned(u64::MAX, &[most - 1, 1]),
            [u64::MAX, 0] // the first is short of a unit by 2^-62 of it
        );
        assert_eq!(
            apportioned(u64::MAX, &[1 << 124; 3]),
            [u64::MAX / 3; 3] // 2^64 - 1 is a multiple of 3
        );
        assert_eq!(
            apportioned(u64::MAX, &[1 << 125, (1 << 125) - 1]),
            [1 << 63, (1 << 63) - 1]
        );
    }

    /// Weights below 2^62 so that the reference's products fit, some of them equal, some zero.
    fn weights() -> impl Strategy<Value = Vec<u128>> {
        let weight = prop_oneof![Just(0), Just(1), 0..9u128, 0..1u128 << 40, 0..1u128 << 57];
        proptest::collection::vec(weight, 1..40).prop_filter("a weight", |weights| {
            weights.iter().any(|&weight| weight > 0)
        })
    }

    fn total() -> impl Strategy<Value = u64> {
        prop_oneof![Just(0), 0..100u64, any::<u64>(), Just(u64::MAX)]
    }

    /// A sum, and a weight up to it: mostly of any size, some at the ends.
    fn sum_and_weight() -> impl Strategy<Value = (u128, u128)> {
        let sum = (1..1u128 << 126, 0..126u32).prop_map(|(bits, shift)| (bits >> shift).max(1));
        (sum, any::<u128>(), 0..128u32).prop_flat_map(|(sum, bits, shift)| {
            let weight = (bits >> shift) % sum;
            (
                Just(sum),
                prop_oneof![Just(weight), Just(sum), Just(sum - weight)],
            )
        })
    }

    proptest! {
        #[test]
        fn divides_as_bit_by_bit(total in total(), (sum, weight) in sum_and_weight()) {
            prop_assert_eq!(Division::new(total, sum).portion(weight), portion(total, weight, sum));
        }

        /// Below 2^62 remainders that differ do so by more than 2^-64, so the comparison is exact.
        #[test]
        fn equals_the_definition(total in total(), weights in weights()) {
            prop_assert_eq!(apportioned(total, &weights), reference(total, &weights));
        }

        #[test]
        fn conserves_the_total_and_keeps_the_order(
            total in total(),
            weights in proptest::collection::vec(0..1u128 << 120, 1..40),
        ) {
            prop_assume!(weights.iter().any(|&weight| weight > 0));
            let amounts = apportioned(total, &weights);
            prop_assert_eq!(amounts.iter().map(|&amount| u128::from(amount)).sum::<u128>(), u128::from(total));
            for (weight, amount) in weights.iter().zip(&amounts) {
                prop_assert!(*weight > 0 || *amount == 0);
                prop_assert!(weights.iter().zip(&amounts).all(|(other, theirs)| other >= weight || theirs <= amount));
            }
        }

        #[test]
        fn does_not_depend_on_the_weights_scale(total in total(), weights in weights(), scale in 1..1u128 << 50) {
            let scaled: Vec<u128> = weights.iter().map(|weight| weight * scale).collect();
            prop_assert_eq!(apportioned(total, &scaled), apportioned(total, &weights));
        }
    }
}
