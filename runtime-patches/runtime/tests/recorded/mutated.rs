//! Recorded states with random changes: no block panics or refuses, what is minted arrives, and each block's writes are those in
//! `../mutations.json.gz`, which the tests of the native engine compare with the wasm's. `BLESS=1` writes that file.

use crate::vector::{dump, externalities, hex, load, run, State};
use epochdiff_runtime::{Balances, Runtime, System};
use pallet_subtensor::swap::{Balancer, PalSwapInitialized, SwapBalancer};
use pallet_subtensor::types::{RecycleOrBurnEnum, RootClaimTypeEnum, ROOT};
use pallet_subtensor::*;
use serde_json::{json, Value};
use sp_io::hashing::sha2_256;
use sp_runtime::{AccountId32, Perquintill};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::path::PathBuf;
use substrate_fixed::types::{I96F32, U64F64, U96F32};

const VECTORS: [&str; 10] = [
    "b_64uids_rich",
    "v01_mechanisms",
    "v01b_mechanisms_odd_split",
    "v03_owner_threshold_topk",
    "v03b_dust",
    "v05_zero_fallback",
    "v07_yuma3_liquid",
    "v08_childkeys",
    "v10_owner_autostake",
    "v11_scheduling",
];
/// Changed states of each vector. In the last one amounts are of any size, and only panics are looked for.
const SEEDS: u64 = 4;
/// Amounts of the others stay below this, rao.
const LARGEST_RAO: u64 = 1 << 53;

/// splitmix64: the same numbers everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// Of every order of magnitude, often at an end.
    fn number(&mut self, largest: u64) -> u64 {
        match self.below(8) {
            0 => 0,
            1 => 1.min(largest),
            2 => largest,
            _ => (self.next() >> self.below(64)) % largest.saturating_add(1).max(1),
        }
    }

    fn u16(&mut self) -> u16 {
        self.number(u16::MAX.into()) as u16
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len() as u64) as usize]
    }
}

