//! Generated hotkeys of a subnet: takes, parents and children, several coldkeys a pool, an owner, auto-stake, root stake.

use crate::subnet::*;
use epochdiff_runtime::Runtime;
use pallet_subtensor::types::{RecycleOrBurnEnum, ROOT};
use pallet_subtensor::{
    emission, AutoStakeDestination, CKBurn, ChildKeys, ChildkeyTake, Delegates, OwnedHotkeys,
    Owner, ParentKeys, RecycleOrBurn, SubnetAlphaOut, SubnetOwner, SubnetOwnerHotkey, TaoWeight,
    TotalHotkeyAlpha, ValidatorPermit,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use sp_runtime::AccountId32;

/// Hotkeys off the subnet, which can be parents only.
const OUTSIDERS: u16 = 2;
/// Coldkeys, of which any can own or nominate any hotkey.
const COLDKEYS: u16 = 5;

#[derive(Clone, Debug)]
pub struct Member {
    owner: u16,
    /// (coldkey, rao) on the subnet and on root.
    stakes: Vec<(u16, u64)>,
    root_stakes: Vec<(u16, u64)>,
    take: u16,
    childkey_take: u16,
    weights: Vec<(u16, u16)>,
}

/// Hotkey k is `hotkey(k)`. The last two are not registered.
#[derive(Clone, Debug)]
pub struct Population {
    members: Vec<Member>,
    /// (parent, child, parts)
    relations: Vec<(usize, usize, u64)>,
    /// Coldkey and hotkey of the subnet's owner, each present or not.
    owner: (Option<u16>, Option<u16>),
    recycle: Option<bool>,
    /// Coldkey and hotkey it auto-stakes to.
    auto_stake: Vec<(u16, u16)>,
    tao_weight: u64,
    childkey_burn: u64,
}

pub fn any_edge() -> impl Strategy<Value = u64> {
    prop_oneof![
        Just(0),
        Just(u64::MAX),
        any::<u64>(),
        (any::<u64>(), 0..64u32).prop_map(|(value, shift)| value >> shift),
    ]
}

fn edge_u16() -> impl Strategy<Value = u16> {
    prop_oneof![Just(0), Just(u16::MAX), any::<u16>()]
}

fn member(most_root: u64) -> impl Strategy<Value = Member> {
    let stakes = |most: u64| {
        vec(
            (0..COLDKEYS, prop_oneof![Just(1), 1..1_000u64, 1..most]),
            0..4,
        )
    };
    let weights = vec((0..8u16, any::<u16>()), 0..6);
    (
        0..COLDKEYS,
        stakes(1_000_000_000_000_000),
        stakes(most_root),
        edge_u16(),
        edge_u16(),
        weights,
    )
        .prop_map(
            |(owner, stakes, root_stakes, take, childkey_take, weights)| Member {
                owner,
                stakes,
                root_stakes,
                take,
                childkey_take,
                weights,
            },
        )
}

/// `most_root` bounds each coldkey's root stake: where it is small, root dividends exceed it.
pub fn population() -> impl Strategy<Value = Population> {
    let most_root = prop_oneof![Just(2u64), Just(1_000_000), Just(1_000_000_000_000_000)];
    (most_root, 3..10usize)
        .prop_flat_map(|(most_root, count)| {
            let hotkey = 0..count as u16;
            (
                vec(member(most_root), count),
                vec((0..count, 0..count, any_edge()), 0..6),
                (option::of(0..COLDKEYS), option::of(hotkey.clone())),
                option::of(any::<bool>()),
                vec((0..COLDKEYS, hotkey), 0..3),
                any_edge(),
                prop_oneof![Just(0), any_edge()],
            )
        })
        .prop_map(
            |(members, relations, owner, recycle, auto_stake, tao_weight, childkey_burn)| {
                Population {
                    members,
                    relations,
                    owner,
                    recycle,
                    auto_stake,
                    tao_weight,
                    childkey_burn,
                }
            },
        )
}

impl Population {
    pub fn uids(&self) -> u16 {
        self.members.len() as u16 - OUTSIDERS
    }

    pub fn hotkeys(&self) -> impl Iterator<Item = AccountId32> {
        (0..self.members.len() as u16).map(hotkey)
    }

    pub fn coldkeys() -> impl Iterator<Item = AccountId32> {
        (0..COLDKEYS).map(coldkey)
    }

    /// Uids whose incentive is withheld: those the owner coldkey owns, and the owner hotkey.
    pub fn is_withheld(&self, uid: u16) -> bool {
        let owner = self.members[usize::from(uid)].owner;
        self.owner.0 == Some(owner) || self.owner.1 == Some(uid)
    }

    pub fn recycles(&self) -> bool {
        self.recycle == Some(true)
    }

    /// Where the owner cut goes, if anywhere.
    pub fn paid_owner(&self) -> Option<AccountId32> {
        self.owner.0.and(self.owner.1).map(hotkey)
    }

    /// Where the incentive of a uid goes.
    pub fn destination(&self, uid: u16) -> AccountId32 {
        let owner = self.members[usize::from(uid)].owner;
        let chosen = self.auto_stake.iter().rev().find(|(by, _)| *by == owner);
        hotkey(chosen.map_or(uid, |(_, destination)| *destination))
    }

    pub fn create(&self, netuid: u16) {
        let uids = self.uids();
        create(netuid, &vec![0; usize::from(uids)]);
        for (number, member) in (0u16..).zip(&self.members) {
            let hotkey = hotkey(number);
            Owner::<Runtime>::insert(&hotkey, coldkey(member.owner));
            OwnedHotkeys::<Runtime>::append(coldkey(member.owner), &hotkey);
            Delegates::<Runtime>::insert(&hotkey, member.take);
            ChildkeyTake::<Runtime>::insert(&hotkey, netuid, member.childkey_take);
            for (on, stakes) in [(netuid, &member.stakes), (ROOT, &member.root_stakes)] {
                for (by, rao) in stakes {
                    emission::stake::<Runtime>(&hotkey, &coldkey(*by), on, *rao);
                }
            }
            if number < uids {
                weights(netuid, number, &member.weights);
                // On the second mechanism everybody weights the first uid.
                weights(netuid + 4096, number, &[(0, 65_535)]);
            }
        }
        ValidatorPermit::<Runtime>::insert(netuid, vec![true; usize::from(uids)]);
        let staked = self.hotkeys().map(|hotkey| alpha(&hotkey, netuid));
        SubnetAlphaOut::<Runtime>::insert(netuid, staked.sum::<u64>() + (1 << 50));
        self.relate(netuid);
        if let Some(owner) = self.owner.0 {
            SubnetOwner::<Runtime>::insert(netuid, coldkey(owner));
        }
        if let Some(owner) = self.owner.1 {
            SubnetOwnerHotkey::<Runtime>::insert(netuid, hotkey(owner));
        }
        if let Some(recycle) = self.recycle {
            let setting = match recycle {
                true => RecycleOrBurnEnum::Recycle,
                false => RecycleOrBurnEnum::Burn,
            };
            RecycleOrBurn::<Runtime>::insert(netuid, setting);
        }
        for (by, destination) in &self.auto_stake {
            AutoStakeDestination::<Runtime>::insert(coldkey(*by), netuid, hotkey(*destination));
        }
        TaoWeight::<Runtime>::put(self.tao_weight);
        CKBurn::<Runtime>::put(self.childkey_burn);
    }

    /// What the chain lets through: nobody is its own or its parent's parent, children get no more than the whole.
    fn relate(&self, netuid: u16) {
        let mut related = Vec::new();
        for &(parent, child, parts) in &self.relations {
            let known = [(parent, child), (child, parent)].map(|pair| related.contains(&pair));
            if parent == child || child >= usize::from(self.uids()) || known.contains(&true) {
                continue;
            }
            related.push((parent, child));
            let (parent, child) = (hotkey(parent as u16), hotkey(child as u16));
            let mut children = ChildKeys::<Runtime>::get(&parent, netuid);
            let given: u64 = children.iter().map(|(parts, _)| *parts).sum();
            let parts = parts.min(u64::MAX - given);
            children.push((parts, child.clone()));
            ChildKeys::<Runtime>::insert(&parent, netuid, children);
            ParentKeys::<Runtime>::append(child, netuid, (parts, parent));
        }
    }
}

pub fn alpha(hotkey: &AccountId32, netuid: u16) -> u64 {
    TotalHotkeyAlpha::<Runtime>::get(hotkey, netuid)
}
