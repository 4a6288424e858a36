//! Cases B: consensus, clipping, bonds.

use crate::subnet::Subnet;
use yuma::{LiquidAlpha, Params};

const E: u64 = 1_000_000_000;

/// Two equal validators that disagree totally.
fn split_vote(kappa: u16) -> Subnet {
    let mut subnet = Subnet::new(&[5, 5, 0, 0]).weights(&[(0, &[(2, 65535)]), (1, &[(3, 65535)])]);
    subnet.params.kappa = kappa;
    subnet
}

#[test]
fn case_25_exact_kappa_boundary() {
    assert_eq!(split_vote(32_767).run().consensus, [0, 0, 65535, 65535]);
    assert_eq!(split_vote(32_768).run().consensus, [0, 0, 0, 0]);
    // Exactly a quarter of the stake votes for uid 2, and exactly three quarters give at most 0.
    let mut subnet = Subnet::new(&[1, 3, 0, 0]).weights(&[(0, &[(2, 65535)]), (1, &[(3, 65535)])]);
    for (kappa, supported) in [(16_383, 65535), (16_384, 0)] {
        subnet.params.kappa = kappa;
        assert_eq!(
            subnet.run().consensus,
            [0, 0, supported, 65535],
            "kappa {kappa}"
        );
    }
}

/// Kappa 21845 is 1/3 with the very bits of each of three equal stakes, so that the sums meet the minority exactly.
#[test]
fn case_25_exact_kappa_boundary_to_the_bit() {
    let rows: [[(u16, u16); 2]; 3] = [[(3, 10), (4, 90)], [(3, 20), (4, 80)], [(3, 30), (4, 70)]];
    let mut graded =
        Subnet::new(&[1, 1, 1, 0, 0]).weights(&[(0, &rows[0]), (1, &rows[1]), (2, &rows[2])]);
    let mut silent = Subnet::new(&[1, 1, 1, 0, 0]).weights(&[
        (0, &[(3, 65535)]),
        (1, &[(3, 65535)]),
        (2, &[(4, 65535)]),
    ]);
    for (kappa, graded_3, graded_4, silent_4) in
        [(21_845, 19660, 58981, 65535), (21_846, 13106, 52427, 0)]
    {
        graded.params.kappa = kappa;
        silent.params.kappa = kappa;
        assert_eq!(
            graded.run().consensus,
            [0, 0, 0, graded_3, graded_4],
            "kappa {kappa}"
        );
        assert_eq!(
            silent.run().consensus,
            [0, 0, 0, 65535, silent_4],
            "kappa {kappa}"
        );
    }
}

#[test]
fn case_26_kappa_65535_takes_the_smallest_weight() {
    let mut subnet = Subnet::new(&[9, 1, 0, 0, 0]).weights(&[
        (0, &[(2, 30000), (3, 30000)]),
        (1, &[(3, 30000), (2, 10000), (4, 20000)]),
    ]);
    subnet.params.kappa = 65_535;
    let output = subnet.run();
    assert_eq!(output.consensus, [0, 0, 10922, 32767, 0]);
    // An inactive validator has no veto.
    subnet.last_update[1] = 0;
    assert_eq!(subnet.run().consensus, [0, 0, 32767, 32767, 0]);
}

#[test]
fn case_26_kappa_0_clips_nothing() {
    let mut subnet = Subnet::new(&[9, 1, 0, 0]).weights(&[(0, &[(2, 65535)]), (1, &[(3, 65535)])]);
    subnet.params.kappa = 0;
    let output = subnet.run();
    assert_eq!(output.consensus, [0, 0, 65535, 65535]);
    assert_eq!(output.incentive, [0, 0, 58981, 6553]);
}

#[test]
fn case_27_zero_consensus_removes_positive_weights_only() {
    let mut subnet = Subnet::liquid(&[4, 6, 0, 0], 32768, 32768, 0)
        .weights(&[(0, &[(2, 65535), (3, 65535)]), (1, &[(3, 65535), (2, 0)])])
        .bonds(&[(0, &[(2, 40000)]), (1, &[(2, 40000)])]);
    let output = subnet.run();
    assert_eq!(output.consensus, [0, 0, 0, 65535]);
    // Uid 0's weight on 2 was dropped by the clip, and its bond with it; uid 1's explicit zero keeps its bond.
    assert_eq!(output.bonds[0], [(3, 16383)]);
    assert_eq!(output.bonds[1], [(3, 32767), (2, 19999)]);
    // Without the penalty the weight is there, and so is the bond.
    subnet.params.bonds_penalty = 0;
    assert!(subnet.run().bonds[0].iter().any(|&(target, _)| target == 2));
}

