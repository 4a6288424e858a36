//! Cases of the conformance list that live in the pallet, each named by its number, and the laws that hold for any state.

mod conservation;
mod emission;
mod inputs;
mod mechanisms;
mod older_specs;
mod payout;
mod refusals;
mod scheduling;
mod sparse;
mod subnet;
mod voting_power;
