//! Recorded states and the block that is run on them.

use codec::Decode;
use epochdiff_runtime::{Executive, Header, System};
use sp_core::storage::Storage;
use sp_io::TestExternalities;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;

pub type State = BTreeMap<Vec<u8>, Vec<u8>>;

pub struct Vector {
    pub header: Header,
    pub pre: State,
    pub post: State,
}

pub fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

pub fn hex(bytes: &[u8]) -> String {
    sp_core::bytes::to_hex(bytes, false)
}

pub fn load(name: &str) -> Vector {
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

pub fn prefix(pallet: &str, item: &str) -> Vec<u8> {
    [
        sp_io::hashing::twox_128(pallet.as_bytes()),
        sp_io::hashing::twox_128(item.as_bytes()),
    ]
    .concat()
}

pub fn dump() -> State {
    let mut state = State::new();
    let mut key = Vec::new();
    while let Some(next) = sp_io::storage::next_key(&key) {
        let value = sp_io::storage::get(&next).expect("the key exists");
        state.insert(next.clone(), value.to_vec());
        key = next;
    }
    state
}

/// A state in memory, for a block or a change.
pub fn externalities(state: &State) -> TestExternalities {
    TestExternalities::new(Storage {
        top: state.clone(),
        ..Default::default()
    })
}

/// Opens the block over a state; returns the state after it.
pub fn run(header: &Header, state: &State) -> State {
    externalities(state).execute_with(|| {
        Executive::initialize_block(header);
        assert_eq!(System::block_number(), header.number);
        dump()
    })
}
