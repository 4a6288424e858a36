//! Bytes that the runtime passed, and what they stand for as far as it is known: keys of storage and their values, what was hashed and its
//! hash.

use crate::host::forgotten;
use crate::memory::{copy, holds, load, load64, load8, store, store64, store8};
use crate::state::{arena, state, table, State, SLOTS};

const LONGEST_KEY: u32 = 255;
/// A longer value stays JavaScript's.
const LONGEST_VALUE: u32 = 4_096;
const MOST_KEYS: u32 = SLOTS / 4 * 3;

#[repr(C)]
pub struct Entry {
    hash: u32,
    /// The key's length, and what it is a key of.
    len_and_kind: u32,
    pub id: u32,
    /// The next of the entries that a call wrote, and that call.
    next_written: u32,
    listed: u32,
    /// As the call wrote it: it holds in the state's `call_era`.
    written: Value,
    /// As it was committed, which holds in the state's `committed_era` unless the call wrote another.
    committed: Value,
}

/// A value as `Option<Vec<u8>>`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Value {
    pub at: u32,
    pub len: u32,
    /// How long it may become where it is.
    room: u32,
    /// When it held; never 0 for a value that is known.
    era: u32,
}

/// What keys have in common whose bytes are nowhere: they are too long, or beyond the memory.
pub const NO_ID: u32 = u32::MAX;

/// # Safety
/// `entry` is null or was given by `find` since the last time that all was forgotten.
#[inline(always)]
pub unsafe fn id_of(entry: *mut Entry) -> u32 {
    if entry.is_null() {
        NO_ID
    } else {
        (*entry).id
    }
}

/// The value as it is now; null where it is not known.
#[inline(always)]
pub unsafe fn value_of(state: *mut State, entry: *mut Entry) -> *const Value {
    if entry.is_null() {
        core::ptr::null()
    } else if (*entry).written.era == (*state).call_era {
        &raw const (*entry).written
    } else if (*entry).committed.era == (*state).committed_era {
        &raw const (*entry).committed
    } else {
        core::ptr::null()
    }
}

#[inline(always)]
fn key_at(entry: *mut Entry) -> u32 {
    entry as u32 + size_of::<Entry>() as u32
}

/// Kind of the keys of storage; the others are of hash functions, as in `hashing`.
pub const STORAGE: u32 = 0;

/// Where a key is kept; it is taken up when it is new. Null for one that cannot be kept.
pub unsafe fn find(state: *mut State, kind: u32, key: u32, len: u32) -> *mut Entry {
    if len.wrapping_sub(1) >= LONGEST_KEY || !holds(key, len) {
        return core::ptr::null_mut();
    }
    let len_and_kind = len | (kind << 8);
    let hash = hash_of(key, len, len_and_kind);
    let mut slot = hash & (SLOTS - 1);
    loop {
        let entry = load(table(state) + slot * 4) as *mut Entry;
        if entry.is_null() {
            return add(state, key, len_and_kind, hash);
        }
        if (*entry).hash == hash
            && (*entry).len_and_kind == len_and_kind
            && equal(key_at(entry), key, len)
        {
            return entry;
        }
        slot = (slot + 1) & (SLOTS - 1);
    }
}

/// Takes up what the call writes.
#[inline(always)]
pub unsafe fn put(state: *mut State, entry: *mut Entry, value: u32, len: u32) {
    let at = place(state, entry, &raw mut (*entry).written, len);
    if at != 0 {
        copy(at, value, len);
        mark_written(state, entry);
    }
}

pub unsafe fn put_none(state: *mut State, entry: *mut Entry) {
    if place_none(state, &raw mut (*entry).written) {
        mark_written(state, entry);
    }
}

/// What was hashed, if its hash is known.
#[inline(always)]
pub unsafe fn hash_known(entry: *mut Entry) -> *const Value {
    if entry.is_null() || (*entry).committed.era != FOREVER {
        core::ptr::null()
    } else {
        &raw const (*entry).committed
    }
}

