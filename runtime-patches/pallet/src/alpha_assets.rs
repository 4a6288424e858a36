//! Counters of alpha issued, burned and recycled, as pallet `AlphaAssets`.

pub use pallet::*;

#[frame_support::pallet]
pub mod pallet {
    use crate::types::NetUid;
    use frame_support::pallet_prelude::*;

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::config]
    pub trait Config: frame_system::Config {}

    /// Alpha issued less alpha recycled since the counter exists, rao.
    #[pallet::storage]
    pub type TotalAlphaIssuance<T: Config> = StorageMap<_, Twox64Concat, NetUid, u64, ValueQuery>;

    /// Alpha burned, rao.
    #[pallet::storage]
    pub type AlphaBurned<T: Config> = StorageMap<_, Twox64Concat, NetUid, u64, ValueQuery>;

    /// Alpha recycled, rao.
    #[pallet::storage]
    pub type AlphaRecycled<T: Config> = StorageMap<_, Twox64Concat, NetUid, u64, ValueQuery>;
}
