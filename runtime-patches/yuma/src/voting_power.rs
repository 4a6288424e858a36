//! Voting power: a moving average of the stake term of permitted validators.

/// 1 in the unit of `VotingPowerEmaAlpha`.
const ONE: u128 = 1_000_000_000_000_000_000;

/// What becomes of a hotkey's `VotingPower` entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Remove it.
    Remove,
    /// Leave it as it is, present or absent.
    Keep,
    /// Write it, rao.
    Store(u64),
}

/// New entry of one hotkey of the epoch: none without a new permit; else ⌊alpha · stake + (1 − alpha) · previous⌋, dropped when it
/// falls from the threshold or above to below it, not written when 0.
/// - `previous`: the stored entry, 0 if absent; `stake`: the epoch's (aggregated) stake term; `threshold`: `StakeThreshold`, all rao;
/// - `alpha`: `VotingPowerEmaAlpha`, parts of 10^18; above that the previous value counts as 0.
pub fn update(previous: u64, stake: u64, permitted: bool, alpha: u64, threshold: u64) -> Change {
    if !permitted {
        return Change::Remove;
    }
    let gained = u128::from(alpha).saturating_mul(u128::from(stake));
    let kept = ONE
        .saturating_sub(u128::from(alpha))
        .saturating_mul(u128::from(previous));
    let power = u64::try_from(gained.saturating_add(kept) / ONE).unwrap_or(u64::MAX);
    match power {
        _ if power < threshold && threshold <= previous => Change::Remove,
        0 => Change::Keep,
        _ => Change::Store(power),
    }
}