/// Changes about one in `times` of what a block reads, within `largest` rao.
fn mutate(random: &mut Random, largest: u64, block: u64) {
    let times = 4;
    macro_rules! maybe {
        ($item:ident, $key:expr, $value:expr) => {
            if random.one_in(times) {
                $item::<Runtime>::insert($key, $value);
            }
        };
    }
    let netuids: Vec<u16> = NetworksAdded::<Runtime>::iter_keys()
        .filter(|netuid| *netuid != ROOT)
        .collect();
    TaoWeight::<Runtime>::put(random.number(u64::MAX));
    CKBurn::<Runtime>::put(random.number(u64::MAX));
    SubnetOwnerCut::<Runtime>::put(random.u16());
    StakeThreshold::<Runtime>::put(random.number(1 << 40));
    MaxEpochsPerBlock::<Runtime>::put(random.number(20) as u8);
    MinChildkeyTake::<Runtime>::put(random.number(20_000) as u16);
    NumRootClaim::<Runtime>::put(random.number(20));
    SubnetMovingAlpha::<Runtime>::put(I96F32::from_bits(random.number(1 << 33).into()));
    TotalIssuance::<Runtime>::put(random.number(21_000_000_000_000_000));
    SubnetTAO::<Runtime>::insert(ROOT, random.number(largest));
    for &netuid in &netuids {
        let hotkeys: Vec<AccountId32> = Keys::<Runtime>::iter_prefix_values(netuid).collect();
        maybe!(Tempo, netuid, random.number(200) as u16);
        maybe!(Kappa, netuid, random.u16());
        maybe!(BondsPenalty, netuid, random.u16());
        maybe!(BondsMovingAverage, netuid, random.number(1_500_000));
        maybe!(AlphaValues, netuid, (random.u16(), random.u16()));
        maybe!(AlphaSigmoidSteepness, netuid, random.u16() as i16);
        maybe!(MaxAllowedValidators, netuid, random.number(70) as u16);
        maybe!(
            ActivityCutoffFactorMilli,
            netuid,
            random.number(u32::MAX.into()) as u32
        );
        maybe!(RevealPeriodEpochs, netuid, random.number(100));
        maybe!(Yuma3On, netuid, random.one_in(2));
        maybe!(LiquidAlphaOn, netuid, random.one_in(2));
        maybe!(CommitRevealWeightsEnabled, netuid, random.one_in(2));
        maybe!(OwnerCutEnabled, netuid, random.one_in(2));
        maybe!(SubnetEmissionEnabled, netuid, random.one_in(2));
        maybe!(SubtokenEnabled, netuid, random.one_in(2));
        maybe!(NetworkRegistrationAllowed, netuid, random.one_in(2));
        maybe!(SubnetMechanism, netuid, random.below(3) as u16);
        maybe!(MechanismCountCurrent, netuid, random.below(4) as u8);
        maybe!(
            SubnetMovingPrice,
            netuid,
            I96F32::from_bits(i128::from(random.number(1 << 34)) - (1 << 30))
        );
        maybe!(EMAPriceHalvingBlocks, netuid, random.number(u64::MAX));
        maybe!(
            MinerBurned,
            netuid,
            U96F32::from_bits(random.number(1 << 33).into())
        );
        maybe!(SubnetTAO, netuid, random.number(largest));
        maybe!(SubnetAlphaIn, netuid, random.number(largest));
        maybe!(SubnetAlphaOut, netuid, random.number(largest));
        maybe!(PendingServerEmission, netuid, random.number(largest));
        maybe!(PendingValidatorEmission, netuid, random.number(largest));
        maybe!(PendingRootAlphaDivs, netuid, random.number(largest));
        maybe!(PendingOwnerCut, netuid, random.number(largest));
        maybe!(LastEpochBlock, netuid, random.number(block));
        maybe!(PendingEpochAt, netuid, random.number(block + 1));
        maybe!(BlocksSinceLastStep, netuid, random.number(60_000));
        maybe!(SubnetEpochIndex, netuid, random.number(u64::MAX));
        maybe!(LastMechansimStepBlock, netuid, random.number(block));
        maybe!(FirstEmissionBlockNumber, netuid, random.number(block));
        maybe!(VotingPowerTrackingEnabled, netuid, random.one_in(2));
        maybe!(VotingPowerDisableAtBlock, netuid, random.number(2 * block));
        maybe!(
            VotingPowerEmaAlpha,
            netuid,
            random.number(1_000_000_000_000_000_000)
        );
        maybe!(
            RecycleOrBurn,
            netuid,
            *random.pick(&[RecycleOrBurnEnum::Burn, RecycleOrBurnEnum::Recycle])
        );
        maybe!(
            RootClaimableThreshold,
            netuid,
            I96F32::from_bits(random.number(1 << 52).into())
        );
        maybe!(PalSwapInitialized, netuid, random.one_in(2));
        if random.one_in(times) {
            let quote = Perquintill::from_parts(random.number(1_000_000_000_000_000_000));
            SwapBalancer::<Runtime>::insert(netuid, Balancer { quote });
        }
        if random.one_in(times) {
            let split: Vec<u16> = (0..random.below(5))
                .map(|_| random.number(30_000) as u16)
                .collect();
            MechanismEmissionSplit::<Runtime>::insert(netuid, split);
        }
        if hotkeys.is_empty() {
            continue;
        }
        maybe!(SubnetOwnerHotkey, netuid, random.pick(&hotkeys));
        if random.one_in(times) {
            SubnetOwner::<Runtime>::insert(netuid, Owner::<Runtime>::get(random.pick(&hotkeys)));
        }
        if random.one_in(times) {
            // A gap, a key too many, or too few uids.
            let uids = hotkeys.len() as u64;
            Keys::<Runtime>::remove(netuid, random.below(uids) as u16);
            SubnetworkN::<Runtime>::insert(netuid, random.below(uids + 2) as u16);
        }
        for hotkey in hotkeys.clone() {
            let other = random.pick(&hotkeys).clone();
            let cold = Owner::<Runtime>::get(&other);
            let uid = Uids::<Runtime>::get(netuid, &hotkey).unwrap_or(0);
            let registered = random.number(block);
            if random.one_in(times) {
                BlockAtRegistration::<Runtime>::insert(netuid, uid, registered);
            }
            maybe!(Delegates, &hotkey, random.u16());
            maybe!(
                RootClaimType,
                &cold,
                match random.below(3) {
                    0 => RootClaimTypeEnum::Swap,
                    1 => RootClaimTypeEnum::Keep,
                    _ => RootClaimTypeEnum::KeepSubnets {
                        subnets: BTreeSet::from([netuid])
                    },
                }
            );
            if random.one_in(times) {
                ChildkeyTake::<Runtime>::insert(&hotkey, netuid, random.u16());
                AutoStakeDestination::<Runtime>::insert(&cold, netuid, &hotkey);
            }
            if random.one_in(times) {
                ParentKeys::<Runtime>::insert(
                    &hotkey,
                    netuid,
                    vec![(random.number(u64::MAX), other.clone())],
                );
                ChildKeys::<Runtime>::insert(
                    &hotkey,
                    netuid,
                    vec![(random.number(u64::MAX), other.clone()); 2],
                );
                PendingChildKeys::<Runtime>::insert(
                    netuid,
                    &hotkey,
                    (
                        vec![(random.number(u64::MAX), other.clone())],
                        random.number(block + 1),
                    ),
                );
            }
            if random.one_in(times) {
                emission::stake::<Runtime>(&hotkey, &cold, ROOT, random.number(largest >> 8));
                RootClaimable::<Runtime>::insert(
                    &hotkey,
                    BTreeMap::from([(netuid, I96F32::from_bits(random.number(1 << 33).into()))]),
                );
                let index = NumStakingColdkeys::<Runtime>::get();
                StakingColdkeysByIndex::<Runtime>::insert(index, &cold);
                NumStakingColdkeys::<Runtime>::put(index + 1);
            }
            if random.one_in(2 * times) {
                TotalHotkeyAlpha::<Runtime>::insert(&hotkey, netuid, random.number(largest));
                TotalHotkeyShares::<Runtime>::insert(
                    &hotkey,
                    netuid,
                    U64F64::from_bits(random.next().into()),
                );
                Alpha::<Runtime>::insert(
                    (&hotkey, &cold, netuid),
                    U64F64::from_bits(u128::from(random.next()) << random.below(40)),
                );
            }
            let index = netuid + 4096 * random.below(3) as u16;
            if random.one_in(times) {
                let row = (0..random.below(9))
                    .map(|_| (random.below(20) as u16, random.u16()))
                    .collect::<Vec<_>>();
                Weights::<Runtime>::insert(index, uid, row);
                let row = (0..random.below(9))
                    .map(|_| (random.below(20) as u16, random.u16()))
                    .collect::<Vec<_>>();
                Bonds::<Runtime>::insert(index, uid, row);
            }
        }
        maybe!(
            LastUpdate,
            netuid + 4096,
            vec![random.number(block); random.below(12) as usize]
        );
        maybe!(
            ValidatorPermit,
            netuid,
            vec![true; random.below(12) as usize]
        );
    }
}

