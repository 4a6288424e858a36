//! Vectors H1 to H8.

use crate::subnet::Subnet;
use yuma::exp::{exp, exp_safe};
use yuma::fixed::{from_u16_part, ONE};
use yuma::stake::proportion;
use yuma::substrate_fixed::types::I32F32;
use yuma::EpochOutput;

const E: u64 = 1_000_000_000;

#[test]
fn h1_six_epochs() {
    let mut subnet = Subnet::new(&[1, 2, 3, 4, 0, 0, 0, 0]);
    subnet.permits = vec![true; 8];
    let row = [(4, 16383), (5, 32767), (6, 49149), (7, 65535)];
    for uid in 0..4 {
        subnet.weights[uid] = row.to_vec();
    }
    type Step = (Option<(usize, u16)>, [u64; 8], [u16; 4], [u16; 4]);
    let steps: [Step; 6] = [
        (
            None,
            [
                49999998, 99999999, 150000000, 200000001, 49998779, 100000610, 149996337, 200004272,
            ],
            [16383, 32767, 49151, 65535],
            [16383, 32767, 49151, 65535],
        ),
        (
            Some((0, 0)),
            [
                44998351, 101110561, 151667215, 202223870, 49998779, 100000610, 149996337,
                200004272,
            ],
            [14582, 32767, 49151, 65535],
            [14582, 32767, 49151, 65535],
        ),
        (
            Some((1, 1)),
            [
                40496805, 90999783, 157929636, 210573773, 49998779, 100000610, 149996337, 200004272,
            ],
            [12603, 28321, 49151, 65535],
            [12603, 28321, 49151, 65535],
        ),
        (
            Some((2, 2)),
            [99999999, 199999999, 299999999, 399999999, 0, 0, 0, 0],
            [12602, 28320, 49150, 65535],
            [12602, 28320, 49150, 65535],
        ),
        (
            Some((2, 7)),
            [36443733, 81898628, 163565493, 218092144, 0, 0, 0, 500000000],
            [12601, 28319, 49149, 65535],
            [10951, 24609, 49150, 65535],
        ),
        (
            None,
            [32799427, 73706612, 168638129, 224855830, 0, 0, 0, 500000000],
            [12600, 28318, 49148, 65535],
            [9559, 21482, 49150, 65535],
        ),
    ];
    for (step, (change, combined, column_4, column_7)) in steps.into_iter().enumerate() {
        if let Some((uid, target)) = change {
            subnet.weights[uid] = vec![(target, 65535)];
        }
        let (output, amounts) = subnet.pay(E);
        assert_eq!(amounts.combined, combined, "step {}", step + 1);
        assert_eq!(column(&output, 4), column_4, "step {}", step + 1);
        assert_eq!(column(&output, 7), column_7, "step {}", step + 1);
        subnet.bonds = output.bonds;
    }
}

/// Bonds of uids 0 to 3 toward `target`.
fn column(output: &EpochOutput, target: u16) -> Vec<u16> {
    let bond = |row: &Vec<(u16, u16)>| row.iter().find(|entry| entry.0 == target).unwrap().1;
    output.bonds[..4].iter().map(bond).collect()
}

#[test]
fn h2_one_validator_two_miners() {
    let subnet = Subnet::new(&[5, 0, 0]).weights(&[(0, &[(1, 65535), (2, 21845)])]);
    let (output, amounts) = subnet.pay(E);
    assert_eq!(amounts.server, [0, 375000000, 125000000]);
    assert_eq!(amounts.validator, [500000000, 0, 0]);
    assert_eq!(output.incentive, [0, 49151, 16383]);
    assert_eq!(output.dividends, [65535, 0, 0]);
    assert_eq!(output.bonds, [vec![(1, 65535), (2, 65535)], vec![], vec![]]);
}

#[test]
fn h2_self_weight_without_and_with_owner() {
    let mut subnet = Subnet::new(&[5, 0, 0]).weights(&[(0, &[(0, 65535)])]);
    let (_, amounts) = subnet.pay(E);
    assert_eq!(amounts.server, [0, 0, 0]);
    assert_eq!(amounts.validator, [1000000000, 0, 0]);
    subnet.owner_uid = Some(0);
    let (output, amounts) = subnet.pay(E);
    assert_eq!(amounts.server, [500000000, 0, 0]);
    assert_eq!(amounts.validator, [500000000, 0, 0]);
    assert_eq!(output.bonds, [vec![(0, 65535)], vec![], vec![]]);
}

