//! SubtensorModule's storage, read through the runtime's own host function.
//!
//! Keys are put together from numbers, never from byte strings: those would become data, which this module cannot have.

use crate::{
    memory,
    refusal::{refuse, Refusal},
    MAX_UIDS,
};

#[link(wasm_import_module = "env")]
extern "C" {
    /// Key as pointer | length << 32; returns the same for a SCALE `Option<Vec<u8>>` that the host allocated: the
    /// stored bytes after their own compact length.
    fn ext_storage_get_version_1(key: u64) -> u64;
    fn ext_allocator_free_version_1(pointer: u32);
    /// Key and value as pointer | length << 32.
    fn ext_storage_set_version_1(key: u64, value: u64);
}

/// twox128("SubtensorModule"), as two big-endian words.
const PALLET: [u64; 2] = [0x658f_aa38_5070_e074, 0xc85b_f6b5_68cf_0555];

/// twox128 of an item's name, as two big-endian words.
#[derive(Clone, Copy)]
pub struct Item(u64, u64);

const SUBNETWORK_N: Item = Item(0xa104_8e9d_2441_7185, 0x2dfe_8db3_14dc_68ca);
const STAKE_THRESHOLD: Item = Item(0x782d_99eb_aa64_a1ba, 0x18b3_e8cd_a104_7327);
const KEYS: Item = Item(0x9f99_a2ce_711f_3a31, 0xb2fc_0560_4c93_f179);
const VALIDATOR_PERMIT: Item = Item(0x56af_5b07_ace5_9da2, 0xc9d7_f0d4_8bc9_3143);
pub const VALIDATOR_TRUST: Item = Item(0x372b_10ce_520c_7562, 0x8579_6e43_6e44_318e);
pub const STAKE_WEIGHT: Item = Item(0x77ad_8cc9_064f_1da3, 0xa445_5d92_db46_61ef);
pub const CONSENSUS: Item = Item(0x925b_d763_7d04_9b4f, 0x2508_e14e_b43b_51a1);

/// pallet (16) ++ item (16) ++ netuid (2) ++ uid (2); shorter keys use its beginning.
#[repr(C, align(8))]
struct Key {
    pallet: [u64; 2],
    item: [u64; 2],
    netuid: u16,
    uid: u16,
}

/// What the host answers to a key made of the bytes of `key`, as it is.
///
/// # Safety
/// `T` has no padding; what the answer points to is not freed.
pub unsafe fn ask_host<T>(key: &T) -> u64 {
    let at = core::ptr::from_ref(key) as usize as u64;
    unsafe { ext_storage_get_version_1(at | (size_of::<T>() as u64) << 32) }
}

const VALUE_BYTES: usize = 32;
const MAP_BYTES: usize = 34;
const DOUBLE_MAP_BYTES: usize = 36;

/// A stored value, in memory that the host allocated and that goes back to it.
pub struct Stored {
    pointer: u32,
    bytes: &'static [u8],
}

impl Stored {
    /// The value's SCALE bytes, `None` if the key is absent.
    fn value(&self) -> Option<&[u8]> {
        match self.bytes {
            [0] => None,
            [1, bytes @ ..] => match compact_length(bytes) {
                Some((len, offset)) if bytes.len() - offset == len => bytes.get(offset..),
                _ => refuse(Refusal::OutOfRange),
            },
            _ => refuse(Refusal::OutOfRange),
        }
    }
}

impl Drop for Stored {
    fn drop(&mut self) {
        unsafe { ext_allocator_free_version_1(self.pointer) }
    }
}

fn read(item: Item, netuid: u16, uid: u16, key_bytes: usize) -> Stored {
    let [pallet_high, pallet_low] = PALLET;
    let key = Key {
        pallet: [pallet_high.to_be(), pallet_low.to_be()],
        item: [item.0.to_be(), item.1.to_be()],
        netuid: netuid.to_le(),
        uid: uid.to_le(),
    };
    let at = core::ptr::from_ref(&key) as usize as u64;
    let packed = unsafe { ext_storage_get_version_1(at | (key_bytes as u64) << 32) };
    let pointer = packed as u32;
    match unsafe { memory::elements(pointer as usize, (packed >> 32) as usize) } {
        Some(bytes) => Stored { pointer, bytes },
        None => refuse(Refusal::OutOfRange),
    }
}

/// SubnetworkN: how many uids the subnet has. Refuses more than `MAX_UIDS`.
pub fn uid_count(netuid: u16) -> usize {
    let count = match read(SUBNETWORK_N, netuid, 0, MAP_BYTES).value() {
        None => 0,
        Some(&[low, high]) => usize::from(u16::from_le_bytes([low, high])),
        Some(_) => refuse(Refusal::OutOfRange),
    };
    if count > MAX_UIDS {
        refuse(Refusal::OutOfRange)
    }
    count
}

