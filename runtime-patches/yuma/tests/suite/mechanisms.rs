//! Cases C: emission vectors, mechanisms; and voting power.

use crate::subnet::Subnet;
use yuma::voting_power::{update, Change};
use yuma::{aggregate, split_mechanisms, Mechanism};

const E: u64 = 1_000_000_000;

fn subnet() -> Subnet {
    Subnet::new(&[5, 3, 0, 0]).weights(&[
        (0, &[(2, 65535), (3, 21845)]),
        (1, &[(2, 65535), (3, 21845)]),
    ])
}

#[test]
fn case_38_no_rao() {
    let (paid, _) = subnet().pay(E);
    let (output, amounts) = subnet().pay(0);
    assert_eq!(output, paid);
    assert_eq!(
        (&amounts.server, &amounts.validator, &amounts.combined),
        (&vec![0; 4], &vec![0; 4], &vec![0; 4])
    );
    let mechanisms = [Mechanism {
        rao: 0,
        output: &output,
        emission: &amounts,
    }; 2];
    let joined = aggregate(0, &mechanisms);
    assert_eq!(joined.dividends, output.dividends); // all from mechanism 0
    assert_eq!(split_mechanisms(0, 2, None), [0, 0]);
}

#[test]
fn case_39_floored_amounts_never_exceed_the_whole() {
    for rao in [
        1,
        2,
        3,
        1000,
        1_000_000_007,
        21_000_000_000_000_000,
        u64::MAX,
    ] {
        let (_, amounts) = subnet().pay(rao);
        let paid: u128 = amounts
            .server
            .iter()
            .chain(&amounts.validator)
            .map(|&amount| u128::from(amount))
            .sum();
        assert!(paid <= u128::from(rao), "{paid} of {rao}");
        assert!(
            u128::from(rao) - paid <= 8 + (u128::from(rao) >> 28),
            "{paid} of {rao}"
        );
    }
}

#[test]
fn case_40_no_dividends_and_no_stake() {
    let (_, amounts) = Subnet::new(&[0, 0]).pay(E);
    assert_eq!(
        (amounts.server, amounts.validator),
        (vec![0, 0], vec![0, 0])
    );
}

#[test]
fn case_41_incentives_without_dividends() {
    let mut subnet = subnet();
    subnet.params.bonds_moving_average = 1_000_000;
    let (_, amounts) = subnet.pay(E);
    assert!(amounts.server.iter().sum::<u64>() >= E - 2);
    assert_eq!(amounts.validator, [0; 4]);
}

#[test]
fn case_42_splitting() {
    assert_eq!(split_mechanisms(101, 2, None), [51, 50]);
    assert_eq!(split_mechanisms(101, 3, None), [35, 33, 33]);
    assert_eq!(split_mechanisms(65_535, 2, Some(&[20_000])), [65_535, 0]);
    assert_eq!(
        split_mechanisms(65_535, 2, Some(&[20_000, 30_000, 15_535])),
        [35_535, 30_000]
    );
    assert_eq!(
        split_mechanisms(65_536, 3, Some(&[20_000, 30_000, 15_535])),
        [20_001, 30_000, 15_535]
    );
    assert_eq!(split_mechanisms(u64::MAX, 1, Some(&[65_535])), [u64::MAX]);
    assert!(split_mechanisms(5, 0, None).is_empty());
}

#[test]
fn case_43_aggregation_truncates_after_each_mechanism() {
    let parts = split_mechanisms(E + 1, 2, None);
    let results: Vec<_> = parts.iter().map(|&rao| subnet().pay(rao)).collect();
    let mechanisms: Vec<_> = parts
        .iter()
        .zip(&results)
        .map(|(&rao, (output, emission))| Mechanism {
            rao,
            output,
            emission,
        })
        .collect();
    let joined = aggregate(E + 1, &mechanisms);
    let output = &results[0].0;
    assert_eq!(output.dividends, [40959, 24575, 0, 0]);
    assert_eq!(joined.dividends, [40958, 24574, 0, 0]); // 20479.5… twice, 12287.5… twice
    assert_eq!(joined.stake_term, [10, 6, 0, 0]);
    assert_eq!(
        joined.server[2],
        results[0].1.server[2] + results[1].1.server[2]
    );
    assert_eq!(joined.validator_permit, [true, true, false, false]);

    let single = aggregate(
        E,
        &[Mechanism {
            rao: E,
            ..mechanisms[0]
        }],
    );
    assert_eq!(single.dividends, output.dividends);
    assert_eq!(single.consensus, output.consensus);
    assert_eq!(single.emission, results[0].1.combined);
}

#[test]
fn voting_power_follows_stake() {
    const ONE: u64 = 1_000_000_000_000_000_000;
    assert_eq!(update(100, 200, true, ONE / 2, 0), Change::Store(150));
    assert_eq!(update(100, 200, false, ONE / 2, 0), Change::Remove);
    // The default factor, floored
    assert_eq!(
        update(1_000_000, 2_000_000, true, 3_570_000_000_000_000, 0),
        Change::Store(1_003_570)
    );
    assert_eq!(update(1, 0, true, 3_570_000_000_000_000, 0), Change::Keep);
    // Falling through the threshold removes; staying below it, or equal, does not.
    assert_eq!(update(100, 0, true, ONE / 100, 100), Change::Remove);
    assert_eq!(update(99, 0, true, ONE / 100, 100), Change::Store(98));
    assert_eq!(update(0, 100, true, ONE, 100), Change::Store(100));
    assert_eq!(update(0, 0, true, ONE, 100), Change::Keep);
    // A factor above 1 leaves nothing of the old value.
    assert_eq!(
        update(u64::MAX, u64::MAX, true, u64::MAX, 0),
        Change::Store(u64::MAX)
    );
}
