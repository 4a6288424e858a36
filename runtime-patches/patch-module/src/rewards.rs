//! Hook `epoch_rewards`: what an epoch pays, as the pools that a policy redistributes.

use crate::{
    layouts::{Layout, Places, TermsOffsets},
    refusal::{refuse, Refusal},
    storage, trap, MAX_UIDS,
};
use policies::pool::{Pool, Refused};

const POOL_BOTH: u32 = 0;
const POOL_MINER: u32 = 1;
const POOL_VALIDATOR: u32 = 2;

#[derive(Clone, Copy)]
pub enum Role {
    Miner,
    Validator,
}

/// Working memory of a policy, a slot a uid.
type Slots = [u128; MAX_UIDS];

/// Runs after the function of the hook: `sret` is where it leaves its result, laid out as `layout` says (`layouts`). The
/// policy rewrites the amounts of one pool, then of the other. `pool` 0: both, 1: miners (performance = Consensus), 2:
/// validators (ValidatorTrust). Traps if the policy refuses.
pub fn redistribute(
    sret: u32,
    netuid: u32,
    layout: u32,
    pool: u32,
    policy: impl Fn(&mut RolePool, &mut Slots) -> Result<(), Refused>,
) {
    let (miners, validators) = match pool {
        POOL_BOTH => (true, true),
        POOL_MINER => (true, false),
        POOL_VALIDATOR => (false, true),
        _ => trap(),
    };
    let netuid = netuid as u16;
    let places = Places::find(sret, netuid, Layout::of(layout));
    let mut slots = [0; MAX_UIDS];
    let mut run = |role| {
        if policy(&mut RolePool::new(&places, netuid, role), &mut slots).is_err() {
            refuse(Refusal::OutOfRange)
        }
    };
    if miners {
        run(Role::Miner);
    }
    if validators {
        run(Role::Validator);
    }
}

/// What an epoch gives one uid, as it is laid before the host's hook: 24 bytes, little-endian.
#[repr(C, align(8))]
#[derive(Clone, Copy)]
pub struct HookRow {
    as_miner: u64,
    as_validator: u64,
    consensus: u16,
    validator_trust: u16,
    stake_weight: u16,
    unused: u16,
}

impl HookRow {
    const NOTHING: Self = Self {
        as_miner: 0,
        as_validator: 0,
        consensus: 0,
        validator_trust: 0,
        stake_weight: 0,
        unused: 0,
    };
}

/// Runs after the function of the hook, as `redistribute`. `rewrite` gets a row for each uid and rewrites the amounts, of
/// which those of the validators are proportions.
pub fn by_uid(sret: u32, netuid: u32, layout: u32, rewrite: impl FnOnce(&mut [HookRow])) {
    let netuid = netuid as u16;
    let places = Places::find(sret, netuid, Layout::of(layout));
    let mut miners = RolePool::new(&places, netuid, Role::Miner);
    let mut validators = RolePool::new(&places, netuid, Role::Validator);
    let weights = miners.stake_weights();
    let mut rows = [HookRow::NOTHING; MAX_UIDS];
    let Some(rows) = rows.get_mut(..places.len()) else {
        trap()
    };
    for (uid, row) in rows.iter_mut().enumerate() {
        *row = HookRow {
            as_miner: miners.amount(uid),
            as_validator: validators.amount(uid),
            consensus: miners.performance(uid),
            validator_trust: validators.performance(uid),
            stake_weight: weights.of(uid),
            unused: 0,
        };
    }
    rewrite(rows);
    for (uid, row) in rows.iter().enumerate() {
        miners.set_amount(uid, row.as_miner);
        validators.set_amount(uid, row.as_validator);
    }
}

/// The pool of one role; a member is a uid.
pub struct RolePool<'a> {
    places: &'a Places,
    role: Role,
    performance: Scores<'a>,
    netuid: u16,
}

/// A score of each uid, 65535 = 1.0, as the epoch computed it.
pub enum Scores<'a> {
    /// Stored already.
    Stored(storage::Scores),
    /// To be stored: at an offset in the uid's terms.
    InTerms(&'a Places, usize),
}

impl<'a> Scores<'a> {
    fn find(
        places: &'a Places,
        netuid: u16,
        item: storage::Item,
        offset: fn(TermsOffsets) -> usize,
    ) -> Self {
        match places.layout().terms() {
            None => Self::Stored(storage::scores(item, netuid)),
            Some(terms) => Self::InTerms(places, offset(terms)),
        }
    }

    pub fn of(&self, uid: usize) -> u16 {
        match self {
            Self::Stored(scores) => scores.of(uid),
            Self::InTerms(places, offset) => places.u16(uid, *offset),
        }
    }
}

impl<'a> RolePool<'a> {
    pub fn new(places: &'a Places, netuid: u16, role: Role) -> Self {
        let performance = match role {
            Role::Miner => {
                Scores::find(places, netuid, storage::CONSENSUS, |terms| terms.consensus)
            }
            Role::Validator => Scores::find(places, netuid, storage::VALIDATOR_TRUST, |terms| {
                terms.validator_trust
            }),
        };
        Self {
            places,
            role,
            performance,
            netuid,
        }
    }

    pub fn role(&self) -> Role {
        self.role
    }

    /// 65535 = all stake.
    pub fn stake_weights(&self) -> Scores<'a> {
        Scores::find(self.places, self.netuid, storage::STAKE_WEIGHT, |terms| {
            terms.stake_weight
        })
    }

    fn offset(&self) -> usize {
        match self.role {
            Role::Miner => self.places.layout().as_miner(),
            Role::Validator => self.places.layout().as_validator(),
        }
    }
}

impl Pool for RolePool<'_> {
    fn len(&self) -> usize {
        self.places.len()
    }

    fn amount(&self, uid: usize) -> u64 {
        u64::from_le_bytes(*self.places.bytes(uid, self.offset()))
    }

    fn set_amount(&mut self, uid: usize, amount: u64) {
        *self.places.bytes(uid, self.offset()) = amount.to_le_bytes();
    }

    fn performance(&self, uid: usize) -> u16 {
        self.performance.of(uid)
    }
}
