//! The epoch a second time, as literally as the rules read: unbounded integers, every position visited, nothing clever, and no code
//! of the crate. A number is an integer of 2^-32 ([`F32`]) or 2^-64 ([`F64`]); each rule rounds and fits it explicitly.

use crate::subnet::Subnet;
use num_bigint::BigInt;

pub type Z = BigInt;
type Matrix = Vec<Vec<(usize, Z)>>;

/// A signed fixed-point format: fraction bits, and bits in all.
pub struct Format {
    fraction: usize,
    width: usize,
}
pub const F32: Format = Format {
    fraction: 32,
    width: 64,
};
pub const F64: Format = Format {
    fraction: 64,
    width: 128,
};
const F96: Format = Format {
    fraction: 32,
    width: 128,
};

pub fn z(value: impl Into<Z>) -> Z {
    value.into()
}

fn zero() -> Z {
    z(0)
}

fn one() -> Z {
    z(1) << 32
}

/// Floor of a / b for positive b.
fn floor_div(a: &Z, b: &Z) -> Z {
    let quotient = a / b;
    if &quotient * b > *a {
        quotient - 1
    } else {
        quotient
    }
}

impl Format {
    fn bounds(&self) -> (Z, Z) {
        (-(z(1) << (self.width - 1)), (z(1) << (self.width - 1)) - 1)
    }

    pub fn saturate(&self, x: Z) -> Z {
        let (low, high) = self.bounds();
        x.max(low).min(high)
    }

    fn wrap(&self, x: Z) -> Z {
        let (low, _) = self.bounds();
        let modulus = z(1) << self.width;
        let shifted: Z = x - &low;
        let whole = floor_div(&shifted, &modulus);
        shifted - whole * modulus + low
    }

    fn unit(&self) -> Z {
        z(1) << self.fraction
    }

    /// An integer.
    pub fn int(&self, x: impl Into<Z>) -> Z {
        self.saturate(x.into() * self.unit())
    }

    pub fn smul(&self, a: &Z, b: &Z) -> Z {
        self.saturate(floor_div(&(a * b), &self.unit()))
    }

    pub fn cdiv(&self, a: &Z, b: &Z) -> Option<Z> {
        if *b == zero() {
            return None;
        }
        let quotient = a * self.unit() / b; // truncates toward zero
        let (low, high) = self.bounds();
        (low <= quotient && quotient <= high).then_some(quotient)
    }

    pub fn sdiv(&self, a: &Z, b: &Z) -> Z {
        self.cdiv(a, b).unwrap_or_default()
    }

    pub fn sum<'a>(&self, values: impl IntoIterator<Item = &'a Z>) -> Z {
        let mut sum = zero();
        for value in values {
            sum = self.wrap(sum + value);
        }
        sum
    }

    fn norm(&self, values: &[Z]) -> Vec<Z> {
        self.norm_by(values, &self.sum(values))
    }

    fn norm_by(&self, values: &[Z], sum: &Z) -> Vec<Z> {
        if *sum == zero() {
            return values.to_vec();
        }
        values.iter().map(|value| self.sdiv(value, sum)).collect()
    }

    /// Whole part, clamped to an unsigned integer of so many bits.
    pub fn whole(&self, x: &Z, bits: usize) -> Z {
        floor_div(x, &self.unit())
            .max(zero())
            .min((z(1) << bits) - 1)
    }
}

fn sadd(a: &Z, b: &Z) -> Z {
    F32.saturate(a + b)
}

fn ssub(a: &Z, b: &Z) -> Z {
    F32.saturate(a - b)
}

fn clamp(x: Z, low: &Z, high: &Z) -> Z {
    x.min(high.clone()).max(low.clone())
}

fn of_65535(x: u16) -> Z {
    F32.sdiv(&F32.int(x), &F32.int(65_535))
}

fn narrow(x: &Z) -> Z {
    F32.saturate(floor_div(x, &(z(1) << 32)))
}

pub fn q16(x: &Z) -> Z {
    F32.whole(&F32.smul(x, &F32.int(65_535)), 16)
}

fn q16s(values: &[Z]) -> Vec<Z> {
    values.iter().map(q16).collect()
}

/// All 30 steps; no early end.
pub fn exp(x: &Z) -> Option<Z> {
    let fits = |x: Z| Some(x.clone()).filter(|_| F32.saturate(x.clone()) == x);
    if *x == zero() {
        return Some(one());
    }
    if *x == one() {
        return Some(z(22_802_600) * 512);
    }
    let t = fits(if *x < zero() { -x } else { x.clone() })?;
    let mut result = fits(&t + one())?;
    let mut term = t.clone();
    for i in 2..=31 {
        term = fits(floor_div(&(&term * &t), &one()))?;
        term = floor_div(&term, &z(i));
        result = fits(result + &term)?;
    }
    Some(if *x < zero() {
        (z(1) << 64) / result
    } else {
        result
    })
}

fn exp_safe(x: &Z) -> Z {
    exp(&clamp(x.clone(), &F32.int(-20), &F32.int(20))).expect("cannot overflow within 20")
}

