//! Runs one runtime call over a state in memory, natively and in wasmtime, as bench/epoch.js asks on standard input:
//!
//! - `state <file>`: reads a state, a line an entry: key and value, hexadecimal;
//! - `native <header>` or `wasmtime <header>`: opens the block; prints the nanoseconds it took, those of the processor's time that
//!   this process spent meanwhile, and a hash of its writes.
//!
//! Usage: epoch-native <runtime.wasm>

use codec::Decode;
use cpu_time::ProcessTime;
use epochdiff_runtime::{Executive, Header};
use sc_executor::{
    HeapAllocStrategy, WasmExecutionMethod, WasmExecutor, WasmtimeInstantiationStrategy,
};
use sp_core::bytes::{from_hex, to_hex};
use sp_core::storage::Storage;
use sp_core::traits::{CallContext, CodeExecutor, RuntimeCode, WrappedRuntimeCode};
use sp_io::{hashing::sha2_256, SubstrateHostFunctions};
use sp_state_machine::BasicExternalities;
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::io::{stdin, stdout, Write as _};
use std::time::Instant;

type State = BTreeMap<Vec<u8>, Vec<u8>>;
type Result<T> = std::result::Result<T, Box<dyn Error>>;

const CALL: &str = "Core_initialize_block";

fn main() -> Result<()> {
    let wasm = std::fs::read(
        std::env::args()
            .nth(1)
            .ok_or("usage: epoch-native <runtime.wasm>")?,
    )?;
    let wasmtime = Wasmtime::new(wasm);
    let mut state = State::new();
    for line in stdin().lines() {
        let line = line?;
        match line
            .split_once(' ')
            .ok_or("a command and its argument are wanted")?
        {
            ("state", file) => {
                state = read(file)?;
                println!("{} entries", state.len());
            }
            ("native", header) => answer(&state, &from_hex(header)?, native)?,
            ("wasmtime", header) => answer(&state, &from_hex(header)?, |ext, header| {
                wasmtime.call(ext, header)
            })?,
            (command, _) => return Err(format!("unknown command {command}").into()),
        }
        stdout().flush()?;
    }
    Ok(())
}

fn read(file: &str) -> Result<State> {
    let text = std::fs::read_to_string(file)?;
    text.lines()
        .map(|line| {
            let (key, value) = line.split_once(' ').ok_or("a key and a value are wanted")?;
            Ok((from_hex(key)?, from_hex(value)?))
        })
        .collect()
}

fn answer(
    state: &State,
    header: &[u8],
    run: impl FnOnce(&mut BasicExternalities, &[u8]) -> Result<()>,
) -> Result<()> {
    let mut ext = BasicExternalities::new(Storage {
        top: state.clone(),
        ..Default::default()
    });
    let (started, cpu) = (Instant::now(), ProcessTime::now());
    run(&mut ext, header)?;
    let (time, cpu) = (started.elapsed(), cpu.elapsed());
    let hash = hash_of_writes(state, &ext.into_storages().top);
    println!("{} {} {hash}", time.as_nanos(), cpu.as_nanos());
    Ok(())
}

/// The reference runtime as a part of this program: the same crate that the wasm is made of.
fn native(ext: &mut BasicExternalities, header: &[u8]) -> Result<()> {
    let header = Header::decode(&mut &header[..])?;
    ext.execute_with(|| Executive::initialize_block(&header));
    Ok(())
}

/// A node's executor, as a node sets it up.
struct Wasmtime {
    executor: WasmExecutor<SubstrateHostFunctions>,
    wasm: Vec<u8>,
    hash: Vec<u8>,
}

impl Wasmtime {
    fn new(wasm: Vec<u8>) -> Self {
        let executor = WasmExecutor::builder()
            .with_execution_method(WasmExecutionMethod::Compiled {
                instantiation_strategy: WasmtimeInstantiationStrategy::PoolingCopyOnWrite,
            })
            .with_onchain_heap_alloc_strategy(HeapAllocStrategy::Dynamic {
                maximum_pages: None,
            })
            .build();
        Self {
            executor,
            hash: sha2_256(&wasm).to_vec(),
            wasm,
        }
    }

    /// The first call compiles.
    fn call(&self, ext: &mut BasicExternalities, header: &[u8]) -> Result<()> {
        let fetcher = WrappedRuntimeCode(self.wasm.as_slice().into());
        let code = RuntimeCode {
            code_fetcher: &fetcher,
            heap_pages: None,
            hash: self.hash.clone(),
        };
        let context = CallContext::Onchain { import: true };
        self.executor.call(ext, &code, CALL, header, context).0?;
        Ok(())
    }
}

/// SHA-256 of the lines `key value`, hexadecimal, ascending by key, of what differs; `null` where a key is gone.
fn hash_of_writes(before: &State, after: &State) -> String {
    let mut lines = BTreeMap::new();
    for (key, value) in after
        .iter()
        .filter(|(key, value)| before.get(*key) != Some(value))
    {
        lines.insert(key, to_hex(value, false));
    }
    for key in before.keys().filter(|key| !after.contains_key(*key)) {
        lines.insert(key, "null".into());
    }
    let mut text = String::new();
    for (key, value) in lines {
        let _ = writeln!(text, "{} {value}", to_hex(key, false));
    }
    to_hex(&sha2_256(text.as_bytes()), false)
}
