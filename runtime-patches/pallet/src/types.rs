//! Types of stored values that FRAME does not have.

pub use crate::emission::safe_float::SafeFloat;

use alloc::collections::BTreeSet;
use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::{pallet_prelude::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use sp_runtime::{AccountId32, Percent};
use substrate_fixed::types::U64F64;

/// A subnet. Root is 0.
pub type NetUid = u16;
/// A subnet's mechanism: netuid + 4096 · mechanism id.
pub type NetUidIndex = u16;
/// Position of a neuron on its subnet.
pub type Uid = u16;

/// Root: where TAO is staked without a subnet's token.
pub const ROOT: NetUid = 0;

/// Index under which the per-mechanism items of a subnet are stored.
pub fn mechanism_index(netuid: NetUid, mechanism: u8) -> NetUidIndex {
    netuid.saturating_add(u16::from(mechanism).saturating_mul(4096))
}

/// The account that an absent owner reads as.
pub fn zero_account() -> AccountId32 {
    AccountId32::new([0; 32])
}

/// (account, block of the commit, cipher text, drand round) of weights under a time lock.
pub type TimelockedCommit<AccountId> = (AccountId, u64, BoundedVec<u8, ConstU32<5000>>, u64);

/// What becomes of the incentive withheld from a subnet's owner.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo,
)]
pub enum RecycleOrBurnEnum {
    /// It stays in the subnet's alpha outside the pool, owned by nobody.
    #[default]
    Burn,
    /// It leaves the subnet's alpha and can be emitted again.
    Recycle,
}

/// What a coldkey does with its root dividends when they are claimed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum RootClaimTypeEnum {
    /// Sell them for TAO on root.
    #[default]
    Swap,
    /// Keep them as alpha.
    Keep,
    /// Keep them as alpha on these subnets, sell the others.
    KeepSubnets { subnets: BTreeSet<NetUid> },
}

/// A conviction lock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct LockState {
    pub locked_mass: u64,
    pub conviction: U64F64,
    pub last_update: u64,
}

/// A subnet lease.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct SubnetLease<AccountId> {
    pub beneficiary: AccountId,
    pub coldkey: AccountId,
    pub hotkey: AccountId,
    pub emissions_share: Percent,
    pub end_block: Option<u32>,
    pub netuid: NetUid,
    pub cost: u64,
}
