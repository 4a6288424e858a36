//! Which unrevealed commits are still valid, and the earliest block among them: the input of the commit-reveal mask.

/// A commit of `commit_epoch` is expired when more than `reveal_period` epochs have begun since.
/// `current_epoch` is `SubnetEpochIndex` (plus 1 if a slot is due but not yet consumed; inside an epoch it is consumed).
pub fn is_expired(commit_epoch: u64, current_epoch: u64, reveal_period: u64) -> bool {
    current_epoch > commit_epoch.saturating_add(reveal_period)
}

/// Epoch of a block under the fixed schedule before spec 423, which stored commit blocks instead of epochs.
pub fn epoch_of_block(block: u64, netuid: u16, tempo: u16) -> u64 {
    let period = u64::from(tempo).saturating_add(1);
    let shifted = block.saturating_add(u64::from(netuid)).saturating_add(1);
    shifted.checked_div(period).unwrap_or(0) // the period is never 0
}

/// Block of the first valid commit in one account's `WeightCommits` queue, (epoch, block) from front to back: later ones do not
/// count, whatever their block. `u64::MAX` if none is valid.
pub fn first_in_queue(
    queue: impl IntoIterator<Item = (u64, u64)>,
    current_epoch: u64,
    reveal_period: u64,
) -> u64 {
    let valid = |&(epoch, _): &(u64, u64)| !is_expired(epoch, current_epoch, reveal_period);
    queue
        .into_iter()
        .find(valid)
        .map_or(u64::MAX, |(_, block)| block)
}

/// Earliest block of one account's entries over all `TimelockedWeightCommits`, (epoch key, block). `u64::MAX` if none is valid.
pub fn earliest_timelocked(
    commits: impl IntoIterator<Item = (u64, u64)>,
    current_epoch: u64,
    reveal_period: u64,
) -> u64 {
    let valid = |&(epoch, _): &(u64, u64)| !is_expired(epoch, current_epoch, reveal_period);
    commits
        .into_iter()
        .filter(valid)
        .map(|(_, block)| block)
        .min()
        .unwrap_or(u64::MAX)
}
