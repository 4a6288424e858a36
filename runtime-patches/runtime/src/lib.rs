//! The reference runtime: `SubtensorModule`'s reward path on the chain's own storage and pallet indices, and what a block
//! needs besides. No fees. No consensus either, blocks are built by whoever calls it, but with the feature `consensus`.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(any(substrate_runtime, test))]
mod allocator;
mod api;
#[cfg(feature = "consensus")]
mod consensus;
#[cfg(any(substrate_runtime, test))]
mod hashing;
#[cfg(any(substrate_runtime, test))]
mod memory;

use alloc::{borrow::Cow, vec::Vec};
use frame_support::{
    construct_runtime, derive_impl, parameter_types,
    traits::{ConstU32, ConstU64},
    weights::Weight,
};
use frame_system::limits::BlockWeights;
use sp_runtime::{
    generic,
    traits::{AccountIdLookup, BlakeTwo256},
    AccountId32, MultiAddress, MultiSignature, Perbill,
};
use sp_version::RuntimeVersion;

#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
    spec_name: Cow::Borrowed("node-subtensor"),
    impl_name: Cow::Borrowed("epochdiff-reference"),
    authoring_version: 1,
    spec_version: 425,
    impl_version: 1,
    apis: api::RUNTIME_API_VERSIONS,
    transaction_version: 1,
    system_version: 1,
};

pub type Header = generic::Header<u32, BlakeTwo256>;
pub type TxExtension = (
    frame_system::CheckNonZeroSender<Runtime>,
    frame_system::CheckSpecVersion<Runtime>,
    frame_system::CheckTxVersion<Runtime>,
    frame_system::CheckGenesis<Runtime>,
    frame_system::CheckEra<Runtime>,
    frame_system::CheckNonce<Runtime>,
    frame_system::CheckWeight<Runtime>,
);
pub type UncheckedExtrinsic = generic::UncheckedExtrinsic<
    MultiAddress<AccountId32, ()>,
    RuntimeCall,
    MultiSignature,
    TxExtension,
>;
pub type Block = generic::Block<Header, UncheckedExtrinsic>;
pub type Executive = frame_executive::Executive<
    Runtime,
    Block,
    frame_system::ChainContext<Runtime>,
    Runtime,
    AllPalletsWithSystem,
>;

/// The runtime with these pallets besides.
macro_rules! with_pallets {
    ($($consensus:tt)*) => {
        construct_runtime!(
            pub enum Runtime {
                System: frame_system = 0,
                Timestamp: pallet_timestamp = 2,
                $($consensus)*
                Balances: pallet_balances = 5,
                SubtensorModule: pallet_subtensor = 7,
                Sudo: pallet_sudo = 12,
                Swap: pallet_subtensor::swap = 28,
                AlphaAssets: pallet_subtensor::alpha_assets = 31,
            }
        );
    };
}

#[cfg(not(feature = "consensus"))]
with_pallets!();
// The pallets cannot be left out one by one: `construct_runtime` names those that are.
#[cfg(feature = "consensus")]
with_pallets! {
    Aura: pallet_aura = 3,
    Grandpa: pallet_grandpa = 4,
}

parameter_types! {
    pub const Version: RuntimeVersion = VERSION;
    pub const SS58Prefix: u8 = 42;
    /// Four seconds of computation a block, as on the chain; nothing here is metered.
    pub Limits: BlockWeights = BlockWeights::with_sensible_defaults(
        Weight::from_parts(4_000_000_000_000, u64::MAX),
        Perbill::from_percent(75),
    );
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
    type AccountData = pallet_balances::AccountData<u64>;
    type AccountId = AccountId32;
    type Block = Block;
    type BlockWeights = Limits;
    type DbWeight = ();
    type Lookup = AccountIdLookup<AccountId32, ()>;
    type Nonce = u32;
    type SS58Prefix = SS58Prefix;
    type Version = Version;
}

impl pallet_timestamp::Config for Runtime {
    #[cfg(not(feature = "consensus"))]
    type MinimumPeriod = ConstU64<6_000>;
    #[cfg(feature = "consensus")]
    type MinimumPeriod = consensus::MinimumPeriod;
    type Moment = u64;
    #[cfg(not(feature = "consensus"))]
    type OnTimestampSet = ();
    #[cfg(feature = "consensus")]
    type OnTimestampSet = Aura;
    type WeightInfo = ();
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Runtime {
    type AccountStore = System;
    type Balance = u64;
    type ExistentialDeposit = ConstU64<500>;
    type MaxReserves = ConstU32<50>;
    type ReserveIdentifier = [u8; 8];
}

impl pallet_sudo::Config for Runtime {
    type RuntimeCall = RuntimeCall;
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = ();
}

impl pallet_subtensor::Config for Runtime {
    type Currency = Balances;
}
impl pallet_subtensor::swap::Config for Runtime {}
impl pallet_subtensor::alpha_assets::Config for Runtime {}
