//! States of older specs run under their own rules: each line of the table in `rules`, on both sides of the spec it changed with.

use crate::subnet::*;
use epochdiff_runtime::{Balances, Runtime};
use pallet_subtensor::alpha_assets::AlphaRecycled;
use pallet_subtensor::schedule::Pending;
use pallet_subtensor::types::{mechanism_index, ROOT};
use pallet_subtensor::*;
use sp_core::H256;
use std::collections::VecDeque;
use substrate_fixed::types::I96F32;

const RAO: u64 = 1_000_000_000;
const SPECS: [u32; 12] = [293, 333, 334, 341, 342, 343, 361, 362, 363, 365, 401, 422];

fn under(spec: u32, case: impl FnOnce()) {
    at_block(|| {
        RulesOfSpec::<Runtime>::put(spec);
        case();
    });
}

/// Blocks of 990 to 1010 in which the subnet's epoch is due.
fn due_blocks() -> Vec<u64> {
    (990..=1_010)
        .filter(|block| schedule::is_due::<Runtime>(rules(), NETUID, *block))
        .collect()
}

#[test]
#[should_panic(expected = "SubtensorModule.RulesOfSpec: the rules of specs 293 to 425 are known")]
fn rules_of_other_specs_are_not_known() {
    under(292, || block::step::<Runtime>(BLOCK));
}

#[test]
fn without_a_word_the_rules_are_those_of_425() {
    at_block(|| {
        let newest = rules();
        RulesOfSpec::<Runtime>::put(425);
        assert_eq!(rules(), newest);
        assert!(!newest.counts_blocks() && newest.conviction_rules());
    });
}

#[test]
fn until_422_epochs_fire_by_the_number_of_the_block() {
    let set_up = || {
        one_validator();
        Tempo::<Runtime>::insert(NETUID, 9);
        LastEpochBlock::<Runtime>::insert(NETUID, 995);
        PendingEpochAt::<Runtime>::insert(NETUID, 999);
    };
    under(422, || {
        set_up();
        // (block + 3) mod 10 = 9
        assert_eq!(due_blocks(), [996, 1_006]);
        Tempo::<Runtime>::insert(NETUID, 0);
        assert!(due_blocks().is_empty());
    });
    under(423, || {
        set_up();
        assert_eq!(due_blocks(), (999..=1_010).collect::<Vec<_>>());
    });
}

#[test]
fn until_422_no_cap_no_counters_and_an_inconsistent_subnet_just_waits() {
    under(422, || {
        for netuid in [NETUID, 3, 4] {
            create(netuid, &[5, 0]);
            // Due in block 1000: 1000 + netuid + 1 = tempo.
            Tempo::<Runtime>::insert(netuid, 1_001 + netuid);
            PendingServerEmission::<Runtime>::insert(netuid, 7);
        }
        MaxEpochsPerBlock::<Runtime>::put(1);
        Keys::<Runtime>::insert(4, 1, hotkey(0));
        let drained = schedule::drain::<Runtime>(rules(), &[NETUID, 3, 4], BLOCK);
        assert_eq!(drained.into_keys().collect::<Vec<_>>(), [NETUID, 3]);
        assert!(events().is_empty());
        for (netuid, since, step, pending) in [(NETUID, 0, BLOCK, 0), (4, 1, 0, 7)] {
            assert_eq!(BlocksSinceLastStep::<Runtime>::get(netuid), since);
            assert_eq!(LastMechansimStepBlock::<Runtime>::get(netuid), step);
            assert_eq!(PendingServerEmission::<Runtime>::get(netuid), pending);
            assert!(!LastEpochBlock::<Runtime>::contains_key(netuid));
            assert!(!SubnetEpochIndex::<Runtime>::contains_key(netuid));
        }
    });
}

#[test]
fn until_422_activity_is_counted_in_blocks() {
    let active = |spec| {
        let mut active = Vec::new();
        under(spec, || {
            one_validator();
            ActivityCutoff::<Runtime>::insert(NETUID, 50);
            ActivityCutoffFactorMilli::<Runtime>::insert(NETUID, 1_000); // of a tempo of 360
            let ages = [49, 50, 51].map(|age| BLOCK - age);
            LastUpdate::<Runtime>::insert(NETUID, ages.to_vec());
            run_epoch(RAO);
            active = Active::<Runtime>::get(NETUID);
        });
        active
    };
    assert_eq!(active(422), [true, true, false]);
    assert_eq!(active(423), [true, true, true]);
    under(422, || {
        one_validator();
        LastUpdate::<Runtime>::insert(NETUID, vec![0; 3]);
        run_epoch(RAO);
        assert_eq!(
            Active::<Runtime>::get(NETUID),
            [true; 3],
            "5,000 by default"
        );
    });
}

