//! Matrices of the reference: rows of (column, value) in stored order; the column rules and both moving averages.

use super::exact::{clamp, exp_safe, one, sadd, ssub, zero, F32, Z};

pub type Matrix = Vec<Vec<(usize, Z)>>;

pub fn colnorm(matrix: &Matrix, n: usize) -> Matrix {
    let column = |j: usize| {
        let entries = matrix.iter().flatten().filter(|entry| entry.0 == j);
        entries.fold(zero(), |sum, entry| sadd(&sum, &entry.1))
    };
    scale(matrix, &(0..n).map(column).collect::<Vec<_>>())
}

pub fn colmax(matrix: &Matrix, n: usize) -> Matrix {
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
pub fn value(row: &[(usize, Z)], j: usize) -> Z {
    row.iter()
        .find(|entry| entry.0 == j)
        .map_or(zero(), |entry| entry.1.clone())
}

/// 6.1
pub fn ema(alpha: &Z, new: &Matrix, old: &Matrix, n: usize) -> Matrix {
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
pub fn liquid_ema(
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
