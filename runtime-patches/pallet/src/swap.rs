//! State of the balancer pools, as pallet `Swap`.

pub use pallet::*;

use codec::{Decode, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_runtime::Perquintill;

/// Weights of a pool: the TAO side is stored, the alpha side is the rest of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, MaxEncodedLen)]
pub struct Balancer {
    pub quote: Perquintill,
}

impl Default for Balancer {
    fn default() -> Self {
        Self {
            quote: Perquintill::from_parts(500_000_000_000_000_000),
        }
    }
}

#[frame_support::pallet]
pub mod pallet {
    use super::Balancer;
    use crate::types::NetUid;
    use frame_support::pallet_prelude::*;

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::config]
    pub trait Config: frame_system::Config {}

    #[pallet::type_value]
    pub fn DefaultFeeRate() -> u16 {
        33
    }

    /// Weights of a subnet's pool.
    #[pallet::storage]
    pub type SwapBalancer<T: Config> = StorageMap<_, Twox64Concat, NetUid, Balancer, ValueQuery>;

    /// Whether a subnet's pool has its weights.
    #[pallet::storage]
    pub type PalSwapInitialized<T: Config> = StorageMap<_, Twox64Concat, NetUid, bool, ValueQuery>;

    /// Fee of a swap, parts of 65535. Swaps of the reward path are free.
    #[pallet::storage]
    pub type FeeRate<T: Config> =
        StorageMap<_, Twox64Concat, NetUid, u16, ValueQuery, DefaultFeeRate>;
}
