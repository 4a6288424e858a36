//! The runtime on recorded states: as they are, and changed at random.

mod mutated;
mod replay;
mod vector;
