//! The command line: runs the node, or writes, exports or forgets a chain.

use crate::{chain_spec, service};
use clap::Parser;
use sc_cli::SubstrateCli;

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    run: sc_cli::RunCmd,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Write a chain spec to standard output.
    BuildSpec(BuildSpec),
    /// Write the state of a block as a chain spec to standard output.
    ExportState(sc_cli::ExportStateCmd),
    /// Delete the database of a chain.
    PurgeChain(sc_cli::PurgeChainCmd),
}

/// sc-cli calls its own command deprecated in favour of a tool apart; zombienet calls it on the node.
#[derive(Parser)]
struct BuildSpec {
    #[command(flatten)]
    inner: sc_cli::BuildSpecCmd,
}

impl SubstrateCli for Cli {
    fn impl_name() -> String {
        "epochdiff node".into()
    }

    fn impl_version() -> String {
        env!("CARGO_PKG_VERSION").into()
    }

    fn description() -> String {
        env!("CARGO_PKG_DESCRIPTION").into()
    }

    fn author() -> String {
        "the epochdiff authors".into()
    }

    fn support_url() -> String {
        "docs/rehearse.md of epochdiff".into()
    }

    fn copyright_start_year() -> i32 {
        2026
    }

    fn load_spec(&self, id: &str) -> Result<Box<dyn sc_service::ChainSpec>, String> {
        chain_spec::load(id)
    }
}

/// Does what the command line says.
pub fn run() -> sc_cli::Result<()> {
    let cli = Cli::from_args();
    match &cli.command {
        None => cli
            .create_runner(&cli.run)?
            .run_node_until_exit(|config| async move {
                service::start(config).map_err(sc_cli::Error::Service)
            }),
        Some(Command::BuildSpec(BuildSpec { inner })) => cli
            .create_runner(inner)?
            .sync_run(|config| inner.run(config.chain_spec, config.network)),
        Some(Command::ExportState(command)) => cli.create_runner(command)?.async_run(|config| {
            let chain_spec = config.chain_spec.cloned_box();
            let service::Parts {
                client,
                task_manager,
                ..
            } = service::parts(&config)?;
            Ok((command.run(client, chain_spec), task_manager))
        }),
        Some(Command::PurgeChain(command)) => cli
            .create_runner(command)?
            .sync_run(|config| command.run(config.database)),
    }
}