/// log2 of x >= 1 in I96F32.
pub fn log2(x: &Z) -> Z {
    let two = one() * 2;
    let halve = |x: Z| -> Z { &x / 2 + &x % 2 };
    let mut x = x.clone();
    let mut k = zero();
    while x >= two {
        k += 1;
        x = halve(x);
    }
    if x == one() {
        return k << 32;
    }
    for _ in 0..32 {
        x = floor_div(&(&x * &x), &one());
        k *= 2;
        if x >= two {
            k += 1;
            x = halve(x);
        }
    }
    k
}

fn colnorm(matrix: &Matrix, n: usize) -> Matrix {
    let column = |j: usize| {
        let entries = matrix.iter().flatten().filter(|entry| entry.0 == j);
        entries.fold(zero(), |sum, entry| sadd(&sum, &entry.1))
    };
    scale(matrix, &(0..n).map(column).collect::<Vec<_>>())
}

fn colmax(matrix: &Matrix, n: usize) -> Matrix {
    let column = |j: usize| {
        let entries = matrix.iter().flatten().filter(|entry| entry.0 == j);
        entries.map(|entry| entry.1.clone()).fold(zero(), Z::max)
    };
    scale(matrix, &(0..n).map(column).collect::<Vec<_>>())
}

fn scale(matrix: &Matrix, by: &[Z]) -> Matrix {
    let entry = |(j, value): &(usize, Z)| match by.get(*j) {
        Some(divisor) if *divisor != zero() => (*j, F32.sdiv(value, divisor)),
        _ => (*j, value.clone()),
    };
    matrix
        .iter()
        .map(|row| row.iter().map(entry).collect())
        .collect()
}

/// Value of column j in a row without repeated columns, 0 if absent.
fn value(row: &[(usize, Z)], j: usize) -> Z {
    row.iter()
        .find(|entry| entry.0 == j)
        .map_or(zero(), |entry| entry.1.clone())
}

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
    for i in 0..n {
        for &(j, bond) in subnet.bonds.get(i).unwrap_or(&vec![]) {
            if params.last_tempo_block > registered(usize::from(j)) {
                old_bonds[i].push((usize::from(j), bond));
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

/// 6.1
fn ema(alpha: &Z, new: &Matrix, old: &Matrix, n: usize) -> Matrix {
    let rest = ssub(&one(), alpha);
    let mut result = vec![];
    for (new, old) in new.iter().zip(old) {
        let mut row = vec![zero(); n];
        for (j, v) in new.iter().filter(|entry| entry.0 < n) {
            row[*j] = sadd(&row[*j], &F32.smul(alpha, v));
        }
        for (j, v) in old.iter().filter(|entry| entry.0 < n) {
            row[*j] = sadd(&row[*j], &F32.smul(&rest, v));
        }
        result.push(
            row.into_iter()
                .enumerate()
                .filter(|entry| entry.1 > zero())
                .collect(),
        );
    }
    result
}

/// 6.2, with the whole matrix of alphas and the cursors
fn liquid_ema(
    new: &Matrix,
    old: &Matrix,
    consensus: &[Z],
    low: &Z,
    high: &Z,
    steepness: &Z,
) -> Matrix {
    let n = consensus.len();
    let slope = F32.cdiv(steepness, &F32.int(-100)).expect("in range");
    let mut result = vec![];
    for (new, old) in new.iter().zip(old) {
        let (mut at_new, mut at_old) = (0, 0);
        let mut alphas = vec![];
        for (j, c) in consensus.iter().enumerate() {
            let w = walk(new, &mut at_new, j);
            let b = walk(old, &mut at_old, j);
            let delta = if w >= b { w - c } else { b - w };
            let delta = clamp(delta, &zero(), &one());
            let power = F32.smul(&slope, &(delta - (one() >> 1)));
            let sigmoid = F32
                .cdiv(&one(), &sadd(&one(), &exp_safe(&power)))
                .expect("in range");
            alphas.push(clamp(low + F32.smul(&sigmoid, &(high - low)), low, high));
        }
        let mut decayed = vec![zero(); n];
        for (j, b) in old.iter().filter(|entry| entry.0 < n) {
            decayed[*j] = F32.smul(&ssub(&one(), &alphas[*j]), b);
        }
        let mut row = vec![];
        for (j, w) in new {
            let bought = F32.smul(&alphas[*j], w).max(zero());
            let x = sadd(&decayed[*j], &bought).min(one());
            if x > zero() {
                row.push((*j, x));
            }
        }
        result.push(row);
    }
    result
}

/// Value at column j with a cursor that only moves past smaller columns.
fn walk(row: &[(usize, Z)], cursor: &mut usize, j: usize) -> Z {
    while row.get(*cursor).is_some_and(|entry| entry.0 < j) {
        *cursor += 1;
    }
    row.get(*cursor)
        .filter(|entry| entry.0 == j)
        .map_or(zero(), |entry| entry.1.clone())
}
