//! What validators, parents and root stakers must get of an epoch, computed a second time: in integers that count 2^-32,
//! from the state before the payout.

use crate::population::alpha;
use epochdiff_runtime::Runtime;
use pallet_subtensor::epoch::EpochReward;
use pallet_subtensor::types::ROOT;
use pallet_subtensor::{CKBurn, ChildKeys, ChildkeyTake, Delegates, Owner, ParentKeys, TaoWeight};
use sp_runtime::AccountId32;
use std::collections::BTreeMap;

const ONE: u128 = 1 << 32;

/// Take and rest in rao by hotkey, and whether anything was divided at all.
#[derive(Default)]
pub struct Divided {
    pub paid: BTreeMap<AccountId32, (u64, u64)>,
    pub any: bool,
}

pub struct Expected {
    pub alpha: Divided,
    pub root: Divided,
    /// Recycled by the childkey burn, rao.
    pub burned: u64,
}

fn mul(left: u128, right: u128) -> u128 {
    (left * right) >> 32
}

fn div(part: u128, whole: u128) -> u128 {
    (part << 32).checked_div(whole).unwrap_or(0)
}

fn of_u64(parts: u64) -> u128 {
    (u128::from(parts) << 32) / u128::from(u64::MAX)
}

fn of_u16(parts: u16) -> u128 {
    (u128::from(parts) << 32) / u128::from(u16::MAX)
}

fn rao(amount: u128) -> u64 {
    (amount >> 32) as u64
}

fn fixed(rao: u64) -> u128 {
    u128::from(rao) << 32
}

/// Stake weight of a part of a hotkey's stake.
fn weight(hotkey: &AccountId32, netuid: u16, part: u128) -> u128 {
    let root = mul(fixed(alpha(hotkey, ROOT)), part);
    mul(fixed(alpha(hotkey, netuid)), part) + mul(root, of_u64(TaoWeight::<Runtime>::get()))
}

/// `rewards` as the epoch gives them; `validators` and `root` in rao.
pub fn expected(netuid: u16, rewards: &[EpochReward], validators: u64, root: u64) -> Expected {
    let mut shares: BTreeMap<AccountId32, u64> = BTreeMap::new();
    let mut burned = 0;
    for reward in rewards {
        let hotkey = AccountId32::new(reward.hotkey);
        let whole = fixed(reward.validator_emission);
        let kept = ChildKeys::<Runtime>::get(&hotkey, netuid)
            .iter()
            .fold(ONE, |kept, (parts, _)| kept.saturating_sub(of_u64(*parts)));
        let parents: Vec<_> = ParentKeys::<Runtime>::get(&hotkey, netuid)
            .into_iter()
            .map(|(parts, parent)| (weight(&parent, netuid, of_u64(parts)), parent))
            .collect();
        let contributed: u128 = parents.iter().map(|(part, _)| part).sum();
        let total = fixed(rao(weight(&hotkey, netuid, kept))) + contributed;
        let take = of_u16(ChildkeyTake::<Runtime>::get(&hotkey, netuid));
        let (mut rest, mut taken) = (whole, 0);
        for (part, parent) in parents {
            let mut earned = mul(whole, div(part, total));
            rest = rest.saturating_sub(earned);
            if Owner::<Runtime>::get(&parent) != Owner::<Runtime>::get(&hotkey) {
                let burn = mul(of_u64(CKBurn::<Runtime>::get()), earned);
                let kept = mul(take, earned);
                earned = earned.saturating_sub(burn).saturating_sub(kept);
                taken += kept;
                burned += rao(burn);
            }
            *shares.entry(parent).or_default() += rao(earned);
        }
        *shares.entry(hotkey).or_default() += rao(rest + taken);
    }

    let (mut of_alpha, mut of_root) = (BTreeMap::new(), BTreeMap::new());
    for (hotkey, share) in shares {
        let tao = mul(
            fixed(alpha(&hotkey, ROOT)),
            of_u64(TaoWeight::<Runtime>::get()),
        );
        let root = mul(fixed(share), div(tao, fixed(alpha(&hotkey, netuid)) + tao));
        of_alpha.insert(hotkey.clone(), fixed(share) - root);
        of_root.insert(hotkey, root);
    }
    Expected {
        alpha: divide(of_alpha, validators),
        root: divide(of_root, root),
        burned,
    }
}

fn divide(shares: BTreeMap<AccountId32, u128>, total: u64) -> Divided {
    let sum: u128 = shares.values().sum();
    let paid = shares.into_iter().map(|(hotkey, share)| {
        let pay = mul(fixed(total), div(share, sum));
        let take = mul(of_u16(Delegates::<Runtime>::get(&hotkey)), pay);
        (hotkey, (rao(take), rao(pay - take)))
    });
    Divided {
        paid: paid.collect(),
        any: sum > 0,
    }
}

impl Divided {
    /// Rao paid, takes and rests.
    pub fn sum(&self) -> u64 {
        self.paid.values().map(|(take, rest)| take + rest).sum()
    }
}
