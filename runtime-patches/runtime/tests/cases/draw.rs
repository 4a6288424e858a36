//! Values of the types that storage has, drawn from a seed.

use crate::subnet::*;
use pallet_subtensor::swap::Balancer;
use pallet_subtensor::types::{LockState, RecycleOrBurnEnum, RootClaimTypeEnum, SafeFloat};
use sp_runtime::{AccountId32, Perquintill};
use std::collections::{BTreeMap, BTreeSet};
use substrate_fixed::types::{I96F32, U64F64, U96F32};

/// Numbers that a seed gives, edges often.
pub struct Draw(pub u64);

impl Draw {
    /// SplitMix64.
    pub fn any(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.any() % end
    }

    /// An edge, a number of any length, or any number.
    pub fn bits(&mut self, bits: u32) -> u128 {
        let any = u128::from(self.any()) << 64 | u128::from(self.any());
        let most = u128::MAX >> (128 - bits);
        match self.below(8) {
            0 => 0,
            1 => 1,
            2 => most,
            3 => most / 2 + u128::from(self.below(2)),
            4 | 5 => (any & most) >> self.below(bits.into()),
            _ => any & most,
        }
    }

    pub fn u128(&mut self) -> u128 {
        self.bits(128)
    }

    pub fn u64(&mut self) -> u64 {
        self.bits(64) as u64
    }

    pub fn i64(&mut self) -> i64 {
        self.u64() as i64
    }

    pub fn u32(&mut self) -> u32 {
        self.bits(32) as u32
    }

    pub fn u16(&mut self) -> u16 {
        self.bits(16) as u16
    }

    pub fn i16(&mut self) -> i16 {
        self.u16() as i16
    }

    pub fn u8(&mut self) -> u8 {
        self.bits(8) as u8
    }

    pub fn bool(&mut self) -> bool {
        self.below(2) == 1
    }

    pub fn usually(&mut self) -> bool {
        self.below(16) > 0
    }

    pub fn rarely(&mut self) -> bool {
        !self.usually()
    }

    pub fn i96f32(&mut self) -> I96F32 {
        I96F32::from_bits(self.u128() as i128)
    }

    pub fn u96f32(&mut self) -> U96F32 {
        U96F32::from_bits(self.u128())
    }

    pub fn pair(&mut self) -> (u16, u16) {
        (self.u16(), self.u16())
    }

    pub fn split(&mut self) -> Vec<u16> {
        self.list(4, Self::u16)
    }

    pub fn recycle_or_burn(&mut self) -> RecycleOrBurnEnum {
        match self.bool() {
            true => RecycleOrBurnEnum::Recycle,
            false => RecycleOrBurnEnum::Burn,
        }
    }

    pub fn balancer(&mut self) -> Balancer {
        let quote = Perquintill::from_parts(self.u64());
        Balancer { quote }
    }

    pub fn hotkey(&mut self) -> AccountId32 {
        hotkey(self.below(8) as u16)
    }

    pub fn coldkey(&mut self) -> AccountId32 {
        coldkey(self.below(4) as u16)
    }

    pub fn lock(&mut self) -> LockState {
        LockState {
            locked_mass: self.u64(),
            conviction: U64F64::from_bits(self.u128()),
            last_update: self.u64(),
        }
    }

    pub fn list<V>(&mut self, most: u64, value: fn(&mut Self) -> V) -> Vec<V> {
        (0..=self.below(most)).map(|_| value(self)).collect()
    }

    pub fn row(&mut self) -> Vec<(u16, u16)> {
        // Of uids that exist, but for some.
        let entry = |draw: &mut Self| match draw.rarely() {
            true => draw.pair(),
            false => (draw.below(6) as u16, draw.u16()),
        };
        self.list(7, entry)
    }

    pub fn edges(&mut self) -> Vec<(u64, AccountId32)> {
        self.list(4, |draw| (draw.u64(), draw.hotkey()))
    }

    pub fn claim_type(&mut self) -> RootClaimTypeEnum {
        match self.below(3) {
            0 => RootClaimTypeEnum::Swap,
            1 => RootClaimTypeEnum::Keep,
            _ => RootClaimTypeEnum::KeepSubnets {
                subnets: BTreeSet::from([NETUID]),
            },
        }
    }

    pub fn spec(&mut self) -> u32 {
        match self.bool() {
            true => 425,
            false => 293 + self.below(133) as u32,
        }
    }

    /// A loop as long as the number.
    pub fn claims(&mut self) -> u64 {
        self.below(65)
    }

    /// More than 16 are refused.
    pub fn mechanisms(&mut self) -> u8 {
        match self.rarely() {
            true => self.u8(),
            false => self.below(4) as u8,
        }
    }

    pub fn mechanism(&mut self) -> u16 {
        match self.rarely() {
            true => self.u16(),
            false => self.below(2) as u16,
        }
    }

    /// 1 is the tempo that lets an epoch run in each block.
    pub fn tempo(&mut self) -> u16 {
        match self.bool() {
            true => 1,
            false => self.u16(),
        }
    }

    pub fn rates(&mut self) -> BTreeMap<u16, I96F32> {
        let netuid = |draw: &mut Self| (NETUID + draw.below(3) as u16, draw.i96f32());
        self.list(3, netuid).into_iter().collect()
    }

    pub fn shares(&mut self) -> SafeFloat {
        SafeFloat::from_integer(self.u64().into())
    }

    pub fn old_shares(&mut self) -> U64F64 {
        U64F64::from_bits(self.u128())
    }

    pub fn scheduled(&mut self) -> (Vec<(u64, AccountId32)>, u64) {
        (self.edges(), self.u64())
    }
}
