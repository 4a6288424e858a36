//! Who may set weights: the validators with most stake.

use crate::fixed::ZERO;
use alloc::vec::Vec;
use substrate_fixed::types::I32F32;

/// New permits: uids with non-zero stake, without the n − `max_permits` of lowest stake. The sort is stable: among equal stakes
/// the lower uids lose. The owner, where the rules say so, always has one.
pub fn permits(stake: &[I32F32], max_permits: usize, owner: Option<usize>) -> Vec<bool> {
    let mut permits: Vec<bool> = stake.iter().map(|&share| share != ZERO).collect();
    let mut ascending: Vec<(I32F32, usize)> = stake.iter().copied().zip(0..).collect();
    ascending.sort_unstable(); // by (stake, uid), which are distinct: the stable order
    for &(_, uid) in ascending
        .iter()
        .take(stake.len().saturating_sub(max_permits))
    {
        if let Some(permit) = permits.get_mut(uid) {
            *permit = false;
        }
    }
    if let Some(permit) = owner.and_then(|uid| permits.get_mut(uid)) {
        *permit = true;
    }
    permits
}
