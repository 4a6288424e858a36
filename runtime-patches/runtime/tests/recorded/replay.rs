//! Replays recorded block hooks of spec 425 and compares every key of the reward path with the recorded result, byte for byte.
//! What the vectors are and what is left out of the comparison: `../vectors/README.md`.

use crate::vector::{directory, hex, load, prefix, run, State};
use codec::{Compact, Decode, Encode};
use epochdiff_runtime::{AllPalletsWithSystem, Runtime, RuntimeEvent};
use frame_support::traits::StorageInfoTrait;
use frame_system::EventRecord;
use sp_core::H256;
use std::collections::{BTreeMap, BTreeSet};

/// Storage prefixes of the declared items, named `Pallet.Item`.
fn items() -> BTreeMap<Vec<u8>, String> {
    let name = |bytes: Vec<u8>| String::from_utf8(bytes).expect("names are ASCII");
    AllPalletsWithSystem::storage_info()
        .into_iter()
        .map(|info| {
            (
                info.prefix,
                format!("{}.{}", name(info.pallet_name), name(info.storage_name)),
            )
        })
        .collect()
}

/// The part of a state that the reward path answers for.
fn scope(state: &State) -> State {
    let pallets = ["SubtensorModule", "Swap", "AlphaAssets"]
        .map(|pallet| sp_io::hashing::twox_128(pallet.as_bytes()));
    let more = [
        prefix("Balances", "TotalIssuance"),
        prefix("System", "Account"),
    ];
    let other = [
        "Burn",
        "RegistrationsThisBlock",
        "RegistrationsThisInterval",
    ]
    .map(|item| prefix("SubtensorModule", item));
    let inside = |key: &[u8]| {
        (pallets.iter().any(|prefix| key.starts_with(prefix))
            || more.iter().any(|prefix| key.starts_with(prefix)))
            && !other.iter().any(|prefix| key.starts_with(prefix))
    };
    state
        .iter()
        .filter(|(key, _)| inside(key))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

fn replay(name: &str) {
    let vector = load(name);
    let post = run(&vector.header, &vector.pre);
    let (pre, expected, got) = (scope(&vector.pre), scope(&vector.post), scope(&post));
    assert_ne!(pre, expected, "the block changes something");
    let items = items();
    let show = |value: Option<&Vec<u8>>| value.map_or("absent".into(), |value| hex(value));
    let keys: BTreeSet<&Vec<u8>> = expected.keys().chain(got.keys()).collect();
    let differing: Vec<String> = keys
        .into_iter()
        .filter(|key| expected.get(*key) != got.get(*key))
        .map(|key| {
            let (prefix, rest) = key.split_at(32.min(key.len()));
            let item = items.get(prefix).cloned().unwrap_or_else(|| hex(prefix));
            format!(
                "{item} {}\n  pre  {}\n  want {}\n  got  {}",
                hex(rest),
                show(pre.get(key)),
                show(expected.get(key)),
                show(got.get(key))
            )
        })
        .collect();
    assert!(
        differing.is_empty(),
        "{} keys differ:\n{}",
        differing.len(),
        differing.join("\n")
    );
    assert_eq!(events(&post), recorded_events(&vector.post));
}

/// The events of SubtensorModule in a stored list, in order, as a decoder of the chain reads them. The recorded Balances is older
/// than ours, with other events: those are passed over by their length.
fn recorded_events(state: &State) -> Vec<String> {
    let stored = &state[&prefix("System", "Events")];
    let mut bytes = &stored[..];
    let count = Compact::<u32>::decode(&mut bytes).expect("a count").0;
    let mut events = Vec::new();
    for _ in 0..count {
        let (phase, pallet) = (bytes[0], bytes[1]);
        assert_eq!(phase, 2, "emitted while the block is opened");
        bytes = &bytes[2..];
        match pallet {
            7 => {
                let event = pallet_subtensor::Event::<Runtime>::decode(&mut bytes);
                events.push(hex(&event.expect("an event of the chain").encode()));
            }
            5 => {
                let length = match bytes[0] {
                    2 => 32 + 32 + 8, // Transfer
                    7 => 32 + 8,      // Deposit
                    15 | 16 => 8,     // Issued, Rescinded
                    event => panic!("Balances' event {event}"),
                };
                bytes = &bytes[1 + length..];
            }
            pallet => panic!("an event of pallet {pallet}"),
        }
        assert_eq!(bytes[0], 0, "no topics");
        bytes = &bytes[1..];
    }
    events
}

/// The same in a state of this runtime.
fn events(state: &State) -> Vec<String> {
    let stored = &state[&prefix("System", "Events")];
    let records = Vec::<EventRecord<RuntimeEvent, H256>>::decode(&mut &stored[..]);
    let event = |record: EventRecord<RuntimeEvent, H256>| match record.event {
        RuntimeEvent::SubtensorModule(event) => Some(hex(&event.encode())),
        _ => None,
    };
    records
        .expect("events of this runtime")
        .into_iter()
        .filter_map(event)
        .collect()
}

macro_rules! vectors {
    ($($name:ident),* $(,)?) => {
        $(
            #[test]
            fn $name() {
                replay(stringify!($name));
            }
        )*

        #[test]
        fn every_vector_is_replayed() {
            let files: BTreeSet<String> = std::fs::read_dir(directory())
                .expect("the directory is there")
                .filter_map(|entry| entry.expect("it is readable").file_name().into_string().ok())
                .filter_map(|name| name.strip_suffix(".json.gz").map(str::to_owned))
                .collect();
            assert_eq!(files, BTreeSet::from([$(stringify!($name).to_owned()),*]));
        }
    };
}

vectors!(
    a_8uids_plain,
    b_64uids_rich,
    c_256uids_liquid,
    v01_mechanisms,
    v01b_mechanisms_odd_split,
    v03_owner_threshold_topk,
    v03b_dust,
    v05_zero_fallback,
    v07_yuma3_liquid,
    v08_childkeys,
    v10_owner_autostake,
    v11_scheduling,
    v11b_zero_emission,
);
