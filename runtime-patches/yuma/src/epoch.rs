//! The epoch of one mechanism, from inputs to outputs.

use crate::bonds::{penalised_weights, settle_yuma2, settle_yuma3, Market, Settled};
use crate::consensus::{clip, consensus};
use crate::fixed::{from_u16, from_u16_part, sadd, sdiv, smul, sum, to_u16, ZERO};
use crate::permits::permits;
use crate::quantise::{q16, q16_all};
use crate::rows::{at, column_sums, Row};
use crate::shares::{normalise, normalise_by, normalise_stake, stake_shares};
use crate::{EpochInput, EpochOutput, LegacyScores, Shares};
use alloc::vec::Vec;
use substrate_fixed::types::{I32F32, I64F64};

/// Computes one epoch of one mechanism. Pure; never panics.
pub fn epoch(input: &EpochInput) -> EpochOutput {
    epoch_normalised_by(input, normalise_stake)
}

/// [`epoch`] with [`normalise_stake`], or a function around it, given by the caller: it gets the stake after the threshold.
pub fn epoch_normalised_by(
    input: &EpochInput,
    normalise_stake: impl FnOnce(&mut [I64F64]),
) -> EpochOutput {
    let params = &input.params;
    let uids = || 0..usize::from(input.uids);
    let columns = usize::from(input.uids);
    let owner = input.owner_uid.map(usize::from);
    let permit_owner = owner.filter(|_| input.rules.owner_permit);

    let active: Vec<bool> = uids().map(|uid| is_active(input, uid)).collect();
    let (stake_term, stake) = stake(input, normalise_stake);
    let had_permit = |uid: usize| match input.validator_permit.get(uid) {
        Some(&permit) => permit || permit_owner == Some(uid),
        None => false,
    };
    let validator_permit = permits(
        &stake,
        usize::from(params.max_allowed_validators),
        permit_owner,
    );

    let takes_part =
        |uid: usize| at(&active, uid) && (input.validator_permit.is_empty() || had_permit(uid));
    let mut active_stake: Vec<I32F32> = uids()
        .zip(&stake)
        .map(|(uid, &share)| if takes_part(uid) { share } else { ZERO })
        .collect();
    normalise(&mut active_stake);

    let weights: Vec<Row> = uids()
        .map(|uid| {
            if had_permit(uid) {
                weights(input, uid, owner)
            } else {
                Row::new()
            }
        })
        .collect();
    let consensus = consensus(
        &weights,
        &active_stake,
        columns,
        from_u16_part(params.kappa),
    );
    let clipped = clip(&weights, &consensus);
    let validator_trust: Vec<I32F32> = clipped
        .iter()
        .map(|row| sum(row.iter().map(|(_, weight)| weight)))
        .collect();
    let ranks = column_sums(&clipped, &active_stake, columns);
    let trust = input
        .rules
        .legacy_scores
        .then(|| trust(&ranks, &weights, &active_stake));
    let mut incentive = ranks;
    normalise(&mut incentive);

    let old_bonds: Vec<Vec<(u16, u16)>> = uids().map(|uid| old_bonds(input, uid)).collect();
    let market = Market {
        weights: &penalised_weights(
            weights,
            clipped,
            from_u16_part(params.bonds_penalty),
            columns,
        ),
        old_bonds: &old_bonds,
        active_stake: &active_stake,
        incentive: &incentive,
        consensus: &consensus,
    };
    let settle = if params.yuma3 {
        settle_yuma3
    } else {
        settle_yuma2
    };
    let Settled { bonds, dividends } = settle(&market, params);
    let store = |(row, &permitted): (&Row, &bool)| match permitted {
        true => row
            .iter()
            .map(|&(column, bond)| (column, q16(bond)))
            .collect(),
        false => Vec::new(),
    };
    let bonds = bonds.iter().zip(&validator_permit).map(store).collect();

    let [server_emission, validator_emission, combined_emission] =
        emission_shares(&incentive, &dividends, &stake, &active_stake);
    let legacy = trust.map(|trust| LegacyScores {
        rank: q16_all(&incentive),
        trust: q16_all(&trust),
        pruning_scores: pruning_scores(&combined_emission),
    });
    EpochOutput {
        active,
        stake_weight: q16_all(&stake),
        consensus: q16_all(&consensus),
        incentive: q16_all(&incentive),
        dividends: q16_all(&dividends),
        validator_trust: q16_all(&validator_trust),
        validator_permit,
        bonds,
        stake_term,
        shares: Shares {
            stake,
            active_stake,
            consensus,
            incentive,
            dividends,
            validator_trust,
            server_emission,
            validator_emission,
            combined_emission,
        },
        legacy,
    }
}