#[test]
fn until_422_bonds_are_masked_from_a_tempo_ago() {
    let bonds = |spec, registered| {
        let mut bonds = Vec::new();
        under(spec, || {
            create(NETUID, &[5, 0, 0]);
            LastMechansimStepBlock::<Runtime>::insert(NETUID, 900);
            BlockAtRegistration::<Runtime>::insert(NETUID, 2, registered);
            Bonds::<Runtime>::insert(NETUID, 0, vec![(2, 65_535)]);
            run_epoch(RAO);
            bonds = Bonds::<Runtime>::get(NETUID, 0);
        });
        bonds
    };
    assert_eq!(bonds(422, 639), [(2, 65_535)]);
    assert!(bonds(422, 640).is_empty());
    assert_eq!(bonds(423, 900), [(2, 65_535)]);
    assert!(bonds(423, 901).is_empty());
}

#[test]
fn case_34_without_a_last_step_bonds_are_masked_from_a_tempo_ago() {
    for (registered, kept) in [(639, true), (640, false)] {
        at_block(|| {
            create(NETUID, &[5, 0, 0]);
            BlockAtRegistration::<Runtime>::insert(NETUID, 2, registered);
            Bonds::<Runtime>::insert(NETUID, 0, vec![(2, 65_535)]);
            run_epoch(RAO);
            assert_eq!(!Bonds::<Runtime>::get(NETUID, 0).is_empty(), kept);
        });
    }
}

#[test]
fn until_422_commits_expire_by_their_block() {
    let server = |spec, commit| {
        let mut server = Vec::new();
        under(spec, || {
            one_validator();
            Tempo::<Runtime>::insert(NETUID, 99);
            LastEpochBlock::<Runtime>::insert(NETUID, BLOCK);
            CommitRevealWeightsEnabled::<Runtime>::insert(NETUID, true);
            BlockAtRegistration::<Runtime>::insert(NETUID, 2, 850);
            WeightCommits::<Runtime>::insert(NETUID, hotkey(0), VecDeque::from([commit]));
            server = run_epoch(RAO).0;
        });
        server
    };
    // Epochs are a hundred blocks: (block + 3)/100. Block 1000 is in epoch 10, one of reveal.
    let masked = [0, 500_000_000, 0];
    let hash = H256::zero();
    assert_eq!(
        server(422, (hash, 840, 0, 0)),
        [0, 375_000_000, 125_000_000],
        "of epoch 8"
    );
    assert_eq!(
        server(422, (hash, 898, 0, 0)),
        [0, 375_000_000, 125_000_000],
        "after the registration"
    );
    under(422, || {
        one_validator();
        Tempo::<Runtime>::insert(NETUID, 99);
        CommitRevealWeightsEnabled::<Runtime>::insert(NETUID, true);
        BlockAtRegistration::<Runtime>::insert(NETUID, 2, 899);
        WeightCommits::<Runtime>::insert(NETUID, hotkey(0), VecDeque::from([(hash, 898, 0, 0)]));
        assert_eq!(
            run_epoch(RAO).0,
            masked,
            "of epoch 9, before the registration"
        );
    });
    // Since 423 a commit carries its epoch before its block.
    assert_eq!(server(423, (hash, 0, 840, 0)), masked);
}

#[test]
fn until_400_the_owner_has_no_exemptions() {
    for (spec, exempt) in [(400, false), (401, true)] {
        under(spec, || {
            create(NETUID, &[5, 7, 0]);
            StakeThreshold::<Runtime>::put(6);
            SubnetOwnerHotkey::<Runtime>::insert(NETUID, hotkey(0));
            run_epoch(RAO);
            assert_eq!(StakeWeight::<Runtime>::get(NETUID)[0] > 0, exempt);
            assert_eq!(ValidatorPermit::<Runtime>::get(NETUID)[0], exempt);
        });
    }
}

#[test]
fn until_362_ranks_trust_and_pruning_scores_are_stored() {
    under(362, || {
        one_validator();
        run_epoch(RAO);
        assert_eq!(
            Rank::<Runtime>::get(NETUID),
            Incentive::<Runtime>::get(NETUID)
        );
        assert_eq!(Trust::<Runtime>::get(NETUID), [0, 65_535, 65_535]);
        assert_eq!(
            PruningScores::<Runtime>::get(NETUID),
            [65_535, 49_151, 16_384]
        );
    });
    under(363, || {
        one_validator();
        run_epoch(RAO);
        assert!(!Rank::<Runtime>::contains_key(NETUID));
        assert!(!Trust::<Runtime>::contains_key(NETUID));
        assert!(!PruningScores::<Runtime>::contains_key(NETUID));
    });
}

