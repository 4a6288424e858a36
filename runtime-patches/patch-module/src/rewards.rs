//! Hook `epoch_rewards`: what an epoch pays, as the pools that a policy redistributes.

use crate::{memory, storage, trap, MAX_UIDS};
use policies::pool::{Pool, Refused};

const POOL_BOTH: u32 = 0;
const POOL_MINER: u32 = 1;
const POOL_VALIDATOR: u32 = 2;

#[derive(Clone, Copy)]
pub enum Role {
    Miner,
    Validator,
}

/// What the epoch pays one hotkey, in rao.
#[repr(C)]
struct Row {
    hotkey: [u8; 32],
    as_miner: [u8; 8],
    as_validator: [u8; 8],
}

/// Working memory of a policy, a slot a uid.
type Slots = [u128; MAX_UIDS];

/// Runs after `epoch(sret, netuid, rao)`. `sret`: a vector of rows, one for each uid, in any order; the policy rewrites the
/// amounts of one pool, then of the other. `pool` 0: both, 1: miners (performance = Consensus), 2: validators
/// (ValidatorTrust).
pub fn redistribute(
    sret: u32,
    netuid: u32,
    pool: u32,
    policy: impl Fn(&mut RolePool, &mut Slots) -> Result<(), Refused>,
) {
    let netuid = netuid as u16;
    let (miners, validators) = match pool {
        POOL_BOTH => (true, true),
        POOL_MINER => (true, false),
        POOL_VALIDATOR => (false, true),
        _ => trap(),
    };
    // The original has returned: nothing else refers to its result before the caller gets it.
    let rows: &mut [Row] =
        unsafe { memory::vec_elements(sret as usize, storage::uid_count(netuid)) };
    let uids = RowUids::find(rows, netuid);
    let mut slots = [0; MAX_UIDS];
    let mut run = |role, performance| {
        let mut pool = RolePool {
            rows,
            uids: &uids,
            role,
            performance: storage::scores(performance, netuid),
        };
        if policy(&mut pool, &mut slots).is_err() {
            trap()
        }
    };
    if miners {
        run(Role::Miner, storage::CONSENSUS);
    }
    if validators {
        run(Role::Validator, storage::VALIDATOR_TRUST);
    }
}

/// Which uid each row belongs to.
pub struct RowUids([u16; MAX_UIDS]);

impl RowUids {
    const NONE: u16 = u16::MAX;

    /// By the hotkeys in `Keys`; traps unless uids and rows match one to one.
    fn find(rows: &[Row], netuid: u16) -> Self {
        let mut uids = [Self::NONE; MAX_UIDS];
        for uid in 0..rows.len() as u16 {
            let row = storage::with_hotkey(netuid, uid, |hotkey| {
                let is_of_uid = |row: &Row| row.hotkey == *hotkey;
                // Most runtimes return the rows in the order of the uids.
                match rows.get(usize::from(uid)) {
                    Some(row) if is_of_uid(row) => Some(usize::from(uid)),
                    _ => rows.iter().position(is_of_uid),
                }
            });
            match row.and_then(|row| uids.get_mut(row)) {
                Some(free) if *free == Self::NONE => *free = uid,
                _ => trap(),
            }
        }
        Self(uids)
    }

    pub fn of(&self, row: usize) -> usize {
        match self.0.get(row) {
            Some(&uid) => usize::from(uid),
            None => trap(),
        }
    }
}

/// The pool of one role; a member is a row.
pub struct RolePool<'a> {
    rows: &'a mut [Row],
    uids: &'a RowUids,
    role: Role,
    performance: storage::Scores,
}

impl<'a> RolePool<'a> {
    pub fn role(&self) -> Role {
        self.role
    }

    pub fn uids(&self) -> &'a RowUids {
        self.uids
    }
}

impl Pool for RolePool<'_> {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn amount(&self, index: usize) -> u64 {
        match (self.rows.get(index), self.role) {
            (Some(row), Role::Miner) => u64::from_le_bytes(row.as_miner),
            (Some(row), Role::Validator) => u64::from_le_bytes(row.as_validator),
            (None, _) => trap(),
        }
    }

    fn set_amount(&mut self, index: usize, amount: u64) {
        match (self.rows.get_mut(index), self.role) {
            (Some(row), Role::Miner) => row.as_miner = amount.to_le_bytes(),
            (Some(row), Role::Validator) => row.as_validator = amount.to_le_bytes(),
            (None, _) => trap(),
        }
    }

    fn performance(&self, index: usize) -> u16 {
        self.performance.of(self.uids.of(index))
    }
}