/// Takes up a hash that JavaScript made.
#[no_mangle]
pub unsafe extern "C" fn learn_hash(entry: u32, at: u32, len: u32) {
    let value = &raw mut (*(entry as *mut Entry)).committed;
    if reserve(state(), value, len) {
        copy((*value).at, at, len);
        (*value).era = FOREVER;
    }
}

/// The era of hashes.
const FOREVER: u32 = u32::MAX;

#[inline(always)]
pub unsafe fn forget_value(entry: *mut Entry) {
    (*entry).written.era = 0;
    (*entry).committed.era = 0;
}

/// Takes up a value that JavaScript found. For `len` of `NONE` there is no value.
/// @returns where its bytes belong; 0 for no value, or one that is not kept
#[no_mangle]
pub unsafe extern "C" fn learn(entry: u32, len: u32, written: u32) -> u32 {
    let state = state();
    let entry = entry as *mut Entry;
    let value = if written == 1 {
        &raw mut (*entry).written
    } else {
        &raw mut (*entry).committed
    };
    let at = if len == NONE {
        if !place_none(state, value) {
            return 0;
        }
        0
    } else {
        let at = place(state, entry, value, len);
        if at == 0 {
            return 0;
        }
        at
    };
    if written == 1 {
        mark_written(state, entry);
    } else {
        (*value).era = (*state).committed_era;
    }
    at
}

const NONE: u32 = u32::MAX;

/// Begins a call, which has written nothing yet. `kept`: what the last one wrote was committed.
#[no_mangle]
pub unsafe extern "C" fn begin_call(kept: u32) {
    let state = state();
    if kept == 1 {
        let mut entry = (*state).written as *mut Entry;
        while !entry.is_null() {
            if (*entry).written.era == (*state).call_era {
                let (written, committed) = (&raw mut (*entry).written, &raw mut (*entry).committed);
                let (at, len, room) = ((*written).at, (*written).len, (*written).room);
                (*written).at = (*committed).at;
                (*written).room = (*committed).room;
                (*written).era = 0;
                (*committed).at = at;
                (*committed).len = len;
                (*committed).room = room;
                (*committed).era = (*state).committed_era;
            }
            entry = (*entry).next_written as *mut Entry;
        }
    }
    (*state).written = 0;
    (*state).call += 1;
    (*state).call_era = next_era(state);
}

/// Every value has to be asked for anew: any of them may be another now.
#[no_mangle]
pub unsafe extern "C" fn forget_values() {
    let state = state();
    (*state).committed_era = next_era(state);
    (*state).call_era = next_era(state);
}

/// A new region, which ends at `end`.
#[no_mangle]
pub unsafe extern "C" fn open_region(end: u32) {
    let state = state();
    (*state).region_end = end;
    (*state).arena_end = arena(state);
    forget_values();
}

unsafe fn next_era(state: *mut State) -> u32 {
    // Four thousand million calls and rollbacks are more than any run has.
    (*state).last_era += 1;
    (*state).last_era
}

#[inline(always)]
unsafe fn mark_written(state: *mut State, entry: *mut Entry) {
    (*entry).written.era = (*state).call_era;
    if (*entry).listed != (*state).call {
        (*entry).listed = (*state).call;
        (*entry).next_written = (*state).written;
        (*state).written = entry as u32;
    }
}

/// Writes the head of `Some` before a value of `len` bytes: where those belong, or 0 if the value cannot be kept.
#[inline(always)]
unsafe fn place(state: *mut State, entry: *mut Entry, value: *mut Value, len: u32) -> u32 {
    if len > LONGEST_VALUE {
        forget_value(entry);
        return 0;
    }
    let head = if len < 64 { 2 } else { 3 };
    if !reserve(state, value, head + len) {
        return 0;
    }
    let at = (*value).at;
    store8(at, 1);
    // SCALE's compact length.
    if len < 64 {
        store8(at + 1, len << 2);
    } else {
        store8(at + 1, (len << 2) | 1);
        store8(at + 2, len >> 6);
    }
    at + head
}

unsafe fn place_none(state: *mut State, value: *mut Value) -> bool {
    if !reserve(state, value, 1) {
        return false;
    }
    store8((*value).at, 0);
    true
}