/// As the other vectors of a subnet: truncated after each mechanism.
#[test]
fn until_362_scores_are_weighted_over_mechanisms() {
    under(362, || {
        one_validator();
        MechanismCountCurrent::<Runtime>::insert(NETUID, 2);
        let second = mechanism_index(NETUID, 1);
        LastUpdate::<Runtime>::insert(second, vec![UPDATED; 3]);
        weights(second, 0, &[(1, 65_535), (2, 21_845)]);
        run_epoch(1_000_000_001);
        assert_eq!(Rank::<Runtime>::get(NETUID), [0, 49_150, 16_382]);
        assert_eq!(Trust::<Runtime>::get(NETUID), [0, 65_534, 65_534]);
        assert_eq!(
            PruningScores::<Runtime>::get(NETUID),
            [65_534, 49_150, 16_383]
        );
    });
}

/// A block of a subnet without an epoch, whose moving price is 1/2 and whose root proportion is a half.
fn emitting(spec: u32, check: impl FnOnce()) {
    under(spec, || {
        emit_block();
        check();
    });
}

fn emit_block() {
    create(NETUID, &[5, 0]);
    LastEpochBlock::<Runtime>::insert(NETUID, BLOCK - 1);
    SubnetMechanism::<Runtime>::insert(NETUID, 1);
    SubnetMovingPrice::<Runtime>::insert(NETUID, I96F32::from_num(0.5));
    SubnetTAO::<Runtime>::insert(NETUID, RAO);
    SubnetAlphaIn::<Runtime>::insert(NETUID, RAO);
    OwnerCutEnabled::<Runtime>::insert(NETUID, false);
    // After the block's alpha: 2 α, weighted TAO as much.
    TaoWeight::<Runtime>::put(u64::MAX);
    SubnetTAO::<Runtime>::insert(ROOT, 2 * RAO + 5);
    block::step::<Runtime>(BLOCK);
}

#[test]
fn until_342_alpha_waits_together_and_until_341_root_dividends_always_wait() {
    emitting(341, || {
        assert_eq!(PendingEmission::<Runtime>::get(NETUID), RAO / 4 * 3);
        assert_eq!(PendingRootAlphaDivs::<Runtime>::get(NETUID), RAO / 4);
    });
    // The price is 1/2: no root dividends.
    emitting(342, || {
        assert_eq!(PendingEmission::<Runtime>::get(NETUID), RAO);
        assert!(!PendingRootAlphaDivs::<Runtime>::contains_key(NETUID));
        assert_eq!(AlphaRecycled::<Runtime>::get(NETUID), 0);
    });
    emitting(343, || {
        assert!(!PendingEmission::<Runtime>::contains_key(NETUID));
        assert_eq!(PendingServerEmission::<Runtime>::get(NETUID), RAO / 2);
        assert_eq!(PendingValidatorEmission::<Runtime>::get(NETUID), RAO / 4);
        assert_eq!(AlphaRecycled::<Runtime>::get(NETUID), RAO / 4);
    });
}

#[test]
fn what_waited_together_is_divided_by_halves_less_roots_part() {
    under(342, || {
        one_validator();
        Tempo::<Runtime>::insert(NETUID, 1_003);
        PendingEmission::<Runtime>::insert(NETUID, 751);
        PendingRootAlphaDivs::<Runtime>::insert(NETUID, 250);
        PendingServerEmission::<Runtime>::insert(NETUID, 9);
        let drained = schedule::drain::<Runtime>(rules(), &[NETUID], BLOCK);
        let pending = Pending {
            server: 501,
            validator: 250,
            root: 250,
            owner: 0,
        };
        assert_eq!(drained.into_values().collect::<Vec<_>>(), [pending]);
        assert_eq!(PendingEmission::<Runtime>::get(NETUID), 0);
        assert_eq!(PendingServerEmission::<Runtime>::get(NETUID), 9, "not read");
    });
}

#[test]
#[should_panic(expected = "SubtensorModule.PendingRootDivs: root dividends would be sold for TAO")]
fn until_333_root_dividends_were_sold_which_is_refused() {
    emitting(333, || {});
}

#[test]
fn until_422_pools_and_prices_are_held_still() {
    for spec in SPECS.into_iter().filter(|spec| *spec >= 334) {
        emitting(spec, || {
            assert_eq!(SubnetTAO::<Runtime>::get(NETUID), RAO);
            assert_eq!(SubnetAlphaIn::<Runtime>::get(NETUID), RAO);
            assert_eq!(
                SubnetMovingPrice::<Runtime>::get(NETUID),
                I96F32::from_num(0.5)
            );
            assert_eq!(TotalIssuance::<Runtime>::get(), 0);
            assert_eq!(Balances::total_issuance(), 0);
            assert_eq!(SubnetAlphaOutEmission::<Runtime>::get(NETUID), RAO);
            assert_eq!(RootProp::<Runtime>::contains_key(NETUID), spec >= 365);
        });
    }
    emitting(423, || {
        assert!(SubnetTAO::<Runtime>::get(NETUID) > RAO);
        assert_ne!(
            SubnetMovingPrice::<Runtime>::get(NETUID),
            I96F32::from_num(0.5)
        );
    });
}

