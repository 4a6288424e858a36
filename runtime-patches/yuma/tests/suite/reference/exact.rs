//! Numbers of the reference: a value is an unbounded integer of 2^-32 ([`F32`]) or 2^-64 ([`F64`]); each operation rounds it and fits
//! it into its format explicitly.

use num_bigint::BigInt;

pub type Z = BigInt;

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
pub const F96: Format = Format {
    fraction: 32,
    width: 128,
};

pub fn z(value: impl Into<Z>) -> Z {
    value.into()
}

pub fn zero() -> Z {
    z(0)
}

pub fn one() -> Z {
    z(1) << 32
}

/// Floor of a / b for positive b.
pub fn floor_div(a: &Z, b: &Z) -> Z {
    let quotient = a / b;
    if &quotient * b > *a {
        quotient - 1
    } else {
        quotient
    }
}

impl Format {
    pub fn bounds(&self) -> (Z, Z) {
        (-(z(1) << (self.width - 1)), (z(1) << (self.width - 1)) - 1)
    }

    pub fn saturate(&self, x: Z) -> Z {
        let (low, high) = self.bounds();
        x.max(low).min(high)
    }

    pub fn wrap(&self, x: Z) -> Z {
        let (low, _) = self.bounds();
        let modulus = z(1) << self.width;
        let shifted: Z = x - &low;
        let whole = floor_div(&shifted, &modulus);
        shifted - whole * modulus + low
    }

    pub fn unit(&self) -> Z {
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

    pub fn norm(&self, values: &[Z]) -> Vec<Z> {
        self.norm_by(values, &self.sum(values))
    }

    pub fn norm_by(&self, values: &[Z], sum: &Z) -> Vec<Z> {
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

pub fn sadd(a: &Z, b: &Z) -> Z {
    F32.saturate(a + b)
}

pub fn ssub(a: &Z, b: &Z) -> Z {
    F32.saturate(a - b)
}

pub fn clamp(x: Z, low: &Z, high: &Z) -> Z {
    x.min(high.clone()).max(low.clone())
}

pub fn of_65535(x: u16) -> Z {
    F32.sdiv(&F32.int(x), &F32.int(65_535))
}

pub fn narrow(x: &Z) -> Z {
    F32.saturate(floor_div(x, &(z(1) << 32)))
}

pub fn q16(x: &Z) -> Z {
    F32.whole(&F32.smul(x, &F32.int(65_535)), 16)
}

pub fn q16s(values: &[Z]) -> Vec<Z> {
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

pub fn exp_safe(x: &Z) -> Z {
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
