//! Laws that hold whatever the numbers.

use crate::subnet::{Rows, Subnet, NOW};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use yuma::substrate_fixed::types::I64F64;
use yuma::{aggregate, split_mechanisms, EpochOutput, LiquidAlpha, Mechanism, Params, Rules};

fn rows(n: usize) -> impl Strategy<Value = Rows> {
    vec(
        btree_map(0..n as u16, any::<u16>(), 0..=n).prop_map(|row| row.into_iter().collect()),
        n,
    )
}

fn liquid() -> impl Strategy<Value = Option<LiquidAlpha>> {
    proptest::option::of((any::<u16>(), any::<u16>(), any::<i16>()).prop_map(
        |(low, high, steepness)| LiquidAlpha {
            low,
            high,
            steepness,
        },
    ))
}

prop_compose! {
    /// Sane subnets: distinct non-zero stakes, every row sorted, all masks open, Σ stake far below the limit.
    fn sane_subnet()(n in 1..9usize)(
        stake in proptest::sample::subsequence((1..40u64).collect::<Vec<_>>(), n).prop_shuffle(),
        weights in rows(n),
        bonds in rows(n),
        kappa in any::<u16>(),
        bonds_penalty in any::<u16>(),
        bonds_moving_average in 0..=1_000_000u64,
        max_allowed_validators in 0..10u16,
        yuma3 in any::<bool>(),
        liquid_alpha in liquid(),
    ) -> Subnet {
        let mut subnet = Subnet::new(&stake);
        subnet.weights = weights;
        subnet.bonds = bonds;
        let params = subnet.params;
        subnet.params = Params {
            kappa, bonds_penalty, bonds_moving_average, max_allowed_validators, yuma3, liquid_alpha, ..params
        };
        subnet
    }
}

prop_compose! {
    /// Any numbers at all, vectors of any length.
    fn any_subnet()(
        uids in 0..7u16,
        block in any::<u64>(),
        stake in vec(any::<i128>().prop_map(I64F64::from_bits), 0..8),
        owner_uid in proptest::option::of(any::<u16>()),
        permits in vec(any::<bool>(), 0..8),
        times in (vec(any::<u64>(), 0..8), vec(any::<u64>(), 0..8), proptest::option::of(vec(any::<u64>(), 0..8))),
        weights in vec(vec((0..9u16, any::<u16>()), 0..9), 0..8),
        bonds in vec(vec((any::<u16>(), any::<u16>()), 0..9), 0..8),
        blocks in any::<[u64; 4]>(),
        parts in any::<[u16; 3]>(),
        yuma3 in any::<bool>(),
        liquid_alpha in liquid(),
        rules in any::<[bool; 3]>(),
    ) -> Subnet {
        let (last_update, registered, commits) = times;
        let [stake_threshold, activity_cutoff_blocks, last_tempo_block, bonds_moving_average] = blocks;
        let [max_allowed_validators, kappa, bonds_penalty] = parts;
        let [owner_stake_exempt, owner_permit, legacy_scores] = rules;
        Subnet {
            uids, block, stake, owner_uid, permits, last_update, registered, weights, bonds, commits,
            params: Params {
                stake_threshold, activity_cutoff_blocks, last_tempo_block, max_allowed_validators, kappa, bonds_penalty,
                bonds_moving_average, yuma3, liquid_alpha,
            },
            rules: Rules { owner_stake_exempt, owner_permit, legacy_scores },
        }
    }
}

/// `values[i]` of the result is the value of uid `from[i]`.
fn pick<T: Clone>(values: &[T], from: &[usize]) -> Vec<T> {
    from.iter().map(|&uid| values[uid].clone()).collect()
}

/// Rows with uids renamed and sorted again.
fn pick_rows(rows: &Rows, from: &[usize]) -> Rows {
    let renamed = |target: u16| {
        from.iter()
            .position(|&uid| uid == usize::from(target))
            .unwrap() as u16
    };
    let rename = |row: Vec<(u16, u16)>| {
        let mut row: Vec<_> = row
            .into_iter()
            .map(|(target, value)| (renamed(target), value))
            .collect();
        row.sort();
        row
    };
    pick(rows, from).into_iter().map(rename).collect()
}

