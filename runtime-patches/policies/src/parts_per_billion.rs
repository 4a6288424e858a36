//! A fraction as a policy takes it: exact in steps of a billionth.

/// A fraction from 0 to 1, counted in billionths. Both ends are allowed; a policy says if it refuses one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PartsPerBillion(u32);

impl PartsPerBillion {
    /// Billionths in a whole.
    pub const WHOLE: u32 = 1_000_000_000;
    pub const ZERO: Self = Self(0);
    pub const ONE: Self = Self(Self::WHOLE);

    /// `None` above 1 000 000 000.
    pub const fn new(parts: u32) -> Option<Self> {
        if parts <= Self::WHOLE {
            Some(Self(parts))
        } else {
            None
        }
    }

    pub const fn parts(self) -> u32 {
        self.0
    }

    /// One minus the fraction, in billionths.
    pub const fn complement(self) -> u32 {
        Self::WHOLE.saturating_sub(self.0)
    }
}
