//! Inputs and outputs of an epoch.
