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

/// What is on a subnet's account, and both counts of what was minted.
fn kept(netuid: NetUid) -> [u64; 3] {
    [
        balance(netuid),
        TotalIssuance::<Test>::get(),
        Tao::total_issuance(),
    ]
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
fn case_45_the_last_subnet_is_that_of_the_greatest_number() {
    on_empty_state(|| {
        // Keys of storage are little-endian: 256 comes before 1. The terms are evaluated by number, so 256 is the last.
        add_subnet(1, 1.0);
        add_subnet(256, 1.0);
        SubnetAlphaOut::<Test>::insert(256, 15_000_000_000_000_000);
        let in_storage_order: Vec<NetUid> = NetworksAdded::<Test>::iter_keys().collect();
        assert_eq!(in_storage_order, [256, 1]);
        emit(&in_storage_order);
        assert_eq!(SubnetAlphaOutEmission::<Test>::get(1), FULL);
        assert_eq!(SubnetAlphaOutEmission::<Test>::get(256), FULL / 4);
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
        // Of the others' half a quarter and three quarters.
        add_subnet(2, 0.5);
        add_subnet(3, 0.125);
        add_subnet(4, 0.375);
        SubnetEmissionEnabled::<Test>::insert(2, false);
        SubnetExcessTao::<Test>::insert(2, 5);
        SubnetTaoInEmission::<Test>::insert(2, 5);
        emit(&[2, 3, 4]);
        assert_eq!(
            [balance(2), balance(3), balance(4)],
            [0, FULL / 4, FULL / 4 * 3]
        );
        assert_eq!(SubnetTAO::<Test>::get(2), TAO);
        assert_eq!(SubnetExcessTao::<Test>::get(2), 0);
        assert_eq!(SubnetTaoInEmission::<Test>::get(2), 0);
        assert_eq!(SubnetAlphaInEmission::<Test>::get(2), 0);
        assert_eq!(SubnetAlphaOutEmission::<Test>::get(2), FULL);
        assert_eq!(PendingOwnerCut::<Test>::get(2), 179_995_422);
        assert_eq!(PendingServerEmission::<Test>::get(2), 410_002_288);
        // Half of what the owner leaves, less root's part of it: the root proportion is 0.9959, of
        // ⌊2^62 · 226245882/2^32⌋ rao against 10^15 + 10^9, and takes 408 321 465.
        assert_eq!(PendingValidatorEmission::<Test>::get(2), 1_680_823);
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
fn case_51_the_excess_buys_at_the_moved_weights_from_the_old_reserves() {
    on_empty_state(|| {
        add_subnet(2, 0.5);
        let (alpha, tao) = (1_000_000_000_000, 50_000_000_000);
        SubnetAlphaIn::<Test>::insert(2, alpha);
        SubnetTAO::<Test>::insert(2, tao);
        PalSwapInitialized::<Test>::insert(2, true);
        let quote = Perquintill::from_parts(400_000_000_000_000_000);
        SwapBalancer::<Test>::insert(2, Balancer { quote });
        // Root weighs as much as the subnet: the cap is half the alpha emission.
        TaoWeight::<Test>::put(u64::MAX);
        SubnetTAO::<Test>::insert(ROOT, alpha);
        emit(&[2]);

        // Price 0.6/0.4 · 0.05, truncated to 322122547/2^32: of 10^9 rao 37499999.9 go with 5·10^8 rao of alpha, the rest buys.
        let (injected, excess) = (37_499_999, 962_500_000);
        assert_eq!(SubnetAlphaInEmission::<Test>::get(2), FULL / 2);
        assert_eq!(SubnetTaoInEmission::<Test>::get(2), injected);
        assert_eq!(SubnetExcessTao::<Test>::get(2), excess);
        // q1 = 0.6·tao·(alpha + 5·10^8), q2 = 0.4·alpha·(tao + injected); 10^18·q2/(q1 + q2).
        let moved = 400_059_964_016_790_405;
        assert_eq!(SwapBalancer::<Test>::get(2).quote.deconstruct(), moved);
        // alpha·(1 − (tao/(tao + excess))^(moved/(1 − moved))), by exact integers (distribution §5.4). At the old weights it is
        // 12 630 926 846, with the injection in the reserves 12 631 055 987, at even weights 18 886 436 104.
        let bought = 12_634_062_977;
        assert_eq!(SubnetProtocolAlpha::<Test>::get(2), bought);
        assert_eq!(SubnetAlphaIn::<Test>::get(2), alpha - bought + FULL / 2);
        assert_eq!(SubnetTAO::<Test>::get(2), tao + injected + excess);
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
        assert_eq!(kept(2), [bought_with; 3]);
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
        assert_eq!(kept(2), [FULL; 3]);
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
fn case_53_no_more_than_a_thousand_times_the_reserve_buys() {
    // Without root all of the block's 10^9 rao buy.
    for (reserve, refused) in [(999_999, true), (1_000_000, false)] {
        on_empty_state(|| {
            add_subnet(2, 0.5);
            SubnetTAO::<Test>::insert(2, reserve);
            emit(&[2]);
            assert_eq!(kept(2), [FULL; 3]);
            let spent = if refused { 0 } else { FULL };
            assert_eq!(SubnetExcessTao::<Test>::get(2), spent);
            assert_eq!(SubnetTAO::<Test>::get(2), reserve + spent);
            assert_eq!(TotalStake::<Test>::get(), spent);
            let bought = SubnetProtocolAlpha::<Test>::get(2);
            assert_eq!(bought == 0, refused);
            assert_eq!(SubnetAlphaIn::<Test>::get(2), ALPHA - bought);
        });
    }
}

#[test]
fn case_53_purchase_of_nothing_leaves_its_tao_on_the_account() {
    on_empty_state(|| {
        // 2^-21 of 10^9 rao are 476, at a price of 1000 less than one rao of alpha.
        let small = 0.5f64.powi(21);
        add_subnet(2, small);
        add_subnet(3, 1.0 - small);
        SubnetAlphaIn::<Test>::insert(2, 1_000_000_000_000);
        SubnetTAO::<Test>::insert(2, 1_000_000_000_000_000);
        Tao::set_balance(&subnet_account(2), 1_000);
        TotalIssuance::<Test>::put(1_000);
        emit(&[2, 3]);
        assert_eq!([balance(2), balance(3)], [1_476, 999_999_523]);
        assert_eq!(
            [TotalIssuance::<Test>::get(), Tao::total_issuance()],
            [1_476 + 999_999_523; 2]
        );
        assert_eq!(SubnetTAO::<Test>::get(2), 1_000_000_000_000_000);
        assert_eq!(SubnetAlphaIn::<Test>::get(2), 1_000_000_000_000);
        assert_eq!(
            [
                SubnetExcessTao::<Test>::get(2),
                SubnetProtocolAlpha::<Test>::get(2)
            ],
            [0, 0]
        );
        assert_eq!(TotalStake::<Test>::get(), 999_999_523, "the other's");
        assert!(!PalSwapInitialized::<Test>::contains_key(2));
        assert!(PalSwapInitialized::<Test>::get(3));
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
