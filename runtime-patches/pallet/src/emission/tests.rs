//! Emission over storage: the cases that the arithmetic alone does not show.

use super::coinbase::subnet_account;
use super::mock::*;
use super::*;
use crate::alpha_assets::{AlphaRecycled, TotalAlphaIssuance};
use crate::rules::Rules;
use crate::swap::{Balancer, PalSwapInitialized, SwapBalancer};
use crate::types::{NetUid, ROOT};
use crate::*;
use frame_support::traits::fungible::{Inspect, Mutate};
use sp_runtime::Perquintill;
use substrate_fixed::types::{I96F32, U96F32};

/// TAO or alpha emission of a block before the first halving, rao.
const FULL: u64 = 1_000_000_000;

fn balance(netuid: NetUid) -> u64 {
    Tao::balance(&subnet_account(netuid))
}

fn emit(subnets: &[NetUid]) {
    let credit = mint_block_emission::<Test>();
    emit_to_subnets::<Test>(Rules::current::<Test>(), subnets, credit);
}

#[test]
fn case_44_emission_ends() {
    on_empty_state(|| {
        TotalIssuance::<Test>::put(20_999_999_999_999_999);
        emit(&[]);
        assert_eq!(BlockEmission::<Test>::get(), 0, "the end of the curve");
        TotalIssuance::<Test>::put(21_000_000_000_000_000);
        BlockEmission::<Test>::put(7);
        emit(&[]);
        assert_eq!(BlockEmission::<Test>::get(), 7, "beyond the curve");
        assert_eq!(Tao::total_issuance(), 0);
    });
}

#[test]
fn minting_stops_at_the_hard_cap_of_balances() {
    on_empty_state(|| {
        add_heavy_root();
        add_subnet(2, 1.0);
        Tao::set_balance(&account(9), 20_999_999_999_999_000);
        emit(&[2]);
        assert_eq!(balance(2), 1_000);
        assert_eq!(TotalIssuance::<Test>::get(), 1_000);
        assert_eq!(Tao::total_issuance(), 21_000_000_000_000_000);
    });
}

#[test]
fn case_45_the_last_subnet_leaves_its_alpha_emission() {
    on_empty_state(|| {
        add_subnet(2, 1.0);
        add_subnet(3, 1.0);
        SubnetAlphaOut::<Test>::insert(3, 15_000_000_000_000_000);
        emit(&[2, 3]);
        assert_eq!(SubnetAlphaOutEmission::<Test>::get(2), FULL);
        assert_eq!(SubnetAlphaOutEmission::<Test>::get(3), FULL / 4);
        assert_eq!(BlockEmission::<Test>::get(), FULL / 4);
    });
}

#[test]
fn case_46_without_emitters_everything_is_burned() {
    on_empty_state(|| {
        TotalIssuance::<Test>::put(5_000);
        Tao::set_balance(&account(9), 7_000);
        emit(&[]);
        assert_eq!(TotalIssuance::<Test>::get(), 5_000);
        assert_eq!(Tao::total_issuance(), 7_000);
    });
}

#[test]
fn case_47_fallbacks_of_the_shares() {
    on_empty_state(|| {
        add_heavy_root();
        add_subnet(2, 0.25);
        add_subnet(3, 0.75);
        MinerBurned::<Test>::insert(2, U96F32::from_num(1));
        MinerBurned::<Test>::insert(3, U96F32::from_num(2));
        emit(&[2, 3]);
        assert_eq!([balance(2), balance(3)], [FULL / 4, FULL / 4 * 3]);

        SubnetMovingPrice::<Test>::insert(2, I96F32::from_num(-1));
        SubnetMovingPrice::<Test>::insert(3, I96F32::from_num(0));
        emit(&[2, 3]);
        assert_eq!([balance(2), balance(3)], [FULL / 4, FULL / 4 * 3]);
        assert_eq!(TotalIssuance::<Test>::get(), FULL);
        assert_eq!(
            SubnetAlphaOut::<Test>::get(2),
            2 * FULL - AlphaRecycled::<Test>::get(2)
        );
    });
}

