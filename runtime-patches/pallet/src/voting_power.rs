//! Voting power: a moving average of validators' stake, kept by the epoch where tracking is on.

use crate::types::NetUid;
use crate::{
    Config, Event, IsNetworkMember, Pallet, StakeThreshold, VotingPower, VotingPowerDisableAtBlock,
    VotingPowerEmaAlpha, VotingPowerTrackingEnabled,
};
use alloc::vec::Vec;
use sp_runtime::AccountId32;
use yuma::voting_power::Change;

/// `validators`: each hotkey of the epoch with its stake in rao and whether it has a new permit.
pub fn update<'a, T: Config>(
    netuid: NetUid,
    block: u64,
    validators: impl Iterator<Item = (&'a AccountId32, (u64, bool))>,
) {
    if !VotingPowerTrackingEnabled::<T>::get(netuid) {
        return;
    }
    let disable_at = VotingPowerDisableAtBlock::<T>::get(netuid);
    if disable_at > 0 && block >= disable_at {
        let _ = VotingPower::<T>::clear_prefix(netuid, u32::MAX, None);
        VotingPowerTrackingEnabled::<T>::insert(netuid, false);
        VotingPowerDisableAtBlock::<T>::remove(netuid);
        Pallet::<T>::deposit_event(Event::VotingPowerTrackingDisabled { netuid });
        return;
    }
    let alpha = VotingPowerEmaAlpha::<T>::get(netuid);
    let threshold = StakeThreshold::<T>::get();
    for (hotkey, (stake, permitted)) in validators {
        let previous = VotingPower::<T>::get(netuid, hotkey);
        match yuma::voting_power::update(previous, stake, permitted, alpha, threshold) {
            Change::Remove => VotingPower::<T>::remove(netuid, hotkey),
            Change::Keep => {}
            Change::Store(power) => VotingPower::<T>::insert(netuid, hotkey, power),
        }
    }
    let gone: Vec<AccountId32> = VotingPower::<T>::iter_key_prefix(netuid)
        .filter(|hotkey| !IsNetworkMember::<T>::get(hotkey, netuid))
        .collect();
    for hotkey in gone {
        VotingPower::<T>::remove(netuid, hotkey);
    }
}
