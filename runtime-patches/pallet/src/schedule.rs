//! When an epoch fires (distribution §7).

use crate::types::NetUid;
use crate::Config;
use alloc::collections::BTreeMap;

/// The pending amounts of a drained subnet, rao of alpha.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pending {
    pub server: u64,
    pub validator: u64,
    pub root: u64,
    pub owner: u64,
}

pub fn reveal<T: Config>(_subnets: &[NetUid], _block: u64) {}

pub fn drain<T: Config>(_subnets: &[NetUid], _block: u64) -> BTreeMap<NetUid, Pending> {
    BTreeMap::new()
}
