//! A number above one as a policy takes it: exact in steps of 10^-8, so that up to 20 it still fits a wasm constant.

/// A number from 0 to `MOST`, counted in 10^-8. Both ends are allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PartsPerHundredMillion<const MOST: u32>(u32);

impl<const MOST: u32> PartsPerHundredMillion<MOST> {
    /// Steps in a whole.
    pub const WHOLE: u32 = 100_000_000;
    pub const ZERO: Self = Self(0);

    /// `None` above `MOST` wholes.
    pub const fn new(parts: u32) -> Option<Self> {
        const { assert!(MOST <= 20) };
        if parts <= MOST.saturating_mul(Self::WHOLE) {
            Some(Self(parts))
        } else {
            None
        }
    }

    pub const fn parts(self) -> u32 {
        self.0
    }

    /// A product with parts, in wholes, rounded down.
    pub const fn unscaled(product: u128) -> u128 {
        match product.checked_div(Self::WHOLE as u128) {
            Some(wholes) => wholes,
            None => 0,
        }
    }
}
