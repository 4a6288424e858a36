//! Replays recorded block hooks of spec 425 and compares every key of the reward path with the recorded result, byte for byte.
//! What the vectors are and what is left out of the comparison: `vectors/README.md`.

use codec::Decode;
use epochdiff_runtime::{AllPalletsWithSystem, Executive, Header, System};
use frame_support::traits::StorageInfoTrait;
use sp_core::storage::Storage;
use sp_io::TestExternalities;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::PathBuf;

type State = BTreeMap<Vec<u8>, Vec<u8>>;

struct Vector {
    header: Header,
    pre: State,
    post: State,
}

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

fn hex(bytes: &[u8]) -> String {
    sp_core::bytes::to_hex(bytes, false)
}

fn load(name: &str) -> Vector {
    let file = std::fs::File::open(directory().join(format!("{name}.json.gz")))
        .expect("the vector is there");
    let mut text = String::new();
    flate2::read::GzDecoder::new(file)
        .read_to_string(&mut text)
        .expect("it is gzip");
    let json: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    let bytes = |hex: &str| sp_core::bytes::from_hex(hex).expect("it is hex");
    let state = |field: &str| -> State {
        let entries = json[field].as_object().expect("a map of keys to values");
        entries
            .iter()
            .map(|(key, value)| (bytes(key), bytes(value.as_str().expect("a string"))))
            .collect()
    };
    let header = bytes(json["header"].as_str().expect("a header"));
    Vector {
        header: Header::decode(&mut &header[..]).expect("a SCALE header"),
        pre: state("pre"),
        post: state("post"),
    }
}

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

fn prefix(pallet: &str, item: &str) -> Vec<u8> {
    [
        sp_io::hashing::twox_128(pallet.as_bytes()),
        sp_io::hashing::twox_128(item.as_bytes()),
    ]
    .concat()
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

fn dump() -> State {
    let mut state = State::new();
    let mut key = Vec::new();
    while let Some(next) = sp_io::storage::next_key(&key) {
        let value = sp_io::storage::get(&next).expect("the key exists");
        state.insert(next.clone(), value.to_vec());
        key = next;
    }
    state
}

fn run(vector: &Vector) -> State {
    let storage = Storage {
        top: vector.pre.clone(),
        ..Default::default()
    };
    TestExternalities::new(storage).execute_with(|| {
        Executive::initialize_block(&vector.header);
        assert_eq!(System::block_number(), vector.header.number);
        dump()
    })
}

fn replay(name: &str) {
    let vector = load(name);
    let (pre, expected, got) = (
        scope(&vector.pre),
        scope(&vector.post),
        scope(&run(&vector)),
    );
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