#[test]
fn h3_kappa_at_one_half() {
    let mut subnet = Subnet::new(&[5, 5, 0, 0]).weights(&[(0, &[(2, 65535)]), (1, &[(3, 65535)])]);
    let (output, amounts) = subnet.pay(E);
    assert_eq!(amounts.server, [0, 0, 250000000, 250000000]);
    assert_eq!(amounts.validator, [250000000, 250000000, 0, 0]);
    assert_eq!(output.consensus, [0, 0, 65535, 65535]);
    assert_eq!(output.incentive, [0, 0, 32767, 32767]);

    subnet.params.kappa = 32_768;
    let (output, amounts) = subnet.pay(E);
    assert_eq!(output.consensus, [0, 0, 0, 0]);
    assert_eq!(amounts.server, [0, 0, 0, 0]);
    assert_eq!(amounts.validator, [500000000, 500000000, 0, 0]);
    assert!(output.bonds.iter().all(Vec::is_empty));
}

#[test]
fn h3_five_equal_stakes_two_permits() {
    let mut subnet = Subnet::new(&[7; 5]);
    subnet.params.max_allowed_validators = 2;
    let output = subnet.run();
    assert_eq!(output.validator_permit, [false, false, false, true, true]);
    assert_eq!(output.stake_weight, [13106; 5]);
}

#[test]
fn h4_frozen_bonds_pay_servers_only() {
    let mut subnet = Subnet::new(&[5, 0, 0]).weights(&[(0, &[(1, 65535)])]);
    subnet.params.bonds_moving_average = 1_000_000;
    let (output, amounts) = subnet.pay(E);
    assert_eq!(amounts.server, [0, 1000000000, 0]);
    assert_eq!(amounts.validator, [0, 0, 0]);
    assert_eq!(output.dividends, [0, 0, 0]);
    assert!(output.bonds.iter().all(Vec::is_empty));
}

fn h5() -> Subnet {
    Subnet::liquid(&[6, 4, 0, 0], 45_875, 58_982, 1000).bonds(&[
        (0, &[(2, 30000), (3, 30000)]),
        (1, &[(2, 30000), (3, 30000)]),
    ])
}

#[test]
fn h5_liquid_alpha() {
    let row: &[(u16, u16)] = &[(2, 65535), (3, 32768)];
    let output = h5().weights(&[(0, row), (1, row)]).run();
    assert_eq!(output.bonds[0], [(2, 39601), (3, 24254)]);
    assert_eq!(output.bonds[1], [(2, 39601), (3, 24254)]);
    assert_eq!(output.dividends, [39320, 26213, 0, 0]);
}

#[test]
fn h5_liquid_alpha_with_an_unsorted_row() {
    let output = h5()
        .weights(&[
            (0, &[(3, 32768), (2, 65535)]),
            (1, &[(2, 65535), (3, 32768)]),
        ])
        .run();
    assert_eq!(output.bonds[0], [(3, 24254), (2, 40667)]);
    assert_eq!(output.bonds[1], [(2, 39601), (3, 24254)]);
    assert_eq!(output.dividends, [39598, 25936, 0, 0]);
}

#[test]
fn h5_liquid_alpha_keeps_a_bond_only_with_a_weight_entry() {
    let row: &[(u16, u16)] = &[(2, 65535)];
    let subnet = h5()
        .bonds(&[(1, &[(2, 30000)])])
        .weights(&[(0, row), (1, row)]);
    assert_eq!(subnet.run().bonds[0], [(2, 54922)]);
    let subnet = subnet.weights(&[(0, &[(2, 65535), (3, 0)])]);
    assert_eq!(subnet.run().bonds[0], [(2, 54922), (3, 6623)]);
}

