//! A stake weight as a runtime keeps it.

/// An I64F64 as it lies in a runtime's memory: 16 bytes, little-endian, no alignment asked. Value = bits / 2^64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct StakeBits([u8; 16]);

impl StakeBits {
    pub const fn from_bits(bits: i128) -> Self {
        Self(bits.to_le_bytes())
    }

    pub const fn bits(self) -> i128 {
        i128::from_le_bytes(self.0)
    }
}
