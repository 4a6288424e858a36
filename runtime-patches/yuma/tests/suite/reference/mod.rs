//! The epoch a second time, as literally as the rules read: unbounded integers, every position visited, nothing clever, and no code
//! of the crate.

pub mod exact;
mod matrix;

use crate::subnet::Subnet;
use exact::{floor_div, narrow, of_65535, one, q16, q16s, sadd, ssub, z, zero, F32, F64, F96, Z};
use matrix::{colmax, colnorm, ema, liquid_ema, value, Matrix};

/// Results, all indexed by uid.
#[derive(Default)]
pub struct Results {
    pub active: Vec<bool>,
    pub permits: Vec<bool>,
    pub stake_term: Vec<Z>,
    pub stake: Vec<Z>,
    pub active_stake: Vec<Z>,
    pub consensus: Vec<Z>,
    pub trust: Vec<Z>,
    pub incentive: Vec<Z>,
    pub dividends: Vec<Z>,
    pub bonds: Vec<Vec<(usize, Z)>>,
    pub server: Vec<Z>,
    pub validator: Vec<Z>,
    pub combined: Vec<Z>,
    /// Rank, Trust, PruningScores.
    pub legacy: [Vec<Z>; 3],
}

impl Results {
    pub fn quantised(values: &[Z]) -> Vec<Z> {
        q16s(values)
    }

    /// Server, validator and combined rao of an epoch over `rao`.
    pub fn rao(&self, rao: u64) -> [Vec<Z>; 3] {
        let part = |shares: &Vec<Z>| -> Vec<Z> {
            shares
                .iter()
                .map(|share| F96.whole(&F96.smul(share, &F96.int(rao)), 64))
                .collect()
        };
        [
            part(&self.server),
            part(&self.validator),
            part(&self.combined),
        ]
    }
}