#[test]
fn withheld_incentive_lowers_the_share() {
    on_empty_state(|| {
        add_heavy_root();
        add_subnet(2, 0.5);
        add_subnet(3, 0.5);
        MinerBurned::<Test>::insert(2, U96F32::from_num(0.5));
        emit(&[2, 3]);
        // 0.25 and 0.5 of 0.75, each rounded down; the last rao is burned.
        assert_eq!([balance(2), balance(3)], [333_333_333, 666_666_666]);
        assert_eq!(TotalIssuance::<Test>::get(), 999_999_999);
    });
}

#[test]
fn case_48_tao_emission_disabled() {
    on_empty_state(|| {
        add_heavy_root();
        add_subnet(2, 0.5);
        add_subnet(3, 0.5);
        SubnetEmissionEnabled::<Test>::insert(2, false);
        SubnetExcessTao::<Test>::insert(2, 5);
        SubnetTaoInEmission::<Test>::insert(2, 5);
        emit(&[2, 3]);
        assert_eq!([balance(2), balance(3)], [0, FULL]);
        assert_eq!(SubnetTAO::<Test>::get(2), TAO);
        assert_eq!(SubnetExcessTao::<Test>::get(2), 0);
        assert_eq!(SubnetTaoInEmission::<Test>::get(2), 0);
        assert_eq!(SubnetAlphaInEmission::<Test>::get(2), 0);
        assert_eq!(SubnetAlphaOutEmission::<Test>::get(2), FULL);
        assert_eq!(PendingOwnerCut::<Test>::get(2), 179_995_422);
        assert!(SwapBalancer::<Test>::contains_key(2), "weights are stored");
    });
}

#[test]
fn case_49_registration_closed() {
    on_empty_state(|| {
        add_subnet(2, 0.5);
        NetworkRegistrationAllowed::<Test>::insert(2, false);
        emit(&[2]);
        update_moving_prices::<Test>(Rules::current::<Test>(), &[2], 1_000_000);
        update_root_prop::<Test>(Rules::current::<Test>(), &[2]);
        assert_eq!(SubnetAlphaOut::<Test>::get(2), 0);
        assert!(!PendingServerEmission::<Test>::contains_key(2));
        assert_eq!(SubnetMovingPrice::<Test>::get(2), I96F32::from_num(0.5));
        assert!(!RootProp::<Test>::contains_key(2));
    });
}

#[test]
fn case_50_empty_alpha_reserve() {
    on_empty_state(|| {
        add_subnet(2, 0.5);
        SubnetAlphaIn::<Test>::insert(2, 0);
        emit(&[2]);
        assert_eq!(SubnetAlphaInEmission::<Test>::get(2), 0);
        assert_eq!(SubnetTaoInEmission::<Test>::get(2), FULL);
        assert_eq!(SubnetTAO::<Test>::get(2), TAO + FULL);
        assert_eq!(SubnetExcessTao::<Test>::get(2), 0);
        assert_eq!(balance(2), FULL);
    });
}

#[test]
fn case_51_cap_reached() {
    on_empty_state(|| {
        add_subnet(2, 0.5);
        // The price is 0.05. Root weighs as much as the subnet: the cap is half the alpha emission.
        SubnetTAO::<Test>::insert(2, 50_000_000_000_000);
        TaoWeight::<Test>::put(u64::MAX);
        SubnetTAO::<Test>::insert(ROOT, ALPHA);
        emit(&[2]);
        assert_eq!(SubnetAlphaInEmission::<Test>::get(2), FULL / 2);
        // The price is rounded down; so is the excess.
        let (injected, excess) = (24_999_999, 975_000_000);
        assert_eq!(SubnetTaoInEmission::<Test>::get(2), injected);
        assert_eq!(SubnetExcessTao::<Test>::get(2), excess);
        let spent = injected + excess;
        assert_eq!(
            [
                balance(2),
                TotalStake::<Test>::get(),
                TotalIssuance::<Test>::get()
            ],
            [spent; 3]
        );
        assert_eq!(SubnetTAO::<Test>::get(2), 50_000_000_000_000 + spent);
        assert_eq!(SubnetProtocolFlow::<Test>::get(2), 999_999_999);
        assert_eq!(SubnetVolume::<Test>::get(2), u128::from(excess));

        let bought = SubnetProtocolAlpha::<Test>::get(2);
        assert_eq!(SubnetAlphaIn::<Test>::get(2), ALPHA + FULL / 2 - bought);
        let minted = FULL / 2 + FULL - AlphaRecycled::<Test>::get(2);
        assert_eq!(TotalAlphaIssuance::<Test>::get(2), minted);
        assert_eq!(
            SubnetAlphaIn::<Test>::get(2) + SubnetAlphaOut::<Test>::get(2),
            ALPHA + minted
        );
        // About 19 499.6 alpha, at nearly even weights, from the reserves without the injection.
        let even = u128::from(ALPHA) * u128::from(excess) / u128::from(50_000_000_000_000 + excess);
        assert!(
            u128::from(bought).abs_diff(even) < 100_000,
            "{bought} {even}"
        );
        assert!(PalSwapInitialized::<Test>::get(2));
    });
}