#[test]
fn case_28_all_clipped_falls_back_and_bonds_decay() {
    let old: &[(u16, u16)] = &[(2, 65535), (3, 40000)];
    for yuma3 in [false, true] {
        let mut subnet = split_vote(32_768).bonds(&[(0, old), (1, &[(3, 65535)])]);
        subnet.params.yuma3 = yuma3;
        let (output, amounts) = subnet.pay(E);
        assert_eq!(output.dividends, [0; 4]);
        assert_eq!(amounts.validator, [500000000, 500000000, 0, 0]);
        match yuma3 {
            false => assert_eq!(output.bonds[0], [(2, 65535), (3, 40000)]),
            true => assert_eq!(output.bonds[0], [(2, 58981), (3, 35999)]),
        }
    }
}

#[test]
fn case_29_bonds_penalty() {
    let rows = |penalty: u16| {
        let mut subnet = Subnet::liquid(&[9, 1, 0, 0], 65535, 65535, 0)
            .weights(&[(0, &[(3, 65535), (2, 0)]), (1, &[(3, 32768), (2, 32767)])])
            .bonds(&[(1, &[(2, 65535)])]);
        subnet.params.bonds_penalty = penalty;
        subnet.run().bonds
    };
    // Alpha is 1, so that bonds are the weights bought with: clipped, original, or between.
    assert_eq!(rows(65_535)[..2], [vec![(3, 65535)], vec![(3, 32767)]]);
    assert_eq!(
        rows(0)[..2],
        [vec![(3, 65535)], vec![(3, 32767), (2, 32766)]]
    );
    assert_eq!(
        rows(32_768)[..2],
        [vec![(3, 65535)], vec![(2, 16383), (3, 32767)]]
    );
}

#[test]
fn case_30_frozen_bonds() {
    let mut subnet = Subnet::new(&[6, 4, 0, 0])
        .weights(&[(0, &[(2, 65535)]), (1, &[(2, 65535)])])
        .bonds(&[(0, &[(2, 20000)]), (1, &[(2, 65535)])]);
    subnet.params.bonds_moving_average = 1_000_000;
    let output = subnet.run();
    assert_eq!(output.bonds[..2], [vec![(2, 19999)], vec![(2, 65535)]]);
}

#[test]
fn case_30_negative_alpha() {
    let mut subnet = Subnet::new(&[6, 4, 0])
        .weights(&[(0, &[(2, 65535)]), (1, &[(2, 65535)])])
        .bonds(&[(0, &[(2, 65535)])]);
    for yuma3 in [false, true] {
        subnet.params.yuma3 = yuma3;
        subnet.params.bonds_moving_average = 1_500_000;
        // −½ of what uid 0 buys and 1½ of what it has; of uid 1, which has none, only what is below 0.
        let output = subnet.run();
        assert_eq!(output.bonds[..2], [vec![(2, 65535)], vec![]]);
        assert_eq!(output.dividends, [65535, 0, 0]);
        for bonds_moving_average in [1_000_001, u64::MAX] {
            subnet.params = Params {
                bonds_moving_average,
                ..subnet.params
            };
            assert!(subnet.run().bonds[1].is_empty());
        }
    }
}

/// The numbers of case 31 and 32 are vector H5.
#[test]
fn case_31_liquid_alpha_drops_bonds_without_a_weight() {
    let old: &[(u16, u16)] = &[(1, 65535), (2, 65535)];
    let subnet = Subnet::liquid(&[5, 0, 0], 0, 0, 0).bonds(&[(0, old)]);
    assert_eq!(
        subnet.clone().weights(&[(0, &[(1, 65535)])]).run().bonds[0],
        [(1, 65535)]
    );
    assert_eq!(
        subnet.weights(&[(0, &[(1, 65535), (2, 0)])]).run().bonds[0],
        [(1, 65535), (2, 65535)]
    );
}

#[test]
fn case_32_unsorted_rows_read_as_zero_in_the_sigmoid_only() {
    let run = |row: &[(u16, u16)], old: &[(u16, u16)]| {
        let subnet = Subnet::liquid(&[5, 0, 0, 0], 6553, 58_982, 1000)
            .weights(&[(0, row)])
            .bonds(&[(0, old)]);
        let mut bonds = subnet.run().bonds[0].clone();
        bonds.sort();
        bonds
    };
    let sorted = run(&[(1, 40000), (2, 20000)], &[(1, 9000), (2, 9000)]);
    let unsorted = run(&[(2, 20000), (1, 40000)], &[(1, 9000), (2, 9000)]);
    // Uid 2 comes first and is seen; uid 1 is not: read as 0 it is less than its bond instead of more, so alpha differs.
    assert_eq!(unsorted[1], sorted[1]);
    assert_ne!(unsorted[0], sorted[0]);
    // Old bonds are walked the same way: not seen, but still decayed. With 0 for the bond the weight still exceeds it.
    assert_eq!(
        run(&[(1, 40000), (2, 20000)], &[(2, 9000), (1, 9000)]),
        sorted
    );
}