/// The cutoff's last block still counts as active.
fn is_active(input: &EpochInput, uid: usize) -> bool {
    at(input.last_update, uid).saturating_add(input.params.activity_cutoff_blocks) >= input.block
}

/// Whole rao before the threshold filter, and shares after it.
fn stake(
    input: &EpochInput,
    normalise_stake: impl FnOnce(&mut [I64F64]),
) -> (Vec<u64>, Vec<I32F32>) {
    let exempt = input.owner_uid.filter(|_| input.rules.owner_stake_exempt);
    let term = |stake: I64F64| u64::try_from((stake.to_bits() >> 64).max(0)).unwrap_or(u64::MAX);
    let mut terms = Vec::new();
    let mut filtered = Vec::new();
    for uid in 0..input.uids {
        let stake = at(input.total_stake, usize::from(uid));
        let rao = term(stake);
        let counts = rao >= input.params.stake_threshold || exempt == Some(uid);
        terms.push(rao);
        filtered.push(if counts { stake } else { I64F64::from_bits(0) });
    }
    normalise_stake(&mut filtered);
    (terms, stake_shares(&filtered))
}

/// A permitted uid's weights after the masks, normalised. Dropped: weights to uids that do not exist, to itself (but for the
/// owner), to uids registered at or after its last update, or after its earliest unrevealed commit.
fn weights(input: &EpochInput, uid: usize, owner: Option<usize>) -> Row {
    let updated = at(input.last_update, uid);
    let committed = input
        .commit_blocks
        .map(|blocks| blocks.get(uid).copied().unwrap_or(u64::MAX));
    let counts = |&&(target, _): &&(u16, u16)| {
        let registered = at(input.block_at_registration, usize::from(target));
        target < input.uids
            && (usize::from(target) != uid || owner == Some(uid))
            && updated > registered
            && committed.is_none_or(|committed| committed >= registered)
    };
    let stored = input.weights.get(uid).into_iter().flatten();
    let mut row: Row = stored
        .filter(counts)
        .map(|&(target, weight)| (target, from_u16(weight)))
        .collect();
    let total = sum(row.iter().map(|(_, weight)| weight));
    if total > ZERO {
        row.iter_mut()
            .for_each(|(_, weight)| *weight = sdiv(*weight, total));
    }
    row
}

/// A uid's stored bonds without those to uids registered since the last epoch. Bonds to uids that do not exist stay for now.
fn old_bonds(input: &EpochInput, uid: usize) -> Vec<(u16, u16)> {
    let registered = |target: u16| match target < input.uids {
        true => at(input.block_at_registration, usize::from(target)),
        false => 0,
    };
    let stored = input.bonds.get(uid).into_iter().flatten().copied();
    stored
        .filter(|&(target, _)| registered(target) < input.params.last_tempo_block)
        .collect()
}

/// Shares of the epoch's rao as server, as validator, and combined. Incentive and dividends are each about half of the whole. If
/// nobody has either, validators share by active stake, or by plain stake if none is active.
fn emission_shares(
    incentive: &[I32F32],
    dividends: &[I32F32],
    stake: &[I32F32],
    active_stake: &[I32F32],
) -> [Vec<I32F32>; 3] {
    let mut server = incentive.to_vec();
    let mut validator = dividends.to_vec();
    let mut combined: Vec<I32F32> = incentive
        .iter()
        .zip(dividends)
        .map(|(&incentive, &dividend)| sadd(incentive, dividend))
        .collect();
    let whole = sum(&combined);
    if whole == ZERO {
        let fallback = if sum(active_stake) == ZERO {
            stake
        } else {
            active_stake
        };
        return [server, fallback.to_vec(), fallback.to_vec()];
    }
    normalise_by(&mut server, whole);
    normalise_by(&mut validator, whole);
    normalise(&mut combined);
    [server, validator, combined]
}

/// Rank after clipping over rank before it.
fn trust(ranks: &[I32F32], weights: &[Row], active_stake: &[I32F32]) -> Vec<I32F32> {
    let unclipped = column_sums(weights, active_stake, ranks.len());
    ranks
        .iter()
        .zip(&unclipped)
        .map(|(&rank, &unclipped)| sdiv(rank, unclipped))
        .collect()
}

/// Scaled so that the largest is 65535, halves rounded up.
fn pruning_scores(combined: &[I32F32]) -> Vec<u16> {
    const HALF: I32F32 = I32F32::from_bits(1 << 31);
    let largest = combined.iter().copied().max().unwrap_or(ZERO);
    let score =
        |&share: &I32F32| to_u16(sadd(sdiv(smul(share, from_u16(u16::MAX)), largest), HALF));
    combined.iter().map(score).collect()
}
