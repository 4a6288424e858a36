//! The Yuma epoch, bit for bit: stake, weights and bonds in; shares, bonds and rao out.
//!
//! `no_std` + `alloc`, no FRAME, no storage: everything comes in as [`EpochInput`] and leaves as [`EpochOutput`].
//! Rules that changed between runtime versions are inputs ([`Rules`], [`Params`]), never constants.
//!
//! One epoch of a subnet with M mechanisms:
//! 1. [`split_mechanisms`] splits the epoch's rao over the mechanisms;
//! 2. for each, [`epoch`] computes the outputs and [`emission`] turns shares into rao;
//! 3. [`EpochOutput::keep_keyed`] and [`RaoSplit::keep_keyed`] drop uids without a key: vectors become positional;
//! 4. [`aggregate`] joins the mechanisms;
//! 5. [`voting_power::update`] moves each hotkey's voting power.
//!
//! Arithmetic is fixed point with every truncation of the original kept ([`fixed`]): addition is exact and saturates, multiplication
//! floors, division truncates toward zero, plain sums wrap. Nothing here panics, whatever the input. The cost is linear in the
//! number of weight and bond entries, but for the sort of each column in the consensus median.
#![cfg_attr(not(test), no_std)]
#![deny(unsafe_code, missing_docs)]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

extern crate alloc;

mod bonds;
mod consensus;
mod emission;
mod epoch;
mod input;
mod liquid;
mod mechanisms;
mod output;
mod permits;
mod quantise;
mod rows;
mod shares;

pub mod commits;
pub mod exp;
pub mod fixed;
pub mod log2;
pub mod stake;
pub mod voting_power;

pub use emission::emission;
pub use epoch::{epoch, epoch_normalised_by};
pub use input::{last_tempo_block, EpochInput, LiquidAlpha, Params, Rules};
pub use mechanisms::{aggregate, split_mechanisms, Aggregate, Mechanism};
pub use output::{EpochOutput, LegacyScores, RaoSplit, Shares};
pub use shares::normalise_stake;
pub use substrate_fixed;
