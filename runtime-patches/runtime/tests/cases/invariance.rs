//! What does not change when uids are numbered otherwise, or when all stakes grow alike.

use crate::subnet::*;
use codec::FullCodec;
use epochdiff_runtime::{Runtime, System};
use frame_support::StorageMap;
use pallet_subtensor::schedule::Pending;
use pallet_subtensor::types::ROOT;
use pallet_subtensor::{
    distribute, emission, Active, AutoStakeDestination, BlockAtRegistration, Bonds,
    BondsMovingAverage, ChildKeys, Consensus, Dividends, Emission, Incentive, Kappa, Keys,
    LastUpdate, LiquidAlphaOn, MaxAllowedValidators, ParentKeys, StakeThreshold, StakeWeight,
    SubnetOwnerHotkey, Uids, ValidatorPermit, ValidatorTrust, Weights, Yuma3On,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::subsequence;
use sp_core::storage::StateVersion;

const PENDING: Pending = Pending {
    server: 400_000_000_000,
    validator: 350_000_000_000,
    root: 50_000_000_000,
    owner: 7,
};

#[derive(Clone, Debug)]
struct Uid {
    /// Above the number that makes stakes differ, rao.
    stake: u64,
    root: u64,
    permit: bool,
    updated: u64,
    registered: u64,
    /// Ascending by target.
    weights: Vec<(u16, u16)>,
    bonds: Vec<(u16, u16)>,
}

#[derive(Clone, Debug)]
struct Subnet {
    uids: Vec<Uid>,
    permits: u16,
    kappa: u16,
    threshold: u64,
    owner: Option<u16>,
    yuma3: bool,
    liquid: bool,
    /// Parent of the first uid, and parts.
    parent: (u16, u64),
}

fn uid(uids: u16) -> impl Strategy<Value = Uid> {
    let row = move || {
        let targets: Vec<u16> = (0..uids).collect();
        (
            subsequence(targets, 0..=usize::from(uids)),
            vec(any::<u16>(), usize::from(uids)),
        )
            .prop_map(|(targets, values)| targets.into_iter().zip(values).collect())
    };
    (
        1_000_000_000..1_000_000_000_000u64,
        0..1_000_000_000_000u64,
        prop::bool::weighted(0.8),
        500..BLOCK,
        0..UPDATED,
        row(),
        row(),
    )
        .prop_map(
            |(stake, root, permit, updated, registered, weights, bonds)| Uid {
                stake,
                root,
                permit,
                updated,
                registered,
                weights,
                bonds,
            },
        )
}

fn subnet() -> impl Strategy<Value = Subnet> {
    (2..7u16).prop_flat_map(|uids| {
        (
            vec(uid(uids), usize::from(uids)),
            1..8u16,
            any::<u16>(),
            prop_oneof![Just(0), 0..1_000_000_000_000u64],
            prop::option::of(0..uids),
            any::<(bool, bool)>(),
            (1..uids, any::<u64>()),
        )
            .prop_map(
                |(uids, permits, kappa, threshold, owner, (yuma3, liquid), parent)| Subnet {
                    uids,
                    permits,
                    kappa,
                    threshold,
                    owner,
                    yuma3,
                    liquid,
                    parent,
                },
            )
    })
}

impl Subnet {
    fn create(&self, factor: u64, related: bool) {
        // No two stakes are equal: ties of permits go by uid.
        let stakes: Vec<u64> = (0u64..)
            .zip(&self.uids)
            .map(|(uid, of)| (of.stake * 8 + uid) * 1_000 * factor)
            .collect();
        create(NETUID, &stakes);
        for (number, uid) in (0u16..).zip(&self.uids) {
            emission::stake::<Runtime>(&hotkey(number), &coldkey(7), ROOT, uid.root * factor);
            weights(NETUID, number, &uid.weights);
            Bonds::<Runtime>::insert(NETUID, number, uid.bonds.clone());
            BlockAtRegistration::<Runtime>::insert(NETUID, number, uid.registered);
        }
        let updated: Vec<u64> = self.uids.iter().map(|uid| uid.updated).collect();
        LastUpdate::<Runtime>::insert(NETUID, updated);
        let permits: Vec<bool> = self.uids.iter().map(|uid| uid.permit).collect();
        ValidatorPermit::<Runtime>::insert(NETUID, permits);
        MaxAllowedValidators::<Runtime>::insert(NETUID, self.permits);
        Kappa::<Runtime>::insert(NETUID, self.kappa);
        BondsMovingAverage::<Runtime>::insert(NETUID, 500_000);
        StakeThreshold::<Runtime>::put(self.threshold * factor);
        Yuma3On::<Runtime>::insert(NETUID, self.yuma3);
        LiquidAlphaOn::<Runtime>::insert(NETUID, self.liquid);
        if let Some(owner) = self.owner {
            SubnetOwnerHotkey::<Runtime>::insert(NETUID, hotkey(owner));
        }
        if related {
            let (parent, parts) = self.parent;
            ChildKeys::<Runtime>::insert(hotkey(parent), NETUID, vec![(parts, hotkey(0))]);
            ParentKeys::<Runtime>::insert(hotkey(0), NETUID, vec![(parts, hotkey(parent))]);
            // One pool takes in all incentives, whose order its shares show.
            for number in 0..self.uids.len() as u16 {
                AutoStakeDestination::<Runtime>::insert(coldkey(number), NETUID, hotkey(0));
            }
        }
    }
}

/// Uid k becomes `to[k]`, in everything that is stored by uid.
fn renumber(to: &[u16]) {
    let new = |uid: u16| to[usize::from(uid)];
    let keys: Vec<_> = Keys::<Runtime>::iter_prefix(NETUID).collect();
    let registered: Vec<_> = BlockAtRegistration::<Runtime>::iter_prefix(NETUID).collect();
    let weights: Vec<_> = Weights::<Runtime>::iter_prefix(NETUID).collect();
    let bonds: Vec<_> = Bonds::<Runtime>::iter_prefix(NETUID).collect();
    for (uid, hotkey) in keys {
        Uids::<Runtime>::insert(NETUID, &hotkey, new(uid));
        Keys::<Runtime>::insert(NETUID, new(uid), hotkey);
    }
    for (uid, block) in registered {
        BlockAtRegistration::<Runtime>::insert(NETUID, new(uid), block);
    }
    let moved = |row: Vec<(u16, u16)>| {
        let mut row: Vec<_> = row
            .into_iter()
            .map(|(on, value)| (new(on), value))
            .collect();
        row.sort();
        row
    };
    for (uid, row) in weights {
        Weights::<Runtime>::insert(NETUID, new(uid), moved(row));
    }
    for (uid, row) in bonds {
        Bonds::<Runtime>::insert(NETUID, new(uid), moved(row));
    }
    fn vector<V: Clone + FullCodec, S: StorageMap<u16, Vec<V>, Query = Vec<V>>>(to: &[u16]) {
        let old = S::get(NETUID);
        // Absent before the first epoch.
        if !old.is_empty() {
            let mut new = old.clone();
            for (value, uid) in old.into_iter().zip(to) {
                new[usize::from(*uid)] = value;
            }
            S::insert(NETUID, new);
        }
    }
    vector::<_, LastUpdate<Runtime>>(to);
    vector::<_, ValidatorPermit<Runtime>>(to);
    vector::<_, Active<Runtime>>(to);
    vector::<_, Consensus<Runtime>>(to);
    vector::<_, Dividends<Runtime>>(to);
    vector::<_, Emission<Runtime>>(to);
    vector::<_, Incentive<Runtime>>(to);
    vector::<_, StakeWeight<Runtime>>(to);
    vector::<_, ValidatorTrust<Runtime>>(to);
}

/// Hash of the state after two epochs under another numbering, numbered as before.
fn state_by(subnet: &Subnet, to: &[u16]) -> Vec<u8> {
    let mut root = Vec::new();
    at_block(|| {
        subnet.create(1, true);
        renumber(to);
        distribute::run::<Runtime>(NETUID, PENDING, BLOCK);
        System::set_block_number(BLOCK as u32 + 100);
        distribute::run::<Runtime>(NETUID, PENDING, BLOCK + 100);
        let mut back = to.to_vec();
        for (uid, number) in (0u16..).zip(to) {
            back[usize::from(*number)] = uid;
        }
        renumber(&back);
        // Events give incentive by uid.
        System::reset_events();
        root = sp_io::storage::root(StateVersion::V1);
    });
    root
}

/// StakeWeight, Consensus, Incentive, Dividends, ValidatorTrust; and Emission, rao, and permits.
type Shares = ([Vec<u16>; 5], Vec<u64>, Vec<bool>);

fn shares_with(subnet: &Subnet, factor: u64, related: bool) -> Shares {
    let mut shares = Shares::default();
    at_block(|| {
        subnet.create(factor, related);
        distribute::run::<Runtime>(NETUID, PENDING, BLOCK);
        shares = (
            [
                StakeWeight::<Runtime>::get(NETUID),
                Consensus::<Runtime>::get(NETUID),
                Incentive::<Runtime>::get(NETUID),
                Dividends::<Runtime>::get(NETUID),
                ValidatorTrust::<Runtime>::get(NETUID),
            ],
            Emission::<Runtime>::get(NETUID),
            ValidatorPermit::<Runtime>::get(NETUID),
        );
    });
    shares
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Sums of fixed point that do not saturate keep their value in any order, and hotkeys are paid in the order of their
    /// accounts: nothing at all may differ.
    #[test]
    fn renumbered_uids_end_in_the_renumbered_state(
        (subnet, to) in subnet().prop_flat_map(|subnet| {
            let uids: Vec<u16> = (0..subnet.uids.len() as u16).collect();
            (Just(subnet), Just(uids).prop_shuffle())
        }),
    ) {
        let as_it_is: Vec<u16> = (0..to.len() as u16).collect();
        prop_assert_eq!(state_by(&subnet, &to), state_by(&subnet, &as_it_is));
    }

    /// Whole rao times the weight of TAO, which has 32 bits of fraction, is exact. So stake weights grow exactly alike, and
    /// the quotient of two stays the same to its last bit.
    #[test]
    fn shares_stay_when_all_stakes_grow_alike(
        subnet in subnet(),
        factor in prop_oneof![Just(2u64), Just(3), Just(10), 2..100u64],
    ) {
        let subnet = Subnet { threshold: 0, ..subnet };
        prop_assert_eq!(shares_with(&subnet, 1, false), shares_with(&subnet, factor, false));
    }

    /// What a child inherits is rounded down to whole rao. Two uids have 16 * 10^12 rao and more, so shares of stake move
    /// by no more than the last of their 32 bits; what follows from them may step over one boundary of 65535 parts.
    #[test]
    fn shares_with_children_stay_but_for_rounding(
        subnet in subnet(),
        factor in prop_oneof![Just(2u64), Just(3), Just(10), 2..100u64],
    ) {
        let subnet = Subnet { threshold: 0, ..subnet };
        let (parts, rao, permits) = shares_with(&subnet, 1, true);
        let (grown_parts, grown_rao, grown_permits) = shares_with(&subnet, factor, true);
        for (parts, grown) in parts.iter().zip(&grown_parts) {
            for (part, grown) in parts.iter().zip(grown) {
                prop_assert!(part.abs_diff(*grown) <= 1, "{} and {}", part, grown);
            }
        }
        for (rao, grown) in rao.iter().zip(&grown_rao) {
            prop_assert!(rao.abs_diff(*grown) <= PENDING.epoch_rao() >> 16, "{} and {}", rao, grown);
        }
        prop_assert_eq!(permits, grown_permits);
    }
}