/// Balances and counters of which the changes must add up.
struct Sums {
    issued: i128,
    balances: i128,
    accounts: i128,
    /// By subnet: alpha staked to hotkeys, root alpha claimed, and pending amounts.
    subnets: BTreeMap<u16, [i128; 3]>,
}

impl Sums {
    fn of(state: &State) -> Self {
        externalities(state).execute_with(|| {
            let mut subnets = BTreeMap::<u16, [i128; 3]>::new();
            for (_, netuid, alpha) in TotalHotkeyAlpha::<Runtime>::iter() {
                subnets.entry(netuid).or_default()[0] += i128::from(alpha);
            }
            for ((netuid, _, _), claimed) in RootClaimed::<Runtime>::iter() {
                subnets.entry(netuid).or_default()[1] += claimed as i128;
            }
            for netuid in NetworksAdded::<Runtime>::iter_keys() {
                let pending = [
                    PendingServerEmission::<Runtime>::get(netuid),
                    PendingValidatorEmission::<Runtime>::get(netuid),
                    PendingRootAlphaDivs::<Runtime>::get(netuid),
                    PendingOwnerCut::<Runtime>::get(netuid),
                ];
                subnets.entry(netuid).or_default()[2] = pending.into_iter().map(i128::from).sum();
            }
            let accounts = frame_system::Account::<Runtime>::iter_values();
            Self {
                issued: TotalIssuance::<Runtime>::get().into(),
                balances: Balances::total_issuance().into(),
                accounts: accounts
                    .map(|info| i128::from(info.data.free + info.data.reserved))
                    .sum(),
                subnets,
            }
        })
    }
}