#[test]
fn case_52_injection_refused_while_the_excess_buys() {
    on_empty_state(|| {
        add_subnet(2, 0.5);
        PalSwapInitialized::<Test>::insert(2, true);
        let quote = Perquintill::from_parts(5_000_000_000_000_000);
        SwapBalancer::<Test>::insert(2, Balancer { quote });
        // A root proportion of about a millionth leaves a little to inject, at price 398.
        TaoWeight::<Test>::put(u64::MAX);
        SubnetTAO::<Test>::insert(ROOT, ALPHA / 1_000_000);
        emit(&[2]);
        assert_eq!(SubnetAlphaInEmission::<Test>::get(2), 0);
        assert_eq!(SubnetTaoInEmission::<Test>::get(2), 0);
        assert_eq!(SwapBalancer::<Test>::get(2).quote, quote);
        let bought_with = SubnetExcessTao::<Test>::get(2);
        assert!(
            (999_000_000..999_999_000).contains(&bought_with),
            "{bought_with}"
        );
        assert_eq!(
            [
                balance(2),
                TotalIssuance::<Test>::get(),
                Tao::total_issuance()
            ],
            [bought_with; 3]
        );
        assert_eq!(SubnetTAO::<Test>::get(2), TAO + bought_with);
    });
}

#[test]
fn case_53_refused_chain_buy_leaves_its_tao_on_the_account() {
    on_empty_state(|| {
        add_subnet(2, 0.5);
        SubnetAlphaIn::<Test>::insert(2, 999_999);
        SubnetTAO::<Test>::insert(2, 2_000_000);
        emit(&[2]);
        assert_eq!(
            [
                balance(2),
                TotalIssuance::<Test>::get(),
                Tao::total_issuance()
            ],
            [FULL; 3]
        );
        assert_eq!(SubnetTAO::<Test>::get(2), 2_000_000);
        assert_eq!(SubnetAlphaIn::<Test>::get(2), 999_999);
        assert_eq!(
            [
                SubnetExcessTao::<Test>::get(2),
                SubnetProtocolAlpha::<Test>::get(2)
            ],
            [0, 0]
        );
        assert_eq!(
            [
                TotalStake::<Test>::get(),
                SubnetVolume::<Test>::get(2) as u64
            ],
            [0, 0]
        );
        assert!(!PalSwapInitialized::<Test>::contains_key(2));
    });
}

#[test]
fn a_first_purchase_resets_the_weights_of_an_uninitialised_pool() {
    on_empty_state(|| {
        add_subnet(2, 0.5);
        let quote = Perquintill::from_parts(400_000_000_000_000_000);
        SwapBalancer::<Test>::insert(2, Balancer { quote });
        emit(&[2]);
        assert!(PalSwapInitialized::<Test>::get(2));
        assert_eq!(SwapBalancer::<Test>::get(2), Balancer::default());
        let even = u128::from(ALPHA) * u128::from(FULL) / u128::from(TAO + FULL);
        assert_eq!(u128::from(SubnetProtocolAlpha::<Test>::get(2)), even);
    });
}

