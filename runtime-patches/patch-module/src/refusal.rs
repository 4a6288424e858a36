//! Stops the run and says why: as the number of an error in a line of the runtime's log.

#[link(wasm_import_module = "env")]
extern "C" {
    /// Target and message as pointer | length << 32.
    fn ext_logging_log_version_1(level: u32, target: u64, message: u64);
}

const LEVEL_ERROR: u32 = 1;

/// Numbers of errors in docs/errors.md.
#[derive(Clone, Copy)]
pub enum Refusal {
    /// The epoch's rewards are not one for each uid, with the hotkeys of `Keys`.
    Rewards = 331,
    /// The stake weights are not one for each uid.
    StakeWeights = 332,
    /// A role split would take more from a pool than is in it.
    PoolTooSmall = 333,
    /// A subnet, an amount or a stored value that the policies have no arithmetic for.
    OutOfRange = 334,
}

/// Logs `epochdiff: E331` and traps.
pub fn refuse(refusal: Refusal) -> ! {
    let number = refusal as u32;
    let digit = |place: u32| b'0'.wrapping_add((number / place % 10) as u8);
    // Put together from numbers: a string would become data, which this module cannot have.
    let target = [
        u64::from_le_bytes(*b"epochdif").to_le(),
        u64::from(b'f').to_le(),
    ];
    let message = u32::from_le_bytes([b'E', digit(100), digit(10), digit(1)]).to_le();
    let packed = |address: *const u8, bytes: u64| u64::from(address as usize as u32) | bytes << 32;
    unsafe {
        ext_logging_log_version_1(
            LEVEL_ERROR,
            packed(target.as_ptr().cast(), 9),
            packed(core::ptr::from_ref(&message).cast(), 4),
        );
    }
    crate::trap()
}
