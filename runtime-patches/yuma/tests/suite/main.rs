//! Tests named by the numbers of the conformance list: cases (A masks, B consensus and bonds, C mechanisms, G arithmetic), vectors H,
//! an independent reference with a differential test, and laws.
mod arithmetic;
mod consensus_and_bonds;
mod differential;
mod laws;
mod masks;
mod mechanisms;
mod random;
mod reference;
mod subnet;
mod vectors;
