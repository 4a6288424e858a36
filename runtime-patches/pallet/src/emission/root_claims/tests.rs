use super::*;
use crate::emission::mock::{
    account, add_subnet, on_empty_state, RuntimeEvent, System, Tao, Test, ALPHA, TAO,
};
use crate::{
    Owner, SubnetAlphaIn, SubnetMechanism, SubnetProtocolFlow, SubnetVolume, TotalHotkeyAlpha,
};

/// The hotkey and its two root stakers: a quarter and three quarters of 4 million rao.
const HOT: u8 = 1;
const COLD: u8 = 2;
const OTHER: u8 = 3;

fn stake_on_root() {
    stake::<Test>(&account(HOT), &account(COLD), ROOT, 1_000_000);
    stake::<Test>(&account(HOT), &account(OTHER), ROOT, 3_000_000);
}

fn claim_type(claim_type: RootClaimTypeEnum) {
    RootClaimType::<Test>::insert(account(COLD), claim_type);
}

/// Credit a rate of 4 alpha per rao of root stake, beyond what one credit can bring.
fn credit(netuid: NetUid) {
    RootClaimable::<Test>::mutate(account(HOT), |rates| {
        rates.insert(netuid, I96F32::from_num(4))
    });
}

/// A drawn claim of the one indexed coldkey.
fn claim_all_drawn() {
    StakingColdkeysByIndex::<Test>::insert(0, account(COLD));
    NumStakingColdkeys::<Test>::put(1);
    claim_root_dividends::<Test>();
}

fn claimed(netuid: NetUid) -> u128 {
    RootClaimed::<Test>::get((netuid, account(HOT), account(COLD)))
}

fn held(netuid: NetUid) -> u64 {
    staked::<Test>(&account(HOT), &account(COLD), netuid)
}

fn claim_events() -> usize {
    let event = RuntimeEvent::SubtensorModule(Event::RootClaimed {
        coldkey: account(COLD),
    });
    System::events()
        .iter()
        .filter(|record| record.event == event)
        .count()
}

fn credit_dividend(alpha: u64) {
    let mut pools = Pools::<Test>::new(2);
    credit_root_dividend(&mut pools, &account(HOT), alpha);
    pools.store();
}

#[test]
fn case_76_dividend_against_root_stake() {
    on_empty_state(|| {
        Owner::<Test>::insert(account(HOT), account(9));
        credit_dividend(0);
        let rates = || RootClaimable::<Test>::get(account(HOT));
        assert_eq!(
            rates().get(&2),
            Some(&I96F32::from_num(0)),
            "an entry without stake"
        );
        stake_on_root();
        credit_dividend(4_000_000);
        assert_eq!(rates().get(&2), Some(&I96F32::from_num(1)));
        credit_dividend(4_000_001);
        assert_eq!(rates().get(&2), Some(&I96F32::from_num(1)));
        assert_eq!(staked::<Test>(&account(HOT), &account(9), 2), 4_000_001);
    });
}

#[test]
fn case_77_below_the_threshold_only_the_event() {
    on_empty_state(|| {
        stake_on_root();
        credit_dividend(1_999_999);
        assert!(owed::<Test>(&account(HOT), &account(COLD), 2) < I96F32::from_num(500_000));
        claim_type(RootClaimTypeEnum::Keep);
        claim_all_drawn();
        assert_eq!([held(2), claim_events() as u64], [0, 1]);
        assert!(!RootClaimed::<Test>::contains_key((
            2,
            account(HOT),
            account(COLD)
        )));
        credit_dividend(1);
        claim_all_drawn();
        assert_eq!(
            [held(2), claim_events() as u64],
            [0, 2],
            "rounded down to just below"
        );
        credit_dividend(4);
        claim_all_drawn();
        assert_eq!([held(2), claim_events() as u64], [500_000, 3]);
        assert_eq!(claimed(2), 500_000);
    });
}

#[test]
fn kept_on_the_named_subnets_sold_on_the_others() {
    on_empty_state(|| {
        stake_on_root();
        add_subnet(2, 0.5);
        add_subnet(3, 0.5);
        Tao::set_balance(&subnet_account(3), TAO);
        credit(2);
        credit(3);
        claim_type(RootClaimTypeEnum::KeepSubnets {
            subnets: BTreeSet::from([2]),
        });
        claim_all_drawn();
        assert_eq!(held(2), 4_000_000);
        assert_eq!(held(3), 0);
        assert_eq!(SubnetRootSellTao::<Test>::get(2), 0);
        assert!(SubnetRootSellTao::<Test>::get(3) > 0);
    });
}

