//! Hook `epoch_rewards`: pays a part of each pool by performance.

use crate::{memory, storage, trap, MAX_UIDS};
use policies::{
    performance_weighted::{redistribute, Pool},
    PartsPerBillion,
};

const POOL_BOTH: u32 = 0;
const POOL_MINER: u32 = 1;
const POOL_VALIDATOR: u32 = 2;

/// What the epoch pays one hotkey, in rao: as a miner (`SERVER`) and as a validator (`VALIDATOR`).
#[repr(C)]
struct Row {
    hotkey: [u8; 32],
    amounts: [[u8; 8]; 2],
}

const SERVER: usize = 0;
const VALIDATOR: usize = 1;

/// Runs after `epoch(sret, netuid, rao)`. `sret`: a vector of rows, one for each uid, in any order; the amounts are
/// rewritten, each pool's sum stays.
///
/// `lambda_ppb` in 0..=10^9. `pool` 0: both, 1: miners (performance = Consensus), 2: validators (ValidatorTrust).
#[no_mangle]
extern "C" fn performance_weighted(sret: u32, netuid: u32, _rao: u64, lambda_ppb: u32, pool: u32) {
    let netuid = netuid as u16;
    let Some(lambda) = PartsPerBillion::new(lambda_ppb) else {
        trap()
    };
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
    if miners {
        pay::<SERVER>(
            rows,
            &uids,
            storage::scores(storage::CONSENSUS, netuid),
            lambda,
        );
    }
    if validators {
        pay::<VALIDATOR>(
            rows,
            &uids,
            storage::scores(storage::VALIDATOR_TRUST, netuid),
            lambda,
        );
    }
}

fn pay<const ROLE: usize>(
    rows: &mut [Row],
    uids: &RowUids,
    scores: storage::Scores,
    lambda: PartsPerBillion,
) {
    let mut pool = RowPool::<ROLE> { rows, uids, scores };
    if redistribute(&mut pool, lambda).is_err() {
        trap()
    }
}

/// Which uid each row belongs to.
struct RowUids([u16; MAX_UIDS]);

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
}

struct RowPool<'a, const ROLE: usize> {
    rows: &'a mut [Row],
    uids: &'a RowUids,
    scores: storage::Scores,
}

impl<const ROLE: usize> Pool for RowPool<'_, ROLE> {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn amount(&self, index: usize) -> u64 {
        match self.rows.get(index) {
            Some(row) => u64::from_le_bytes(row.amounts[ROLE]),
            None => trap(),
        }
    }

    fn set_amount(&mut self, index: usize, amount: u64) {
        match self.rows.get_mut(index) {
            Some(row) => row.amounts[ROLE] = amount.to_le_bytes(),
            None => trap(),
        }
    }

    fn performance(&self, index: usize) -> u16 {
        match self.uids.0.get(index) {
            Some(&uid) => self.scores.of(usize::from(uid)),
            None => trap(),
        }
    }
}
