//! The epoch's hooks as the chain's own build of spec 425 has them: the results of a mechanism in a map by hotkey, and the
//! stake weights put into their caller. The numbers are those of the build without this feature.

use crate::epoch::{hotkeys, Outcomes, Subnet};
use crate::types::NetUid;
use crate::Config;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use sp_runtime::{AccountId32, SaturatedConversion};
use substrate_fixed::types::I64F64;
use yuma::{EpochOutput, RaoSplit};

/// What a mechanism yields for one hotkey, 64 bytes.
#[repr(C)]
pub struct EpochTerms {
    /// Rao as a validator, rao as a miner: the payout takes these alone.
    pub validator_emission: u64,
    pub server_emission: u64,
    /// Rao, as it is stored.
    pub emission: u64,
    /// Rao before the threshold.
    pub stake: u64,
    pub uid: usize,
    pub bond: Vec<(u16, u16)>,
    pub dividend: u16,
    pub incentive: u16,
    pub stake_weight: u16,
    pub consensus: u16,
    pub validator_trust: u16,
    pub active: bool,
    pub new_validator_permit: bool,
}

/// The map comes first, where the chain's function returns it alone.
#[repr(C)]
pub struct MechanismEpoch {
    terms: BTreeMap<AccountId32, EpochTerms>,
    output: EpochOutput,
    emission: RaoSplit,
}

/// Runs the mechanisms in turn and takes the rao of each from its terms.
#[inline(always)]
pub fn run_mechanisms<T: Config>(netuid: NetUid, parts: Vec<u64>) -> Outcomes {
    let mut results = Vec::new();
    for (mechanism, part) in (0u8..).zip(parts) {
        let MechanismEpoch {
            terms,
            output,
            mut emission,
        } = epoch_mechanism::<T>(netuid, mechanism, part);
        for EpochTerms {
            uid,
            server_emission,
            validator_emission,
            ..
        } in terms.values()
        {
            for (amounts, amount) in [
                (&mut emission.server, server_emission),
                (&mut emission.validator, validator_emission),
            ] {
                if let Some(slot) = amounts.get_mut(*uid) {
                    *slot = *amount;
                }
            }
        }
        results.push((part, output, emission));
    }
    Outcomes {
        block: frame_system::Pallet::<T>::block_number().saturated_into(),
        hotkeys: hotkeys::<T>(netuid),
        results,
    }
}

/// A hook: tools find it by its symbol and change the rao of the terms.
#[inline(never)]
pub fn epoch_mechanism<T: Config>(netuid: NetUid, mechanism: u8, rao: u64) -> MechanismEpoch {
    let subnet = Subnet::read::<T>(netuid);
    let (output, emission) = subnet.run::<T>(mechanism, rao, inplace_normalize_64);
    let mut terms = BTreeMap::new();
    for (uid, hotkey) in hotkeys::<T>(netuid).into_iter().flatten().enumerate() {
        fn at<V: Copy + Default>(values: &[V], uid: usize) -> V {
            values.get(uid).copied().unwrap_or_default()
        }
        let term = EpochTerms {
            validator_emission: at(&emission.validator, uid),
            server_emission: at(&emission.server, uid),
            emission: at(&emission.combined, uid),
            stake: at(&output.stake_term, uid),
            uid,
            bond: output.bonds.get(uid).cloned().unwrap_or_default(),
            dividend: at(&output.dividends, uid),
            incentive: at(&output.incentive, uid),
            stake_weight: at(&output.stake_weight, uid),
            consensus: at(&output.consensus, uid),
            validator_trust: at(&output.validator_trust, uid),
            active: at(&output.active, uid),
            new_validator_permit: at(&output.validator_permit, uid),
        };
        terms.insert(hotkey, term);
    }
    MechanismEpoch {
        terms,
        output,
        emission,
    }
}

/// A hook: tools find it by its symbol and change the stake after the threshold, one element a uid.
#[inline(never)]
fn inplace_normalize_64(stake: &mut [I64F64]) {
    yuma::normalise_stake(stake)
}