#[test]
fn emission_needs_the_subtoken_since_361_and_registration_by_work_does_until_400() {
    let emits = |spec, set_up: fn()| {
        let mut emits = false;
        under(spec, || {
            create(NETUID, &[5, 0]);
            set_up();
            block::step::<Runtime>(BLOCK);
            emits = SubnetAlphaOutEmission::<Runtime>::get(NETUID) > 0;
        });
        emits
    };
    let no_subtoken = || SubtokenEnabled::<Runtime>::insert(NETUID, false);
    assert!(emits(360, no_subtoken) && !emits(361, no_subtoken));
    let by_work = || NetworkRegistrationAllowed::<Runtime>::insert(NETUID, false);
    assert!(emits(400, by_work) && !emits(401, by_work));
    let closed = || {
        NetworkRegistrationAllowed::<Runtime>::insert(NETUID, false);
        NetworkPowRegistrationAllowed::<Runtime>::insert(NETUID, false);
    };
    assert!(!emits(300, closed));
}

#[test]
fn until_360_a_closed_subnet_is_an_emitter_of_zero_whose_price_counts() {
    // The open subnet's price is 1/2: with the closed one's the sum exceeds 1.
    let with_closed = |spec, check: fn()| {
        under(spec, || {
            create(3, &[5, 0]);
            LastEpochBlock::<Runtime>::insert(3, BLOCK - 1);
            SubnetMechanism::<Runtime>::insert(3, 1);
            SubnetMovingPrice::<Runtime>::insert(3, I96F32::from_num(0.75));
            SubnetAlphaOutEmission::<Runtime>::insert(3, 7);
            NetworkRegistrationAllowed::<Runtime>::insert(3, false);
            NetworkPowRegistrationAllowed::<Runtime>::insert(3, false);
            emit_block();
            check();
        });
    };
    for spec in [342, 343, 360] {
        with_closed(spec, || {
            assert_eq!(PendingRootAlphaDivs::<Runtime>::get(NETUID), RAO / 4);
            assert_eq!(SubnetAlphaOutEmission::<Runtime>::get(3), 0);
        });
    }
    with_closed(361, || {
        assert_eq!(AlphaRecycled::<Runtime>::get(NETUID), RAO / 4);
        assert_eq!(SubnetAlphaOutEmission::<Runtime>::get(3), 7, "not written");
    });
}

#[test]
fn until_424_tao_shares_follow_the_root_proportion() {
    let taos = |spec| {
        let mut taos = [0; 2];
        under(spec, || {
            SubnetTAO::<Runtime>::insert(ROOT, 1_000 * RAO);
            TaoWeight::<Runtime>::put(u64::MAX);
            for (netuid, alpha) in [(2, 1_000), (3, 3_000)] {
                create(netuid, &[5, 0]);
                LastEpochBlock::<Runtime>::insert(netuid, BLOCK - 1);
                SubnetMechanism::<Runtime>::insert(netuid, 1);
                SubnetMovingPrice::<Runtime>::insert(netuid, I96F32::from_num(0.5));
                SubnetTAO::<Runtime>::insert(netuid, alpha * RAO);
                SubnetAlphaIn::<Runtime>::insert(netuid, alpha * RAO);
                SubnetAlphaOut::<Runtime>::insert(netuid, 0);
            }
            block::step::<Runtime>(BLOCK);
            taos = [2, 3].map(|netuid| {
                SubnetTaoInEmission::<Runtime>::get(netuid)
                    + SubnetExcessTao::<Runtime>::get(netuid)
            });
        });
        taos
    };
    // Proportions of a half and a quarter.
    assert_eq!(taos(424), [666_666_666, 333_333_333]);
    assert_eq!(taos(425), [500_000_000, 500_000_000]);
}

#[test]
fn pending_children_apply_in_the_block_of_the_epoch() {
    under(422, || {
        one_validator();
        Tempo::<Runtime>::insert(NETUID, 1_003);
        PendingChildKeys::<Runtime>::insert(NETUID, hotkey(0), (vec![(7, hotkey(1))], BLOCK - 1));
        emission::apply_pending_children::<Runtime>(rules(), &[NETUID], BLOCK + 1);
        assert!(!ChildKeys::<Runtime>::contains_key(hotkey(0), NETUID));
        emission::apply_pending_children::<Runtime>(rules(), &[NETUID], BLOCK);
        assert_eq!(
            ChildKeys::<Runtime>::get(hotkey(0), NETUID),
            [(7, hotkey(1))]
        );
    });
}