/// StakeThreshold in rao, 0 when absent.
pub fn stake_threshold_rao() -> u64 {
    match read(STAKE_THRESHOLD, 0, 0, VALUE_BYTES).value() {
        None => 0,
        Some(value) => match value.try_into() {
            Ok(bytes) => u64::from_le_bytes(bytes),
            Err(_) => refuse(Refusal::OutOfRange),
        },
    }
}

/// Calls `then` with the hotkey of a uid; refuses if the uid has none.
pub fn with_hotkey<R>(netuid: u16, uid: u16, then: impl FnOnce(&[u8; 32]) -> R) -> R {
    let stored = read(KEYS, netuid, uid, DOUBLE_MAP_BYTES);
    match stored.value().map(TryInto::try_into) {
        Some(Ok(hotkey)) => then(hotkey),
        _ => refuse(Refusal::Rewards),
    }
}

/// A stored vector with one element of `SIZE` bytes a uid.
pub struct PerUid<const SIZE: usize> {
    stored: Stored,
    /// Where the elements begin: after the compact length.
    offset: usize,
}

impl<const SIZE: usize> PerUid<SIZE> {
    /// `None` for a uid beyond the vector's end.
    fn element(&self, uid: usize) -> Option<&[u8; SIZE]> {
        let elements = self.stored.value()?.get(self.offset..)?;
        elements.as_chunks().0.get(uid)
    }
}

/// Refuses if the value is not a SCALE vector of such elements. An absent value is an empty vector.
fn per_uid<const SIZE: usize>(item: Item, netuid: u16) -> PerUid<SIZE> {
    let stored = read(item, netuid, 0, MAP_BYTES);
    let offset = match stored.value() {
        None => 0,
        Some(value) => match compact_length(value) {
            Some((len, offset)) if value.len() - offset == len * SIZE => offset,
            _ => refuse(Refusal::OutOfRange),
        },
    };
    PerUid { stored, offset }
}

/// A SCALE compact length below 2^30 and the bytes it takes.
fn compact_length(value: &[u8]) -> Option<(usize, usize)> {
    match *value {
        [a, ..] if a & 3 == 0 => Some((usize::from(a >> 2), 1)),
        [a, b, ..] if a & 3 == 1 => Some((usize::from(u16::from_le_bytes([a, b]) >> 2), 2)),
        [a, b, c, d, ..] if a & 3 == 2 => {
            Some(((u32::from_le_bytes([a, b, c, d]) >> 2) as usize, 4))
        }
        _ => None,
    }
}

/// ValidatorPermit. A uid beyond the stored vector's end has none, as in the epoch.
pub struct Permits(PerUid<1>);

pub fn permits(netuid: u16) -> Permits {
    Permits(per_uid(VALIDATOR_PERMIT, netuid))
}

impl Permits {
    pub fn has(&self, uid: usize) -> bool {
        match self.0.element(uid) {
            None | Some([0]) => false,
            Some([1]) => true,
            Some(_) => refuse(Refusal::OutOfRange),
        }
    }
}

/// ValidatorTrust, Consensus or StakeWeight as the epoch just stored them, 65535 = 1.0.
pub struct Scores(PerUid<2>);

pub fn scores(item: Item, netuid: u16) -> Scores {
    Scores(per_uid(item, netuid))
}

impl Scores {
    /// Refuses for a uid without an element: the epoch stores one for each.
    pub fn of(&self, uid: usize) -> u16 {
        match self.0.element(uid) {
            Some(&bytes) => u16::from_le_bytes(bytes),
            None => refuse(Refusal::OutOfRange),
        }
    }
}

/// Key of what a probe leaves for whoever compares it with the state: `:epochdiff:probe` (16) ++ hook (2) ++ netuid (2) ++
/// uid (2).
#[repr(C, align(8))]
struct ProbeKey {
    prefix: [u64; 2],
    hook: u16,
    netuid: u16,
    uid: u16,
}

const PROBE_KEY_BYTES: u64 = 22;

/// Stores what a hook found for a uid: `size` bytes at `value`.
pub fn leave_probe(hook: u16, netuid: u16, uid: u16, value: usize, size: usize) {
    let key = ProbeKey {
        prefix: [
            u64::from_le_bytes(*b":epochdi").to_le(),
            u64::from_le_bytes(*b"ff:probe").to_le(),
        ],
        hook: hook.to_le(),
        netuid: netuid.to_le(),
        uid: uid.to_le(),
    };
    let address = core::ptr::from_ref(&key) as usize as u64;
    unsafe {
        ext_storage_set_version_1(
            address | PROBE_KEY_BYTES << 32,
            value as u64 | (size as u64) << 32,
        )
    }
}
