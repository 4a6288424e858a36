//! What JavaScript gives. `entry` is where a key is kept here (0: nowhere), `id` its number: JavaScript keeps the key's string by it.

#[link(wasm_import_module = "host")]
extern "C" {
    /// Where the region begins.
    pub fn region() -> u32;
    /// Throws: never comes back.
    pub fn fault(code: u32, detail: u32) -> !;
    /// All ids are given anew from now on.
    pub fn forgotten();
    /// `ext_storage_get` of a value that is not known here.
    pub fn get(id: u32, entry: u32, key: u64) -> u64;
    pub fn exists(id: u32, entry: u32, key: u64) -> u32;
    pub fn read(id: u32, key: u64, out: u64, offset: u32) -> u64;
    /// Writes a value.
    pub fn set(id: u32, key_at: u32, key_len: u32, value_at: u32, value_len: u32);
    pub fn clear(id: u32, key_at: u32, key_len: u32);
    pub fn append(id: u32, key: u64, item: u64);
    pub fn next_key(id: u32, key: u64) -> u64;
    /// A hash that is not known here.
    pub fn hash(kind: u32, entry: u32, data: u64) -> u32;
}

/// Codes of `fault`, as in harness/engine/native/storageCache.ts.
pub const TOO_LARGE: u32 = 0;
pub const NO_HEAP: u32 = 1;
pub const BROKEN_HEADER: u32 = 2;
pub const NO_BLOCK: u32 = 3;
pub const BLOCK_NOT_IN_USE: u32 = 4;
pub const OVER_LIMIT: u32 = 5;