#[test]
fn case_79_swap_claim() {
    on_empty_state(|| {
        stake_on_root();
        add_subnet(2, 0.5);
        Tao::set_balance(&subnet_account(2), TAO);
        SubnetAlphaOut::<Test>::insert(2, ALPHA);
        TotalStake::<Test>::put(TAO);
        credit(2);
        RootClaimable::<Test>::mutate(account(HOT), |rates| {
            rates.insert(7, I96F32::from_num(0.25))
        });
        claim_all_drawn();

        // 4 million rao at price 2, with even weights.
        let tao = 7_999_999;
        assert_eq!(SubnetRootSellTao::<Test>::get(2), tao);
        assert_eq!(SubnetAlphaIn::<Test>::get(2), ALPHA + 4_000_000);
        assert_eq!(SubnetAlphaOut::<Test>::get(2), ALPHA - 4_000_000);
        assert_eq!(
            [SubnetTAO::<Test>::get(2), Tao::balance(&subnet_account(2))],
            [TAO - tao; 2]
        );
        assert_eq!(Tao::balance(&subnet_account(ROOT)), tao);
        assert_eq!(
            [
                SubnetTAO::<Test>::get(ROOT),
                SubnetAlphaOut::<Test>::get(ROOT)
            ],
            [tao; 2]
        );
        assert_eq!(TotalStake::<Test>::get(), TAO);
        assert_eq!(SubnetVolume::<Test>::get(2), u128::from(tao));
        assert_eq!(SubnetProtocolFlow::<Test>::get(2), -7_999_999);
        assert_eq!(
            TotalHotkeyAlpha::<Test>::get(account(HOT), ROOT),
            4_000_000 + tao
        );
        // The new stake owes nothing retroactively: rate 4 on subnet 2, rate 1/4 on subnet 7.
        assert_eq!(claimed(2), 4_000_000 + 4 * u128::from(tao));
        assert_eq!(claimed(7), u128::from(tao / 4));
        assert!(owed::<Test>(&account(HOT), &account(COLD), 2) <= 0);
    });
}

#[test]
fn case_78_a_failing_sale_undoes_all_claims_of_the_coldkey() {
    on_empty_state(|| {
        stake_on_root();
        for netuid in [2, 3] {
            add_subnet(netuid, 0.5);
            Tao::set_balance(&subnet_account(netuid), TAO);
            credit(netuid);
        }
        SubnetTAO::<Test>::insert(3, 999_999);
        claim_all_drawn();
        assert_eq!([claimed(2), claimed(3)], [0, 0]);
        assert_eq!(
            [SubnetTAO::<Test>::get(2), SubnetAlphaIn::<Test>::get(2)],
            [TAO, ALPHA]
        );
        assert_eq!(Tao::balance(&subnet_account(ROOT)), 0);
        assert_eq!(claim_events(), 0);
    });
}

#[test]
fn a_sale_the_subnet_account_cannot_pay_fails() {
    on_empty_state(|| {
        stake_on_root();
        add_subnet(2, 0.5);
        credit(2);
        Tao::set_balance(&subnet_account(2), 7_999_998);
        claim_all_drawn();
        assert_eq!(
            [claimed(2), u128::from(SubnetRootSellTao::<Test>::get(2))],
            [0, 0]
        );
        // What remains below the existential deposit is lost and leaves the issuance.
        Tao::set_balance(&subnet_account(2), 7_999_999 + 499);
        TotalIssuance::<Test>::put(Tao::total_issuance());
        claim_all_drawn();
        assert_eq!(Tao::balance(&subnet_account(ROOT)), 7_999_999);
        assert_eq!(
            [Tao::total_issuance(), TotalIssuance::<Test>::get()],
            [7_999_999; 2]
        );
    });
}

#[test]
fn stable_subnets_sell_one_to_one() {
    on_empty_state(|| {
        stake_on_root();
        add_subnet(2, 0.5);
        SubnetMechanism::<Test>::insert(2, 0);
        Tao::set_balance(&subnet_account(2), TAO);
        credit(2);
        claim_all_drawn();
        assert_eq!(SubnetRootSellTao::<Test>::get(2), 4_000_000);
    });
}

fn hash(words: [u64; 4]) -> [u8; 32] {
    let mut hash = [0; 32];
    for (chunk, word) in hash.chunks_exact_mut(8).zip(words) {
        chunk.copy_from_slice(&word.to_be_bytes());
    }
    hash
}

fn drawn(words: [u64; 4], draws: u64, length: u64) -> Vec<u64> {
    draw(&hash(words), draws, length).into_iter().collect()
}

#[test]
fn draws_walk_through_the_index() {
    // 3+3=6, +10=16, +20=36, +30=66, +3=69, all modulo 100.
    assert_eq!(drawn([3, 10, 20, 30], 5, 100), [6, 16, 36, 66, 69]);
    // Modulo 7: 6, 2, 1, 3, 6.
    assert_eq!(drawn([3, 10, 20, 30], 5, 7), [1, 2, 3, 6]);
    assert_eq!(drawn([u64::MAX, 1, 1, 1], 1, 10), [5], "the sum saturates");
    assert!(drawn([3, 10, 20, 30], 0, 100).is_empty());
}

#[test]
fn case_80_nobody_stakes() {
    assert_eq!(drawn([3, 10, 20, 30], 5, 0), [0]);
}

#[test]
fn case_80_without_a_coldkey_at_index_0_nothing_happens() {
    on_empty_state(|| {
        stake_on_root();
        add_subnet(2, 0.5);
        credit(2);
        claim_type(RootClaimTypeEnum::Keep);
        let state = || sp_io::storage::root(sp_runtime::StateVersion::V1);
        let before = state();
        claim_root_dividends::<Test>();
        assert_eq!(state(), before);

        // It is index 0 that was asked for.
        StakingColdkeysByIndex::<Test>::insert(0, account(COLD));
        assert_eq!(NumStakingColdkeys::<Test>::get(), 0);
        claim_root_dividends::<Test>();
        assert_eq!([held(2), claim_events() as u64], [4_000_000, 1]);
    });
}