fn pick_output(output: &EpochOutput, from: &[usize]) -> EpochOutput {
    let mut picked = output.clone();
    for values in [
        &mut picked.stake_weight,
        &mut picked.consensus,
        &mut picked.incentive,
        &mut picked.dividends,
        &mut picked.validator_trust,
    ] {
        *values = pick(values, from);
    }
    let shares = &mut picked.shares;
    for values in [
        &mut shares.stake,
        &mut shares.active_stake,
        &mut shares.consensus,
        &mut shares.incentive,
        &mut shares.dividends,
        &mut shares.validator_trust,
        &mut shares.server_emission,
        &mut shares.validator_emission,
        &mut shares.combined_emission,
    ] {
        *values = pick(values, from);
    }
    picked.active = pick(&output.active, from);
    picked.validator_permit = pick(&output.validator_permit, from);
    picked.stake_term = pick(&output.stake_term, from);
    picked.bonds = pick_rows(&output.bonds, from);
    picked
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// With distinct stakes no rule looks at the order of uids: renaming them renames the results, bit for bit.
    #[test]
    fn permuting_uids_permutes_results(
        (subnet, from) in sane_subnet().prop_flat_map(|subnet| {
            let uids: Vec<usize> = (0..subnet.stake.len()).collect();
            (Just(subnet), Just(uids).prop_shuffle())
        })
    ) {
        let mut renamed = subnet.clone();
        renamed.stake = pick(&subnet.stake, &from);
        renamed.weights = pick_rows(&subnet.weights, &from);
        renamed.bonds = pick_rows(&subnet.bonds, &from);
        prop_assert_eq!(renamed.run(), pick_output(&subnet.run(), &from));
    }

    /// Only proportions of stake count.
    #[test]
    fn scaling_all_stakes_leaves_everything(subnet in sane_subnet(), factor in 1..1_000_000_000_000u64) {
        let mut scaled = subnet.clone();
        for stake in &mut scaled.stake {
            *stake = stake.saturating_mul_int(i128::from(factor));
        }
        let (mut output, mut expected) = (scaled.run(), subnet.run());
        prop_assert_eq!(&output.stake_term, &expected.stake_term.iter().map(|term| term * factor).collect::<Vec<_>>());
        output.stake_term.clear();
        expected.stake_term.clear();
        prop_assert_eq!(output, expected);
    }

    /// Never more than the epoch's rao; incentives and dividends each about half when there are both.
    #[test]
    fn amounts_stay_within_the_epochs_rao(subnet in sane_subnet(), rao in any::<u64>()) {
        let (output, amounts) = subnet.pay(rao);
        let total = |amounts: &[u64]| amounts.iter().map(|&amount| u128::from(amount)).sum::<u128>();
        let (server, validator) = (total(&amounts.server), total(&amounts.validator));
        prop_assert!(server + validator <= u128::from(rao));
        let some = |shares: &[u16]| shares.iter().any(|&share| share > 0);
        if some(&output.incentive) && some(&output.dividends) {
            let slack = u128::from(subnet.uids) * ((u128::from(rao) >> 31) + 1);
            prop_assert!(server.abs_diff(u128::from(rao) / 2) <= slack);
            prop_assert!(validator.abs_diff(u128::from(rao) / 2) <= slack);
        }
    }

    /// Nobody without a permit has bonds, and there are at most K permits.
    #[test]
    fn permits_bound_bonds(subnet in sane_subnet()) {
        let output = subnet.run();
        let permits = output.validator_permit.iter().filter(|&&permit| permit).count();
        prop_assert!(permits <= usize::from(subnet.params.max_allowed_validators));
        for (row, permit) in output.bonds.iter().zip(&output.validator_permit) {
            prop_assert!(*permit || row.is_empty());
        }
    }

    /// A masked entry is as good as none.
    #[test]
    fn a_mask_equals_a_missing_entry(subnet in sane_subnet(), target in any::<prop::sample::Index>()) {
        let target = target.index(subnet.stake.len());
        let mut masked = subnet.clone();
        masked.registered[target] = NOW;
        let mut missing = subnet;
        for row in missing.weights.iter_mut().chain(&mut missing.bonds) {
            row.retain(|entry| usize::from(entry.0) != target);
        }
        prop_assert_eq!(masked.run(), missing.run());
    }

    /// No input panics: lengths, blocks, parameters, stakes and their signs are arbitrary here.
    #[test]
    fn no_input_panics(
        subnet in any_subnet(),
        rao in any::<u64>(),
        count in any::<u8>(),
        split in proptest::option::of(vec(any::<u16>(), 0..5)),
    ) {
        let n = usize::from(subnet.uids);
        let parts = split_mechanisms(rao, count, split.as_deref());
        prop_assert_eq!(parts.len(), usize::from(count));
        let (mut output, mut emission) = subnet.pay(rao);
        prop_assert_eq!(output.bonds.len(), n);
        prop_assert_eq!(output.shares.combined_emission.len(), n);
        let mechanisms: Vec<_> =
            parts.iter().map(|&rao| Mechanism { rao, output: &output, emission: &emission }).collect();
        aggregate(rao, &mechanisms);
        output.keep_keyed(&subnet.permits);
        emission.keep_keyed(&subnet.permits);
        prop_assert_eq!(output.active.len(), emission.server.len());
    }
}