#[test]
fn case_33_liquid_alpha_without_effect() {
    let liquid = LiquidAlpha {
        low: 65535,
        high: 65535,
        steepness: 1000,
    };
    let row: &[(u16, u16)] = &[(1, 65535)];
    // Yuma2
    let mut subnet = Subnet::new(&[5, 0]).weights(&[(0, row)]);
    let expected = subnet.run();
    subnet.params.liquid_alpha = Some(liquid);
    assert_eq!(subnet.run(), expected);
    // Yuma3 without consensus: the scalar alpha, under which bonds without a weight decay
    let mut subnet = split_vote(32_768).bonds(&[(0, &[(3, 65535)])]);
    subnet.params.yuma3 = true;
    let expected = subnet.run();
    assert_eq!(expected.bonds[0], [(3, 58981)]);
    subnet.params.liquid_alpha = Some(liquid);
    assert_eq!(subnet.run(), expected);
}

#[test]
fn case_34_bonds_to_recently_registered_miners() {
    let mut subnet = Subnet::new(&[5, 0, 0]).bonds(&[(0, &[(1, 65535), (2, 65535)])]);
    subnet.params.last_tempo_block = 701;
    for (registered, kept) in [(700, true), (701, false), (702, false)] {
        subnet.registered[2] = registered;
        let bonds = &subnet.run().bonds[0];
        assert_eq!(
            bonds.iter().any(|&(target, _)| target == 2),
            kept,
            "registered at {registered}"
        );
    }
    // At 0 even uids that were always there lose theirs.
    subnet.params.last_tempo_block = 0;
    assert!(subnet.run().bonds[0].is_empty());
}

#[test]
fn case_35_switching_versions_reinterprets_bonds() {
    let mut subnet = Subnet::new(&[6, 4, 0]).weights(&[(0, &[(2, 65535)]), (1, &[(2, 65535)])]);
    subnet.bonds = subnet.run().bonds;
    assert_eq!(subnet.bonds[..2], [vec![(2, 65535)], vec![(2, 43689)]]);
    subnet.params.yuma3 = true;
    // 0.1 + 0.9 · 43689 / 65535, taken as it stands
    let output = subnet.run();
    assert_eq!(output.bonds[..2], [vec![(2, 65535)], vec![(2, 45873)]]);
    subnet.bonds = output.bonds;
    subnet.params.yuma3 = false;
    assert_eq!(subnet.run().bonds[1], [(2, 45650)]);
}

#[test]
fn case_36_sigmoid_steepness() {
    // First bond on a weight of 1 with consensus 1: the weight does not exceed it, so delta is 0 and the bond is alpha.
    let alpha = |steepness: i16| {
        let subnet = Subnet::liquid(&[5, 0], 0, 65_535, steepness).weights(&[(0, &[(1, 65535)])]);
        subnet.run().bonds[0].first().map_or(0, |bond| bond.1)
    };
    assert_eq!(alpha(0), 32767);
    assert_eq!(alpha(200), 17625); // 1 / (1 + e)
    assert_eq!(alpha(-200), 47909); // 1 / (1 + e^-1)
    assert_eq!(alpha(i16::MIN), 65534); // |z| clamped at 20
    assert_eq!(alpha(i16::MAX), 0);
}

#[test]
fn case_37_alpha_values_out_of_order() {
    let subnet = Subnet::liquid(&[5, 0], 40_000, 20_000, 1000).weights(&[(0, &[(1, 65535)])]);
    assert_eq!(subnet.run().bonds[0], [(1, 39999)]);
}

/// Vectors stored up to spec 362.
#[test]
fn legacy_scores() {
    let mut subnet =
        Subnet::new(&[6, 4, 0, 0]).weights(&[(0, &[(2, 65535)]), (1, &[(2, 32768), (3, 32767)])]);
    assert_eq!(subnet.run().legacy, None);
    subnet.rules = yuma::Rules::of_spec(362);
    let output = subnet.run();
    let legacy = output.legacy.unwrap();
    assert_eq!(output.consensus, [0, 0, 65535, 0]);
    assert_eq!(legacy.rank, output.incentive);
    // Uid 2 keeps all it was given, uid 3 nothing.
    assert_eq!(legacy.trust, [0, 0, 65535, 0]);
    // Dividends 3/4 and 1/4 beside an incentive of 1
    assert_eq!(legacy.pruning_scores, [49151, 16384, 65535, 0]);
}
