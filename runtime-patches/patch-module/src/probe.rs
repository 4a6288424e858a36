//! What the hooks find, left in storage for a comparison with the state: whether a layout is what it is taken for is told
//! by its numbers alone. Only a trial run carries these functions.

use crate::{
    layouts::{Layout, Places},
    stakes, storage,
};

const STAKE_WEIGHTS: u16 = 0;
const EPOCH_REWARDS: u16 = 1;

/// A uid's total stake weight and, where the layout has them, alpha and root TAO.
#[no_mangle]
extern "C" fn probe_stake_weights(address: u32, len: u32, netuid: u32, layout: u32) {
    let netuid = netuid as u16;
    let totals = stakes::totals(address, len, netuid, layout);
    let others = stakes::alpha_and_tao(address, totals.len(), layout);
    for (uid, total) in totals.iter().enumerate() {
        let mut value = [[0; 16]; 3];
        let [total_slot, alpha_slot, tao_slot] = &mut value;
        *total_slot = total.bits().to_le_bytes();
        if let Some([alpha, tao]) = others {
            for (slot, stakes) in [(alpha_slot, alpha), (tao_slot, tao)] {
                if let Some(stake) = stakes.get(uid) {
                    *slot = stake.bits().to_le_bytes();
                }
            }
        }
        let size = if others.is_some() { 48 } else { 16 };
        let address = value.as_ptr() as usize;
        storage::leave_probe(STAKE_WEIGHTS, netuid, uid as u16, address, size);
    }
}

/// The hotkey of a uid, which `Places` compared, and its row's or terms' bytes.
#[no_mangle]
extern "C" fn probe_epoch_rewards(sret: u32, netuid: u32, _rao: u64, layout: u32) {
    let netuid = netuid as u16;
    let layout = Layout::of(layout);
    let places = Places::find(sret, netuid, layout);
    for uid in 0..places.len() {
        match layout {
            Layout::Rows => leave_rewards::<48>(&places, netuid, uid),
            Layout::Terms => leave_rewards::<64>(&places, netuid, uid),
        }
    }
}

fn leave_rewards<const BYTES: usize>(places: &Places, netuid: u16, uid: usize) {
    #[repr(C)]
    struct Value<const BYTES: usize> {
        hotkey: [u8; 32],
        bytes: [u8; BYTES],
    }
    let value = Value::<BYTES> {
        hotkey: storage::with_hotkey(netuid, uid as u16, |hotkey| *hotkey),
        bytes: *places.bytes(uid, 0),
    };
    let size = size_of::<Value<BYTES>>();
    storage::leave_probe(
        EPOCH_REWARDS,
        netuid,
        uid as u16,
        core::ptr::from_ref(&value) as usize,
        size,
    );
}