#[test]
fn a_refused_deposit_stays_in_the_credit() {
    on_empty_state(|| {
        add_subnet(2, 1.0);
        add_heavy_root();
        // Only 400 rao can be minted, which an empty account does not accept.
        Tao::set_balance(&account(9), 20_999_999_999_999_600);
        emit(&[2]);
        assert_eq!([balance(2), TotalIssuance::<Test>::get()], [0, 0]);
        assert_eq!(Tao::total_issuance(), 20_999_999_999_999_600);
        assert_eq!(
            [
                SubnetTaoInEmission::<Test>::get(2),
                SubnetTAO::<Test>::get(2)
            ],
            [0, TAO]
        );
        assert_eq!(
            SubnetAlphaInEmission::<Test>::get(2),
            200,
            "alpha is injected all the same"
        );
    });
}

#[test]
fn stable_subnets_trade_one_to_one() {
    on_empty_state(|| {
        add_subnet(2, 0.5);
        SubnetMechanism::<Test>::insert(2, 0);
        emit(&[2]);
        assert_eq!(
            [
                SubnetExcessTao::<Test>::get(2),
                SubnetProtocolAlpha::<Test>::get(2)
            ],
            [FULL; 2]
        );
        assert_eq!(SubnetAlphaIn::<Test>::get(2), ALPHA - FULL);
        assert!(!PalSwapInitialized::<Test>::contains_key(2));
    });
}

#[test]
fn case_54_root_sells_above_a_price_sum_of_exactly_one() {
    on_empty_state(|| {
        add_heavy_root();
        add_subnet(2, 0.5);
        add_subnet(3, 0.5);
        emit(&[2, 3]);
        let root = AlphaRecycled::<Test>::get(2);
        assert!(root > 0);
        assert_eq!(PendingRootAlphaDivs::<Test>::get(2), 0);

        SubnetMovingPrice::<Test>::insert(3, I96F32::from_bits((1 << 31) + 1));
        emit(&[2, 3]);
        assert!(PendingRootAlphaDivs::<Test>::get(2) > 0);
        assert_eq!(AlphaRecycled::<Test>::get(2), root);
    });
}

#[test]
fn case_55_no_owner_cut() {
    on_empty_state(|| {
        add_subnet(2, 0.5);
        OwnerCutEnabled::<Test>::insert(2, false);
        emit(&[2]);
        assert!(!PendingOwnerCut::<Test>::contains_key(2));
        assert_eq!(PendingServerEmission::<Test>::get(2), FULL / 2);
        assert_eq!(PendingValidatorEmission::<Test>::get(2), FULL / 2);
    });
}

#[test]
fn moving_prices_follow_at_most_one() {
    on_empty_state(|| {
        add_subnet(2, 0.5);
        SubnetMovingAlpha::<Test>::put(I96F32::from_num(0.5));
        EMAPriceHalvingBlocks::<Test>::insert(2, 100);
        // At age 100 of halving 100 the factor is a quarter; the price of 2 counts as 1.
        update_moving_prices::<Test>(Rules::current::<Test>(), &[2], 100);
        assert_eq!(SubnetMovingPrice::<Test>::get(2), I96F32::from_num(0.625));
        SubnetMovingAlpha::<Test>::put(I96F32::from_bits(1));
        update_moving_prices::<Test>(Rules::current::<Test>(), &[2], 100);
        assert!(
            SubnetMovingPrice::<Test>::get(2) <= I96F32::from_num(0.625),
            "the step vanishes"
        );
    });
}

#[test]
fn case_56_root_proportion_before_and_after_the_injection() {
    on_empty_state(|| {
        add_subnet(2, 1.5);
        // Little alpha, so that a block's own changes the proportion: 1 before, far less after it.
        SubnetTAO::<Test>::insert(ROOT, 20 * FULL);
        SubnetTAO::<Test>::insert(2, FULL / 100);
        SubnetAlphaIn::<Test>::insert(2, FULL / 10);
        let proportion = || terms::root_proportion::<Test>(2);
        let alpha = U96F32::from_num(FULL);
        let before = proportion();
        emit(&[2]);
        let after = proportion();
        assert!(after < U96F32::from_num(0.6) && before > U96F32::from_num(0.9));
        assert_eq!(
            SubnetAlphaInEmission::<Test>::get(2),
            (before * alpha).to_num::<u64>(),
            "the cap"
        );
        let rest = alpha - alpha * U96F32::from_bits(773_074_452);
        assert_eq!(
            PendingRootAlphaDivs::<Test>::get(2),
            (after * rest / 2).to_num::<u64>()
        );
    });
}