pub fn run(subnet: &Subnet) -> Results {
    let n = usize::from(subnet.uids);
    let params = &subnet.params;
    let get = |values: &[u64], i: usize| values.get(i).copied().unwrap_or(0);
    let updated = |i: usize| get(&subnet.last_update, i);
    let registered = |j: usize| if j < n { get(&subnet.registered, j) } else { 0 };
    let owner = subnet.owner_uid.map(usize::from);
    let mut out = Results::default();

    // 3.1 activity
    let late = |i: usize| z(updated(i)) + params.activity_cutoff_blocks < z(subnet.block);
    out.active = (0..n).map(|i| !late(i)).collect();

    // 3.2 stake
    let mut totals = Vec::new();
    for i in 0..n {
        let total = subnet
            .stake
            .get(i)
            .map_or(zero(), |stake| z(stake.to_bits()));
        let whole = F64.whole(&total, 64);
        let exempt = subnet.rules.owner_stake_exempt && owner == Some(i);
        let below = whole < z(params.stake_threshold);
        out.stake_term.push(whole);
        totals.push(if below && !exempt { zero() } else { total });
    }
    out.stake = F64.norm(&totals).iter().map(narrow).collect();

    // 3.3 permits
    let mut old = subnet.permits.clone();
    out.permits = out.stake.iter().map(|s| *s != zero()).collect();
    let k = usize::from(params.max_allowed_validators);
    if n >= k {
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by_key(|&i| out.stake[i].clone()); // stable
        for &i in &order[..n - k] {
            out.permits[i] = false;
        }
    }
    if let Some(o) = owner.filter(|_| subnet.rules.owner_permit) {
        if o < old.len() {
            old[o] = true;
        }
        out.permits[o] = true;
    }

    // 3.4 active stake
    let row_masked = |i: usize| i >= old.len() || !old[i];
    let stake_masked = |i: usize| !old.is_empty() && row_masked(i);
    let masked = |i: usize| {
        if late(i) || stake_masked(i) {
            zero()
        } else {
            out.stake[i].clone()
        }
    };
    let a = F32.norm(&(0..n).map(masked).collect::<Vec<_>>());

    // 3.5 weights
    let mut w: Matrix = vec![vec![]; n];
    for i in (0..n).filter(|&i| !row_masked(i)) {
        let mut row: Vec<(usize, Z)> = vec![];
        for &(j, weight) in subnet.weights.get(i).unwrap_or(&vec![]) {
            let j = usize::from(j);
            let own = i == j && owner != Some(i);
            let outdated = updated(i) <= registered(j);
            let commit = |commits: &Vec<u64>| commits.get(i).copied().unwrap_or(u64::MAX);
            let uncovered = subnet
                .commits
                .as_ref()
                .is_some_and(|commits| commit(commits) < registered(j));
            if j < n && !own && !outdated && !uncovered {
                row.push((j, F32.int(weight)));
            }
        }
        let r = F32.sum(row.iter().map(|entry| &entry.1));
        if r > zero() {
            row = row
                .iter()
                .map(|(j, weight)| (*j, F32.sdiv(weight, &r)))
                .collect();
        }
        w[i] = row;
    }

    // 3.6 consensus, clip, trust, incentive
    let voters: Vec<usize> = (0..n).filter(|&i| a[i] > zero()).collect();
    let votes = F32.norm(&voters.iter().map(|&i| a[i].clone()).collect::<Vec<_>>());
    let minority = ssub(&F32.sum(&votes), &of_65535(params.kappa));
    for j in 0..n {
        let scores: Vec<Z> = voters.iter().map(|&i| value(&w[i], j)).collect();
        let up_to = |x: &Z| -> Z {
            scores
                .iter()
                .zip(&votes)
                .filter(|(s, _)| *s <= x)
                .map(|(_, v)| v)
                .sum()
        };
        let passing = scores.iter().filter(|score| up_to(score) > minority).min();
        out.consensus
            .push(passing.or(scores.iter().max()).cloned().unwrap_or_default());
    }
    let mut clipped: Matrix = vec![vec![]; n];
    for i in 0..n {
        for (j, v) in &w[i] {
            let c = &out.consensus[*j];
            if c >= v {
                clipped[i].push((*j, v.clone()));
            } else if *c > zero() {
                clipped[i].push((*j, c.clone()));
            }
        }
        out.trust
            .push(F32.sum(clipped[i].iter().map(|entry| &entry.1)));
    }
    let rank = |matrix: &Matrix, j: usize| {
        F32.sum(
            &(0..n)
                .map(|i| F32.smul(&a[i], &value(&matrix[i], j)))
                .collect::<Vec<_>>(),
        )
    };
    let ranks: Vec<Z> = (0..n).map(|j| rank(&clipped, j)).collect();
    out.incentive = F32.norm(&ranks);

    // 3.7 weights for bonds
    let beta = of_65535(params.bonds_penalty);
    let wb: Matrix = if beta == zero() {
        w.clone()
    } else if beta == one() {
        clipped.clone()
    } else {
        let between = |i: usize, j: usize| {
            let (from, to) = (value(&w[i], j), value(&clipped[i], j));
            sadd(&from, &F32.smul(&beta, &ssub(&to, &from)))
        };
        let row = |i: usize| {
            (0..n)
                .map(|j| (j, between(i, j)))
                .filter(|entry| entry.1 > zero())
                .collect()
        };
        (0..n).map(row).collect()
    };

    // 3.8 old bonds
    let mut old_bonds: Vec<Vec<(usize, u16)>> = vec![vec![]; n];
    for (kept, stored) in old_bonds.iter_mut().zip(&subnet.bonds) {
        for &(j, bond) in stored {
            if params.last_tempo_block > registered(usize::from(j)) {
                kept.push((usize::from(j), bond));
            }
        }
    }
    let converted = |to: &dyn Fn(u16) -> Z| -> Matrix {
        old_bonds
            .iter()
            .map(|row| row.iter().map(|&(j, bond)| (j, to(bond))).collect())
            .collect()
    };

    // 4, 5 bonds and dividends
    let quotient = F64.sdiv(&F64.int(params.bonds_moving_average), &F64.int(1_000_000));
    let alpha = ssub(&one(), &narrow(&quotient));
    let earned = |bonds: &Matrix, i: usize| {
        let product = |(j, b): &(usize, Z)| {
            out.incentive
                .get(*j)
                .map_or(zero(), |share| F32.smul(share, b))
        };
        F32.sum(&bonds[i].iter().map(product).collect::<Vec<_>>())
    };
    let stored;
    if !params.yuma3 {
        let b = colnorm(&converted(&|bond| F32.int(bond)), n);
        let bought = (0..n)
            .map(|i| {
                wb[i]
                    .iter()
                    .map(|(j, v)| (*j, F32.smul(v, &a[i])))
                    .collect()
            })
            .collect();
        let b = colnorm(&ema(&alpha, &colnorm(&bought, n), &b, n), n);
        out.dividends = F32.norm(&(0..n).map(|i| earned(&b, i)).collect::<Vec<_>>());
        stored = colmax(&b, n);
    } else {
        let b = converted(&of_65535);
        let liquid = params
            .liquid_alpha
            .filter(|_| out.consensus.iter().any(|c| *c != zero()));
        stored = match liquid {
            None => ema(&alpha, &wb, &b, n),
            Some(liquid) => {
                let (low, high) = (of_65535(liquid.low), of_65535(liquid.high));
                let steepness = F32.int(liquid.steepness);
                liquid_ema(&wb, &b, &out.consensus, &low, &high, &steepness)
            }
        };
        let b = colnorm(&stored, n);
        let dividend = |i: usize| {
            let product = floor_div(&(earned(&b, i) * &a[i]), &one());
            if F32.saturate(product.clone()) == product {
                product
            } else {
                zero()
            }
        };
        out.dividends = F32.norm(&(0..n).map(dividend).collect::<Vec<_>>());
    }

    // 7.1 emission
    let c: Vec<Z> = (0..n)
        .map(|i| sadd(&out.incentive[i], &out.dividends[i]))
        .collect();
    let e = F32.sum(&c);
    out.server = F32.norm_by(&out.incentive, &e);
    if e == zero() {
        out.validator = if F32.sum(&a) == zero() {
            out.stake.clone()
        } else {
            a.clone()
        };
        out.combined = out.validator.clone();
    } else {
        out.validator = F32.norm_by(&out.dividends, &e);
        out.combined = F32.norm(&c);
    }

    // 7.3 bonds; legacy scores of 13
    let row = |(i, row): (usize, &Vec<(usize, Z)>)| match out.permits[i] {
        true => row.iter().map(|(j, bond)| (*j, q16(bond))).collect(),
        false => vec![],
    };
    out.bonds = stored.iter().enumerate().map(row).collect();
    let trust: Vec<Z> = (0..n).map(|j| F32.sdiv(&ranks[j], &rank(&w, j))).collect();
    let max = out.combined.iter().max().cloned().unwrap_or_default();
    let score = |share: &Z| {
        let scaled = F32.sdiv(&F32.smul(share, &F32.int(65_535)), &max);
        F32.whole(&(scaled + (one() >> 1)), 16)
    };
    out.legacy = [
        q16s(&out.incentive),
        q16s(&trust),
        out.combined.iter().map(score).collect(),
    ];
    out.active_stake = a;
    out
}
