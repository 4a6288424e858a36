//! The host functions of single keys of the main trie.

use crate::cache::{find, forget_value, id_of, put, put_none, value_of, STORAGE};
use crate::heap::malloc;
use crate::host;
use crate::memory::{copy, holds, pack, unpack};
use crate::state::state;

#[no_mangle]
pub unsafe extern "C" fn ext_storage_get_version_1(key: u64) -> u64 {
    let state = state();
    let (at, len) = unpack(key);
    let entry = find(state, STORAGE, at, len);
    let value = value_of(state, entry);
    if value.is_null() {
        return host::get(id_of(entry), entry as u32, key);
    }
    let len = (*value).len;
    let out = malloc(state, len);
    copy(out, (*value).at, len);
    pack(out, len)
}

#[no_mangle]
pub unsafe extern "C" fn ext_storage_exists_version_1(key: u64) -> u32 {
    let state = state();
    let (at, len) = unpack(key);
    let entry = find(state, STORAGE, at, len);
    let value = value_of(state, entry);
    if value.is_null() {
        return host::exists(id_of(entry), entry as u32, key);
    }
    // None is one byte, Some is more.
    u32::from((*value).len > 1)
}

#[no_mangle]
pub unsafe extern "C" fn ext_storage_read_version_1(key: u64, out: u64, offset: u32) -> u64 {
    let (at, len) = unpack(key);
    host::read(id_of(find(state(), STORAGE, at, len)), key, out, offset)
}

#[no_mangle]
pub unsafe extern "C" fn ext_storage_set_version_1(key: u64, value: u64) {
    let state = state();
    let (at, len) = unpack(key);
    let (value_at, value_len) = unpack(value);
    let entry = find(state, STORAGE, at, len);
    host::set(id_of(entry), at, len, value_at, value_len);
    if !entry.is_null() && holds(value_at, value_len) {
        put(state, entry, value_at, value_len);
    }
}

#[no_mangle]
pub unsafe extern "C" fn ext_storage_clear_version_1(key: u64) {
    let state = state();
    let (at, len) = unpack(key);
    let entry = find(state, STORAGE, at, len);
    host::clear(id_of(entry), at, len);
    if !entry.is_null() {
        put_none(state, entry);
    }
}

#[no_mangle]
pub unsafe extern "C" fn ext_storage_append_version_1(key: u64, item: u64) {
    let (at, len) = unpack(key);
    let entry = find(state(), STORAGE, at, len);
    if !entry.is_null() {
        forget_value(entry);
    }
    host::append(id_of(entry), key, item);
}

#[no_mangle]
pub unsafe extern "C" fn ext_storage_next_key_version_1(key: u64) -> u64 {
    let (at, len) = unpack(key);
    host::next_key(id_of(find(state(), STORAGE, at, len)), key)
}
