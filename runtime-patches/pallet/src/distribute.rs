//! Paying an epoch (distribution §8).

use crate::schedule::Pending;
use crate::types::NetUid;
use crate::Config;

pub fn pay<T: Config>(_netuid: NetUid, _pending: Pending, _block: u64) {}
