//! The chains the node knows: `local`, a development chain of the embedded reference runtime, and any chain spec's file.

use sc_chain_spec::GenesisConfigBuilderRuntimeCaller;
use sc_service::{ChainSpec, ChainType, GenericChainSpec};

const RUNTIME: &[u8] = include_bytes!("../../prebuilt/epochdiff_runtime_node.wasm");

/// The chain called `id`: `local`, or the path of a chain spec, plain or raw.
pub fn load(id: &str) -> Result<Box<dyn ChainSpec>, String> {
    match id {
        "" => Err("which chain? --chain local, or --chain <file of a chain spec>".into()),
        "local" | "dev" => Ok(Box::new(local()?)),
        path => Ok(Box::new(<GenericChainSpec>::from_json_file(path.into())?)),
    }
}

/// The runtime's preset is written out as a patch, because zombienet puts its own validators' keys there.
fn local() -> Result<GenericChainSpec, String> {
    let preset: GenesisConfigBuilderRuntimeCaller = GenesisConfigBuilderRuntimeCaller::new(RUNTIME);
    Ok(GenericChainSpec::builder(RUNTIME, None)
        .with_name("epochdiff local")
        .with_id("epochdiff_local")
        .with_chain_type(ChainType::Local)
        .with_genesis_config_patch(preset.get_named_preset(Some(&"local_testnet".into()))?)
        .build())
}
