//! Cases of the conformance list that live in the pallet, each named by its number, and the laws that hold for any state.

mod any_state;
mod conservation;
mod dividing;
mod draw;
mod emission;
mod inputs;
mod invariance;
mod mechanisms;
mod older_specs;
mod over_time;
mod payout;
mod payout_laws;
mod population;
mod refusals;
mod scheduling;
mod sparse;
mod subnet;
mod voting_power;