#[test]
fn h6_yuma3_liquid_six_epochs() {
    let mut subnet = Subnet::liquid(&[8, 1, 1, 0, 0], 6553, 19660, 1000);
    subnet.params.max_allowed_validators = 3;
    subnet.params.bonds_penalty = 0;
    subnet.params.bonds_moving_average = 975_000;
    for uid in 0..3 {
        subnet.weights[uid] = vec![(3, 65535), (4, 0)];
    }
    let expected: [([[f64; 2]; 3], [f64; 3]); 6] = [
        (
            [[0.1013, 0.0], [0.1013, 0.0], [0.1013, 0.0]],
            [0.8, 0.1, 0.1],
        ),
        (
            [[0.0908, 0.1013], [0.3697, 0.0], [0.3697, 0.0]],
            [1.0, 0.0, 0.0],
        ),
        (
            [[0.0815, 0.1924], [0.3170, 0.1013], [0.5580, 0.0]],
            [0.9382, 0.0618, 0.0],
        ),
        (
            [[0.0731, 0.2742], [0.2765, 0.1924], [0.4306, 0.1013]],
            [0.8819, 0.0773, 0.0407],
        ),
        (
            [[0.0656, 0.3478], [0.2435, 0.2742], [0.3589, 0.1924]],
            [0.8564, 0.0844, 0.0592],
        ),
        (
            [[0.0588, 0.4139], [0.2157, 0.3478], [0.3089, 0.2742]],
            [0.8418, 0.0884, 0.0697],
        ),
    ];
    for (step, (bonds, dividends)) in expected.into_iter().enumerate() {
        if (1..=3).contains(&step) {
            subnet.weights[step - 1] = vec![(3, 0), (4, 65535)];
        }
        let output = subnet.run();
        for uid in 0..3 {
            for (target, expected) in [3, 4].into_iter().zip(bonds[uid]) {
                let entry = output.bonds[uid].iter().find(|entry| entry.0 == target);
                assert_close(entry.map_or(0, |entry| entry.1), expected, step);
            }
            assert_close(output.dividends[uid], dividends[uid], step);
        }
        subnet.bonds = output.bonds;
    }
}

fn assert_close(value: u16, expected: f64, step: usize) {
    let value = f64::from(value) / 65_535.0;
    assert!(
        (value - expected).abs() < 0.001,
        "step {}: {value} is not {expected}",
        step + 1
    );
}

#[test]
fn h7_exp_bits() {
    let half = I32F32::from_bits(1 << 31);
    let whole = |x: i64| exp(I32F32::from_bits(x << 32)).unwrap().to_bits();
    assert_eq!(exp(half).unwrap().to_bits(), 7081203935);
    assert_eq!(whole(0), 1 << 32);
    assert_eq!(whole(1), 11674931200);
    assert_eq!(whole(-1), 1580030169);
    assert_eq!(whole(5), 637429664624);
    assert_eq!(whole(-5), 28939262);
    assert_eq!(whole(10), 94602947905357);
    assert_eq!(whole(20), 2066907302758576256);
    assert_eq!(whole(-20), 8);
    assert_eq!(exp(I32F32::from_bits(25 << 32)), None);
    assert_eq!(exp(I32F32::from_bits(i64::MIN)), None);
    assert_eq!(
        exp_safe(I32F32::from_bits(i64::MAX)).to_bits(),
        2066907302758576256
    );
    assert_eq!(exp_safe(I32F32::from_bits(i64::MIN)).to_bits(), 8);
}

#[test]
fn h8_constants() {
    assert_eq!(from_u16_part(11_796).to_bits(), 773074452);
    assert_eq!(from_u16_part(32_767).to_bits(), 2147450879);
    assert_eq!(from_u16_part(45_875).to_bits(), 3006509875);
    assert_eq!(from_u16_part(58_982).to_bits(), 3865503334);
    assert_eq!(from_u16_part(65_535), ONE);
}

/// The default `TaoWeight` whose 32-bit fraction H8 gives.
#[test]
fn h8_tao_weight() {
    assert_eq!(proportion(971_718_665_099_567_868).to_bits(), 226245882);
    assert_eq!(proportion(u64::MAX).to_bits(), 1 << 32);
    assert_eq!(proportion(u64::MAX - 1).to_bits(), (1 << 32) - 1);
}
