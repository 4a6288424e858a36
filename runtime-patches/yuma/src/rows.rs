//! Sparse matrices: a row is a list of (column, value) in the order it was stored. An entry with value 0 is not the same as no entry.

use crate::fixed::{sadd, sdiv, smul, ZERO};
use alloc::vec::Vec;
use substrate_fixed::types::I32F32;

/// One uid's weights or bonds.
pub type Row = Vec<(u16, I32F32)>;

/// `values[index]`, or the type's zero where the vector is too short.
#[inline]
pub fn at<T: Copy + Default>(values: &[T], index: usize) -> T {
    values.get(index).copied().unwrap_or_default()
}

/// Scales each column to sum to 1; a column whose (saturating) sum is 0 is left alone. Columns from `columns` on are not touched.
pub fn normalise_columns(rows: &mut [Row], columns: usize) {
    scale_columns(rows, columns, sadd);
}

/// Scales each column to a maximum of 1; a column without a positive value is left alone.
pub fn upscale_columns(rows: &mut [Row], columns: usize) {
    scale_columns(rows, columns, Ord::max);
}

fn scale_columns(rows: &mut [Row], columns: usize, fold: impl Fn(I32F32, I32F32) -> I32F32) {
    let mut scale = zeros(columns);
    for (column, value) in rows.iter().flatten() {
        if let Some(scale) = scale.get_mut(usize::from(*column)) {
            *scale = fold(*scale, *value);
        }
    }
    for (column, value) in rows.iter_mut().flatten() {
        let scale = at(&scale, usize::from(*column));
        if scale != ZERO {
            *value = sdiv(*value, scale);
        }
    }
}

/// Σ over rows of factor · row: one value a column.
pub fn column_sums(rows: &[Row], factors: &[I32F32], columns: usize) -> Vec<I32F32> {
    let mut sums = zeros(columns);
    for (row, &factor) in rows
        .iter()
        .zip(factors)
        .filter(|(_, &factor)| factor != ZERO)
    {
        for (column, value) in row {
            if let Some(sum) = sums.get_mut(usize::from(*column)) {
                *sum = sadd(*sum, smul(factor, *value));
            }
        }
    }
    sums
}

/// Σ over columns of factor · column: one value a row.
pub fn row_sums(rows: &[Row], factors: &[I32F32]) -> Vec<I32F32> {
    let product = |(column, value): &(u16, I32F32)| smul(at(factors, usize::from(*column)), *value);
    rows.iter()
        .map(|row| row.iter().map(product).fold(ZERO, sadd))
        .collect()
}

/// n zeros.
pub fn zeros(n: usize) -> Vec<I32F32> {
    alloc::vec![ZERO; n]
}

/// One row spread over all columns, reused from row to row: clearing it costs what was written, not its width.
pub struct SpreadRow {
    values: Vec<I32F32>,
    is_written: Vec<bool>,
    /// Each column that was, once.
    written: Vec<u16>,
}

impl SpreadRow {
    /// All zero.
    pub fn new(columns: usize) -> Self {
        Self {
            values: zeros(columns),
            is_written: alloc::vec![false; columns],
            written: Vec::new(),
        }
    }

    /// Value of a column, 0 where nothing was written.
    #[inline]
    pub fn get(&self, column: u16) -> I32F32 {
        at(&self.values, usize::from(column))
    }

    /// Applies `update` to a column's value; columns beyond the width are ignored.
    #[inline]
    pub fn update(&mut self, column: u16, update: impl FnOnce(I32F32) -> I32F32) {
        let index = usize::from(column);
        if let (Some(value), Some(is_written)) =
            (self.values.get_mut(index), self.is_written.get_mut(index))
        {
            *value = update(*value);
            if !core::mem::replace(is_written, true) {
                self.written.push(column);
            }
        }
    }

    /// The row as a list of what is positive under `map`, ascending, over the columns written; all zero afterwards.
    pub fn take_positive(&mut self, map: impl Fn(u16, I32F32) -> I32F32) -> Row {
        // Stable sort: linear on the few ascending runs these rows consist of.
        self.written.sort();
        let entry = |&column: &u16| {
            Some((column, map(column, self.get(column)))).filter(|(_, value)| *value > ZERO)
        };
        let row = self.written.iter().filter_map(entry).collect();
        self.clear();
        row
    }

    /// All zero again.
    pub fn clear(&mut self) {
        for column in self.written.drain(..) {
            let index = usize::from(column);
            if let (Some(value), Some(is_written)) =
                (self.values.get_mut(index), self.is_written.get_mut(index))
            {
                (*value, *is_written) = (ZERO, false);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No u16 inputs reach it.
    #[test]
    fn case_88_column_sums_saturate() {
        let large = I32F32::from_bits(i64::MAX / 2 + 1);
        let mut rows = vec![vec![(0, large)]; 3];
        let sums = column_sums(&rows, &[I32F32::from_num(1); 3], 1);
        assert_eq!(sums, [I32F32::max_value()]);
        let sums = row_sums(&[vec![(0, large); 3]], &[I32F32::from_num(1)]);
        assert_eq!(sums, [I32F32::max_value()]);
        normalise_columns(&mut rows, 1);
        // By the largest number, not by a sum that wrapped below 0.
        assert_eq!(rows.concat(), [(0, I32F32::from_bits(1 << 31)); 3]);
    }
}
