//! States with most items absent: a fork may hold one subnet and nothing else.

use crate::subnet::*;
use epochdiff_runtime::{Balances, Executive, Header, Runtime, System};
use pallet_subtensor::types::ROOT;
use pallet_subtensor::{
    block, AlphaDividendsPerSubnet, BlockEmission, Incentive, LastMechansimStepBlock,
    NetworksAdded, OwnerCutEnabled, PendingServerEmission, PendingValidatorEmission,
    SubnetAlphaOut, SubnetAlphaOutEmission, SubnetMechanism, SubnetTAO, TotalHotkeyAlpha,
    TotalIssuance, TotalStake,
};
use sp_io::TestExternalities;
use sp_runtime::traits::Header as _;

const ALPHA_A_BLOCK: u64 = 1_000_000_000;

/// The one validator's subnet, `blocks` blocks after an epoch, with no item of a pool.
fn after(blocks: u64, mechanism: Option<u16>, root: bool) {
    one_validator();
    OwnerCutEnabled::<Runtime>::insert(NETUID, false);
    pallet_subtensor::LastEpochBlock::<Runtime>::insert(NETUID, BLOCK);
    if let Some(mechanism) = mechanism {
        SubnetMechanism::<Runtime>::insert(NETUID, mechanism);
    }
    if root {
        NetworksAdded::<Runtime>::insert(ROOT, true);
        SubnetTAO::<Runtime>::insert(ROOT, 0);
    }
    for block in (BLOCK + 1..).take(blocks as usize) {
        System::set_block_number(block as u32);
        block::step::<Runtime>(block);
    }
}

#[test]
fn subnet_without_pool_emits_one_alpha_a_block_and_pays_it() {
    for mechanism in [None, Some(0), Some(1)] {
        for root in [false, true] {
            at_block(|| {
                after(359, mechanism, root);
                assert_eq!(
                    SubnetAlphaOutEmission::<Runtime>::get(NETUID),
                    ALPHA_A_BLOCK
                );
                assert_eq!(
                    PendingServerEmission::<Runtime>::get(NETUID),
                    359 * ALPHA_A_BLOCK / 2
                );
                assert_eq!(
                    PendingValidatorEmission::<Runtime>::get(NETUID),
                    359 * ALPHA_A_BLOCK / 2
                );
                assert_eq!(LastMechansimStepBlock::<Runtime>::get(NETUID), 0);
            });
            at_block(|| {
                after(360, mechanism, root);
                assert_eq!(LastMechansimStepBlock::<Runtime>::get(NETUID), BLOCK + 360);
                assert_eq!(PendingServerEmission::<Runtime>::get(NETUID), 0);
                assert_eq!(Incentive::<Runtime>::get(NETUID), [0, 49_151, 16_383]);
                let miner = TotalHotkeyAlpha::<Runtime>::get(hotkey(1), NETUID);
                assert_eq!(miner, 360 * ALPHA_A_BLOCK * 3 / 8);
                assert!(AlphaDividendsPerSubnet::<Runtime>::get(NETUID, hotkey(0)) > 0);
                // Nobody has root stake, so nothing of the alpha is recycled.
                assert!(SubnetAlphaOut::<Runtime>::get(NETUID) >= 360 * ALPHA_A_BLOCK);
            });
        }
    }
}

#[test]
fn tao_of_an_untouched_state_is_issued_into_the_subnet() {
    at_block(|| {
        after(1, Some(0), false);
        // No root stake: no alpha may be injected, so the whole share buys alpha at price 1.
        assert_eq!(TotalIssuance::<Runtime>::get(), 1_000_000_000);
        assert_eq!(Balances::total_issuance(), 1_000_000_000);
        assert_eq!(SubnetTAO::<Runtime>::get(NETUID), 1_000_000_000);
        assert_eq!(TotalStake::<Runtime>::get(), 1_000_000_000);
    });
    at_block(|| {
        after(1, Some(1), false);
        // No moving price, hence no share: all is burned again.
        assert_eq!(TotalIssuance::<Runtime>::get(), 0);
        assert_eq!(Balances::total_issuance(), 0);
    });
}

#[test]
fn empty_state_opens_a_block() {
    TestExternalities::default().execute_with(|| {
        let header = Header::new(
            1,
            Default::default(),
            Default::default(),
            Default::default(),
            Default::default(),
        );
        Executive::initialize_block(&header);
        assert_eq!(TotalIssuance::<Runtime>::get(), 0);
        assert_eq!(BlockEmission::<Runtime>::get(), 1_000_000_000);
    });
}
