//! The proposals' arithmetic: no allocation, no panic, no floating point, nothing of a chain.
//! One file a policy: its formula, its bounds, its laws.
//!
//! arXiv 2507.02951 names the interventions but publishes no formulas: the ones here are this project's.
#![cfg_attr(not(test), no_std)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]
#![forbid(unsafe_code)]

pub mod aiarena;
mod apportion;
pub mod composite;
mod log2;
pub mod parts_per_billion;
pub mod parts_per_hundred_million;
pub mod performance_weighted;
pub mod pool;
pub mod role_split;
pub mod stake_bits;
pub mod stake_cap;
pub mod stake_power;
pub mod trust_bonus;

pub use parts_per_billion::PartsPerBillion;
pub use parts_per_hundred_million::PartsPerHundredMillion;