/// Makes room for so many bytes of value. Where there is none all is forgotten, the value's key too.
#[inline(always)]
unsafe fn reserve(state: *mut State, value: *mut Value, len: u32) -> bool {
    if (*value).room < len {
        let room = (len + 7) & !7;
        let at = take(state, room);
        if at == 0 {
            return false;
        }
        (*value).at = at;
        (*value).room = room;
    }
    (*value).len = len;
    true
}

/// A piece of the arena; 0 if it was full, and then it is empty now.
#[inline(always)]
unsafe fn take(state: *mut State, bytes: u32) -> u32 {
    let at = (*state).arena_end;
    if (*state).region_end - at < bytes {
        forget_all(state);
        return 0;
    }
    (*state).arena_end = at + bytes;
    at
}

#[cold]
unsafe fn forget_all(state: *mut State) {
    let mut slot = 0;
    while slot < SLOTS {
        store(table(state) + slot * 4, 0);
        slot += 1;
    }
    (*state).arena_end = arena(state);
    (*state).keys = 0;
    (*state).written = 0;
    forgotten();
}

#[cold]
unsafe fn add(state: *mut State, key: u32, len_and_kind: u32, hash: u32) -> *mut Entry {
    let len = len_and_kind & LONGEST_KEY;
    if (*state).keys == MOST_KEYS {
        forget_all(state);
    }
    // Keys are kept by words: a short one takes a whole one.
    let room = (size_of::<Entry>() as u32 + len.max(8) + 7) & !7;
    let mut at = take(state, room);
    if at == 0 {
        at = take(state, room);
    }
    let entry = at as *mut Entry;
    (*entry).hash = hash;
    (*entry).len_and_kind = len_and_kind;
    (*entry).id = (*state).keys;
    (*entry).listed = 0;
    (*entry).written.room = 0;
    (*entry).committed.room = 0;
    forget_value(entry);
    (*state).keys += 1;
    if len < 8 {
        store64(key_at(entry), short_word(key, len));
    } else {
        copy(key_at(entry), key, len);
    }
    let mut slot = hash & (SLOTS - 1);
    while load(table(state) + slot * 4) != 0 {
        slot = (slot + 1) & (SLOTS - 1);
    }
    store(table(state) + slot * 4, at);
    entry
}

/// By words, the last of which overlaps the one before it; the length tells keys apart that are the same but for that. Two at a time,
/// which do not wait for each other.
#[inline(always)]
unsafe fn hash_of(key: u32, len: u32, first: u32) -> u32 {
    let mut mix = u64::from(first);
    let mut other = 0;
    if len < 8 {
        mix = mixed(mix, short_word(key, len));
    } else {
        let last = len - 8;
        let mut at = 0;
        while at + 8 < last {
            mix = mixed(mix, load64(key + at));
            other = mixed(other, load64(key + at + 8));
            at += 16;
        }
        if at < last {
            mix = mixed(mix, load64(key + at));
        }
        other = mixed(other, load64(key + last));
    }
    // A product's low bits know nothing of its factors' high ones.
    mix = mixed(mix, other ^ (other >> 32));
    (mixed(0, mix ^ (mix >> 32)) >> 32) as u32
}

#[inline(always)]
fn mixed(mix: u64, word: u64) -> u64 {
    (mix.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Of less than 8 bytes.
unsafe fn short_word(key: u32, len: u32) -> u64 {
    let mut word = 0;
    let mut at = 0;
    while at < len {
        word = (word << 8) | u64::from(load8(key + at));
        at += 1;
    }
    word
}

/// @param kept as `add` keeps it
#[inline(always)]
unsafe fn equal(kept: u32, key: u32, len: u32) -> bool {
    if len < 8 {
        return load64(kept) == short_word(key, len);
    }
    let last = len - 8;
    let mut at = 0;
    while at + 8 < last {
        if differing(kept, key, at) | differing(kept, key, at + 8) != 0 {
            return false;
        }
        at += 16;
    }
    // Of words that overlap some are compared twice.
    differing(kept, key, at.min(last)) | differing(kept, key, last) == 0
}

#[inline(always)]
unsafe fn differing(kept: u32, key: u32, at: u32) -> u64 {
    load64(kept + at) ^ load64(key + at)
}
