//! The order of one block (distribution §1).

use crate::types::ROOT;
use crate::{distribute, schedule, Config, NetworksAdded};
use alloc::vec::Vec;

/// Everything the chain does with rewards when a block opens. Registration prices and the revealing of time-locked
/// weights are not part of it, except that a reveal deletes expired commits.
pub fn step<T: Config>(block: u64) {
    let subnets: Vec<_> = NetworksAdded::<T>::iter_keys()
        .filter(|netuid| *netuid != ROOT)
        .collect();
    schedule::reveal::<T>(&subnets, block);
    for (netuid, pending) in schedule::drain::<T>(&subnets, block) {
        distribute::pay::<T>(netuid, pending, block);
    }
}

// Interface of `emission`, to be called from here and from `distribute` (all free functions, `use crate::Config`):
//
// /// TAO minted by this block and not yet given to a subnet.
// pub type BlockCredit<T> = frame_support::traits::fungible::Credit<AccountId32, <T as Config>::Currency>;
// /// §2: mints the TAO emission.
// pub fn mint_block_emission<T: Config>() -> BlockCredit<T>
// /// §3 to §6 for the non-root `subnets`, in storage order; burns what is left of the credit.
// pub fn emit_to_subnets<T: Config>(subnets: &[NetUid], credit: BlockCredit<T>, block: u64)
// pub fn update_moving_prices<T: Config>(subnets: &[NetUid], block: u64)        // §10.1, of the emitters among them
// pub fn update_root_prop<T: Config>(subnets: &[NetUid])                        // §10.2
// pub fn apply_pending_children<T: Config>(subnets: &[NetUid], block: u64)      // §10.3
// pub fn claim_root_dividends<T: Config>()                                      // §9.4 (System::parent_hash)
// pub fn back_fill_staking_index<T: Config>()                                   // §10.4
// /// §9.2 add to one (+ StakingHotkeys when positive)
// pub fn stake<T: Config>(hotkey: &AccountId32, coldkey: &AccountId32, netuid: NetUid, amount: u64)
// /// §9.2 add to all
// pub fn stake_for_all<T: Config>(hotkey: &AccountId32, netuid: NetUid, amount: u64)
// /// SubnetAlphaOut −, AlphaAssets TotalAlphaIssuance −, AlphaRecycled +; nothing for 0
// pub fn recycle_alpha<T: Config>(netuid: NetUid, amount: u64)
// /// AlphaAssets.AlphaBurned +; nothing for 0
// pub fn burn_alpha<T: Config>(netuid: NetUid, amount: u64)
// /// §9.3
// pub fn credit_root_dividend<T: Config>(hotkey: &AccountId32, netuid: NetUid, amount: u64)
