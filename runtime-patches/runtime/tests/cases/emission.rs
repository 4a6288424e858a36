//! D. Emission over the blocks of a whole epoch, and what of it is paid.

use crate::subnet::*;
use epochdiff_runtime::{Runtime, System};
use pallet_subtensor::alpha_assets::AlphaRecycled;
use pallet_subtensor::types::ROOT;
use pallet_subtensor::{
    block, emission, Delegates, LastEpochBlock, LastMechansimStepBlock, PendingServerEmission,
    SubnetAlphaIn, SubnetAlphaOut, SubnetEmissionEnabled, SubnetMechanism, SubnetMovingPrice,
    SubnetOwner, SubnetOwnerHotkey, SubnetTAO, TotalHotkeyAlpha,
};
use substrate_fixed::types::I96F32;

/// Alpha in the pool and outside it in every block of the H9 vectors, once the block's 10^9 rao are minted.
const ISSUED: u64 = 5_000_000_000_000_000;
const POOL: u64 = 1_000_000_000_000_000;
/// What a block sets aside (H9): owner cut, miners, validators, root.
const PARTS: [u64; 4] = [179_995_422, 410_002_288, 385_625_958, 24_376_330];
/// Stake of the validator in each of its pools before.
const STAKED: u64 = 5;

/// Rao after an epoch's blocks.
struct Epoch {
    /// Alpha of the subnet owner, the validator, the miners.
    paid: [u64; 4],
    recycled: u64,
}

/// 360 blocks of one subnet at a moving price, each with the issuance and root TAO of the H9 vectors, and the epoch of the last. The
/// subnet has an owner who does not mine; half of the epoch is the validator's, who takes nothing from its stakers, 3/8 and 1/8 the
/// miners'. No TAO is injected, so that nothing but the emission changes the issuance.
fn epoch_of_360_blocks(moving_price: I96F32) -> Epoch {
    let mut result = None;
    at_block(|| {
        one_validator();
        Delegates::<Runtime>::insert(hotkey(0), 0);
        SubnetOwner::<Runtime>::insert(NETUID, coldkey(9));
        SubnetOwnerHotkey::<Runtime>::insert(NETUID, hotkey(9));
        SubnetMechanism::<Runtime>::insert(NETUID, 1);
        SubnetEmissionEnabled::<Runtime>::insert(NETUID, false);
        SubnetTAO::<Runtime>::insert(NETUID, POOL);
        SubnetTAO::<Runtime>::insert(ROOT, 6_000_000_000_000_000);
        // Less root stake than root alpha, which therefore is not left to be claimed but staked.
        emission::stake::<Runtime>(&hotkey(0), &coldkey(0), ROOT, STAKED);
        LastEpochBlock::<Runtime>::insert(NETUID, BLOCK);
        for number in BLOCK + 1..=BLOCK + 360 {
            System::set_block_number(number as u32);
            SubnetAlphaIn::<Runtime>::insert(NETUID, POOL);
            SubnetAlphaOut::<Runtime>::insert(NETUID, ISSUED - POOL - 1_000_000_000);
            SubnetMovingPrice::<Runtime>::insert(NETUID, moving_price);
            block::step::<Runtime>(number);
            if number == BLOCK + 359 {
                assert_eq!(
                    PendingServerEmission::<Runtime>::get(NETUID),
                    PARTS[1] * 359
                );
                assert_eq!(LastMechansimStepBlock::<Runtime>::get(NETUID), 0);
            }
        }
        assert_eq!(LastMechansimStepBlock::<Runtime>::get(NETUID), BLOCK + 360);
        let alpha = |uid| TotalHotkeyAlpha::<Runtime>::get(hotkey(uid), NETUID);
        result = Some(Epoch {
            paid: [alpha(9), alpha(0) - STAKED, alpha(1), alpha(2)],
            recycled: AlphaRecycled::<Runtime>::get(NETUID),
        });
    });
    result.expect("the case has run")
}

/// What the blocks set aside for others than root.
fn set_aside() -> u64 {
    (PARTS[0] + PARTS[1] + PARTS[2]) * 360
}

#[test]
fn h9_epoch_of_360_blocks() {
    let epoch = epoch_of_360_blocks(I96F32::from_num(0.5));
    let [owner, validator, miners @ ..] = epoch.paid;
    assert_eq!(owner, 64_798_351_920);
    // E = 360 · (410002288 + 385625958) = 286 426 168 560. Halves and eighths of it are whole, so "about" is exact here.
    assert_eq!(miners, [286_426_168_560 / 8 * 3, 286_426_168_560 / 8]);
    assert_eq!(miners.iter().sum::<u64>(), 143_213_084_280);
    assert_eq!(
        validator, 138_825_344_880,
        "what was pending for validators"
    );
    assert_eq!(epoch.recycled, 8_775_478_800);
    let unpaid = set_aside() - epoch.paid.iter().sum::<u64>();
    assert_eq!(unpaid, 4_387_739_400);
    assert_eq!(unpaid, epoch.recycled / 2);
}

#[test]
fn case_54_half_of_the_recycled_root_alpha_ends_up_unpaid() {
    let one = I96F32::from_num(1);
    let exactly = epoch_of_360_blocks(one);
    assert_eq!(exactly.recycled, 8_775_478_800);
    let unpaid = set_aside() - exactly.paid.iter().sum::<u64>();
    assert_eq!(unpaid, 4_387_739_400);

    // A bit above, root's alpha is part of E: miners get half of 295 201 647 360, all that was set aside for them, and the root
    // alpha goes to the validator as well.
    let above = epoch_of_360_blocks(one + I96F32::from_bits(1));
    assert_eq!(above.recycled, 0);
    assert_eq!(
        above.paid,
        [
            64_798_351_920,
            138_825_344_880 + 8_775_478_800,
            110_700_617_760,
            36_900_205_920
        ]
    );
    assert_eq!(
        above.paid.iter().sum::<u64>(),
        set_aside() + 8_775_478_800,
        "nothing is unpaid"
    );
}