/// Incentives of each subnet in the events of a block's end.
fn incentives(state: &State) -> BTreeMap<u16, i128> {
    externalities(state).execute_with(|| {
        let mut sums = BTreeMap::new();
        for record in System::read_events_no_consensus() {
            let epochdiff_runtime::RuntimeEvent::SubtensorModule(
                Event::IncentiveAlphaEmittedToMiners { netuid, emissions },
            ) = record.event
            else {
                continue;
            };
            *sums.entry(netuid % 4096).or_insert(0) +=
                emissions.into_iter().map(i128::from).sum::<i128>();
        }
        sums
    })
}

fn check_sums(name: &str, pre: &State, post: &State) {
    let (before, after) = (Sums::of(pre), Sums::of(post));
    assert_eq!(
        after.issued - before.issued,
        after.balances - before.balances,
        "{name}: both issuances change alike"
    );
    assert_eq!(
        after.accounts - before.accounts,
        after.balances - before.balances,
        "{name}: what is issued is on accounts"
    );
    let incentives = incentives(post);
    for (netuid, [alpha, claimed, _]) in &after.subnets {
        let [alpha_before, claimed_before, pending] =
            before.subnets.get(netuid).copied().unwrap_or_default();
        let staked = alpha - alpha_before;
        // Drained at most, and the block's own alpha; incentives may exceed their part where mechanisms differ.
        let most = pending + 1_000_000_000 + incentives.get(netuid).copied().unwrap_or(0) + claimed
            - claimed_before;
        if *netuid != ROOT {
            assert!(
                0 <= staked && staked <= most,
                "{name}: {staked} of {most} on subnet {netuid}"
            );
        }
    }
}

fn mutations() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/mutations.json.gz")
}

/// What separates two states, `null` where a key is gone.
fn difference(before: &State, after: &State) -> BTreeMap<String, Option<String>> {
    let keys: BTreeSet<&Vec<u8>> = before.keys().chain(after.keys()).collect();
    keys.into_iter()
        .filter(|key| before.get(*key) != after.get(*key))
        .map(|key| (hex(key), after.get(key).map(|value| hex(value))))
        .collect()
}

/// SHA-256 of the lines `key value`, ascending.
fn digest(writes: &BTreeMap<String, Option<String>>) -> String {
    let lines: String = writes
        .iter()
        .map(|(key, value)| format!("{key} {}\n", value.as_deref().unwrap_or("null")))
        .collect();
    hex(&sha2_256(lines.as_bytes()))
}

#[test]
fn mutated_states_run_and_write_what_is_recorded() {
    let (mut cases, mut paid) = (Vec::new(), 0);
    for name in VECTORS {
        let vector = load(name);
        for seed in 0..SEEDS {
            let wild = seed + 1 == SEEDS;
            let mut random = Random(
                seed.wrapping_mul(1_000_003)
                    ^ name.len() as u64
                    ^ u64::from(name.as_bytes()[2]) << 8,
            );
            let largest = if wild { u64::MAX } else { LARGEST_RAO };
            let pre = externalities(&vector.pre).execute_with(|| {
                mutate(&mut random, largest, vector.header.number.into());
                dump()
            });
            let post = run(&vector.header, &pre);
            if !wild {
                check_sums(&format!("{name} {seed}"), &pre, &post);
            }
            paid += usize::from(incentives(&post).values().sum::<i128>() > 0);
            cases.push(json!({
                "vector": name,
                "edits": difference(&vector.pre, &pre),
                "writes": digest(&difference(&pre, &post)),
            }));
        }
    }
    assert!(2 * paid > cases.len(), "most blocks pay somebody: {paid}");
    if std::env::var_os("BLESS").is_some() {
        let file = std::fs::File::create(mutations()).expect("it can be written");
        let mut gzip = flate2::write::GzEncoder::new(file, flate2::Compression::best());
        let text = Value::from(cases).to_string();
        gzip.write_all(text.as_bytes()).expect("it can be written");
        gzip.finish().expect("it can be written");
        return;
    }
    let file = std::fs::File::open(mutations()).expect("recorded with BLESS=1");
    let mut text = String::new();
    flate2::read::GzDecoder::new(file)
        .read_to_string(&mut text)
        .expect("it is gzip");
    let recorded: Vec<Value> = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!(recorded.len(), cases.len());
    for (recorded, case) in recorded.iter().zip(&cases) {
        assert_eq!(recorded["edits"], case["edits"], "the generator changed");
        assert_eq!(recorded["writes"], case["writes"], "{}", case["vector"]);
    }
}
