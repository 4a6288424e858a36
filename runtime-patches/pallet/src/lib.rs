//! The reward path of subtensor over the chain's own storage: from block emission to balances.
//!
//! | module | what |
//! |---|---|
//! | `storage`, `types`, `swap`, `alpha_assets` | the state |
//! | `block` | the order of one block |
//! | `emission` | emission, injection, pools, share pools, root dividends |
//! | `schedule` | when an epoch fires |
//! | `epoch`, `voting_power` | inputs and outputs of an epoch; the mathematics is crate `yuma` |
//! | `dividends`, `distribute` | dividing and paying an epoch |
//! | `terms` | feature `terms`: the epoch's hooks laid out as the chain's own build has them |
//! | `rules` | what differs in states of older specs (293 to 424) |
//! | `calls`, `staking` | feature `calls`: staking calls, for a runtime that nodes run |
//! | `refuse` | states in which a branch outside this pallet would act |

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::unwrap_used
    )
)]

extern crate alloc;

pub mod alpha_assets;
pub mod block;
#[cfg(feature = "calls")]
mod calls;
pub mod distribute;
pub mod dividends;
pub mod emission;
pub mod epoch;
pub mod refuse;
pub mod rules;
pub mod schedule;
#[cfg(feature = "calls")]
mod staking;
mod storage;
pub mod swap;
#[cfg(feature = "terms")]
mod terms;
pub mod types;
mod voting_power;

pub use pallet::*;

use frame_support::pallet_macros::import_section;

#[import_section(storage::storage)]
#[cfg_attr(feature = "calls", import_section(calls::calls))]
#[frame_support::pallet]
pub mod pallet {
    #[cfg(feature = "calls")]
    use crate::staking;
    use crate::types::*;
    use crate::{alpha_assets, block, swap};
    use alloc::collections::{BTreeMap, VecDeque};
    use alloc::vec::Vec;
    use frame_support::pallet_prelude::*;
    use frame_support::traits::fungible;
    use frame_system::pallet_prelude::*;
    use sp_core::H256;
    use sp_runtime::AccountId32;
    use substrate_fixed::types::{I64F64, I96F32, U64F64, U96F32};

    const STORAGE_VERSION: StorageVersion = StorageVersion::new(7);

    #[pallet::pallet]
    #[pallet::without_storage_info]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    #[pallet::config]
    pub trait Config:
        frame_system::Config<AccountId = AccountId32, RuntimeEvent: From<Event<Self>>>
        + swap::Config
        + alpha_assets::Config
    {
        /// TAO: minted into a credit, deposited into subnet accounts, moved to root.
        type Currency: fungible::Balanced<AccountId32, Balance = u64>
            + fungible::Mutate<AccountId32, Balance = u64>;
    }

    /// The indices are the chain's.
    #[pallet::event]
    #[pallet::generate_deposit(pub fn deposit_event)]
    pub enum Event<T: Config> {
        /// (coldkey, hotkey, rao of TAO, rao of alpha, subnet, fee)
        #[cfg(feature = "calls")]
        #[codec(index = 2)]
        StakeAdded(T::AccountId, T::AccountId, u64, u64, NetUid, u64),
        /// (coldkey, hotkey, rao of TAO, rao of alpha, subnet, fee)
        #[cfg(feature = "calls")]
        #[codec(index = 3)]
        StakeRemoved(T::AccountId, T::AccountId, u64, u64, NetUid, u64),
        /// (coldkey, hotkey, subnet, hotkey, subnet, rao of TAO)
        #[cfg(feature = "calls")]
        #[codec(index = 4)]
        StakeMoved(
            T::AccountId,
            T::AccountId,
            NetUid,
            T::AccountId,
            NetUid,
            u64,
        ),
        /// (coldkey, coldkey, hotkey, subnet, subnet, rao of TAO)
        #[cfg(feature = "calls")]
        #[codec(index = 90)]
        StakeTransferred(
            T::AccountId,
            T::AccountId,
            T::AccountId,
            NetUid,
            NetUid,
            u64,
        ),
        /// An epoch was due but the block had run as many as it may.
        #[codec(index = 132)]
        EpochDeferred {
            netuid: NetUid,
            from_block: u64,
            to_block: u64,
        },
        /// An epoch was due but two uids of the subnet have the same hotkey.
        #[codec(index = 133)]
        EpochSkipped { netuid: NetUid, block: u64 },
        /// Rao of incentive by uid; `netuid` is the index of the mechanism.
        #[codec(index = 110)]
        IncentiveAlphaEmittedToMiners {
            netuid: NetUidIndex,
            emissions: Vec<u64>,
        },
        /// A miner's incentive went to the hotkey its coldkey chose.
        #[codec(index = 109)]
        AutoStakeAdded {
            netuid: NetUid,
            destination: T::AccountId,
            hotkey: T::AccountId,
            owner: T::AccountId,
            incentive: u64,
        },
        /// The children of a hotkey changed.
        #[codec(index = 76)]
        SetChildren(T::AccountId, NetUid, Vec<(u64, T::AccountId)>),
        /// The root dividends of a coldkey were looked at and claimed where due.
        #[codec(index = 114)]
        RootClaimed { coldkey: T::AccountId },
        /// Voting power is no longer tracked.
        #[codec(index = 118)]
        VotingPowerTrackingDisabled { netuid: NetUid },
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(now: BlockNumberFor<T>) -> Weight {
            use sp_runtime::traits::UniqueSaturatedInto;
            block::step::<T>(now.unique_saturated_into());
            Weight::zero()
        }
    }
}
