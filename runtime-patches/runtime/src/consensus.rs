//! Feature `consensus`: blocks by Aura every second, finality by GRANDPA. Authorities never change, offences are not punished.

use crate::{Aura, Grandpa, Runtime, RuntimeEvent};
use alloc::vec::Vec;
use frame_support::traits::{ConstBool, ConstU32, ConstU64};
use sp_consensus_aura::sr25519::AuthorityId as AuraId;
use sp_runtime::impl_opaque_keys;

/// Half a slot.
pub type MinimumPeriod = ConstU64<500>;
/// Genesis of a network of Alice and Bob, by the name that tools ask for.
pub const PRESET: &str = "local_testnet";

pub fn preset(id: &str) -> Option<Vec<u8>> {
    (id == PRESET).then(|| include_bytes!("local_testnet.json").to_vec())
}

type MaxAuthorities = ConstU32<32>;

impl_opaque_keys! {
    pub struct SessionKeys {
        pub aura: Aura,
        pub grandpa: Grandpa,
    }
}

impl pallet_aura::Config for Runtime {
    type AllowMultipleBlocksPerSlot = ConstBool<false>;
    type AuthorityId = AuraId;
    type DisabledValidators = ();
    type MaxAuthorities = MaxAuthorities;
    type SlotDuration = pallet_aura::MinimumPeriodTimesTwo<Runtime>;
}

impl pallet_grandpa::Config for Runtime {
    type EquivocationReportSystem = ();
    type KeyOwnerProof = sp_core::Void;
    type MaxAuthorities = MaxAuthorities;
    type MaxNominators = ConstU32<0>;
    type MaxSetIdSessionEntries = ConstU64<0>;
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = ();
}
