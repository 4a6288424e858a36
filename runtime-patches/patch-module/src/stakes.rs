//! Hook `stake_weights`: the total stake weights as the epoch takes them, one element a uid.

use crate::{
    memory,
    refusal::{refuse, Refusal},
    storage,
};
use policies::stake_bits::StakeBits;

/// `address` is where the function leaves its result: three vectors (total, alpha, root TAO) of I64F64.
const THREE_VECTORS: u32 = 0;
/// `address` is where `len` elements of I64F64 begin: the total stake weights after the threshold.
const SLICE: u32 = 1;

/// Traps unless there is one element a uid.
pub fn totals(address: u32, len: u32, netuid: u16, layout: u32) -> &'static mut [StakeBits] {
    let (address, uids) = (address as usize, storage::uid_count(netuid));
    // Only the runtime's function refers to them, and it has returned or waits.
    let elements = match layout {
        THREE_VECTORS => unsafe { memory::vec_elements(address, uids) },
        SLICE if len as usize == uids => unsafe { memory::elements(address, uids) },
        _ => None,
    };
    match elements {
        Some(elements) => elements,
        None => refuse(Refusal::StakeWeights),
    }
}

/// The vectors beside the totals, where there are any.
pub fn alpha_and_tao(address: u32, uids: usize, layout: u32) -> Option<[&'static [StakeBits]; 2]> {
    if layout != THREE_VECTORS {
        return None;
    }
    let vector = |index: usize| {
        let header = (address as usize).saturating_add(memory::VEC_BYTES.saturating_mul(index));
        match unsafe { memory::vec_elements(header, uids) } {
            Some(elements) => &*elements,
            None => refuse(Refusal::StakeWeights),
        }
    };
    Some([vector(1), vector(2)])
}
