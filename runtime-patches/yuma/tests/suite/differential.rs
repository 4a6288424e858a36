//! The crate against the reference, bit for bit, on random small epochs: all masks, both versions, liquid alpha on and off, unsorted
//! rows, equal stakes, extreme parameters.

use crate::random::{any_subnet, rows, Random};
use crate::reference::exact::{self, z, F32, F64, Z};
use crate::reference::{self, Results};
use crate::subnet::Subnet;
use yuma::exp::exp;
use yuma::log2::log2;
use yuma::substrate_fixed::types::{I32F32, I96F32};
use yuma::{aggregate, emission, fixed, split_mechanisms, Mechanism};

fn bits(values: &[I32F32]) -> Vec<Z> {
    values.iter().map(|value| z(value.to_bits())).collect()
}

fn ints<T: Copy + Into<Z>>(values: &[T]) -> Vec<Z> {
    values.iter().map(|&value| value.into()).collect()
}

/// How many epochs reached what: a test that computes nothing must not pass.
#[derive(Debug, Default)]
struct Reached {
    paid: usize,
    liquid: usize,
    clipped: usize,
    fallback: usize,
}

fn check(subnet: &Subnet, rao: u64, reached: &mut Reached, case: u64) {
    let (output, expected) = (subnet.run(), reference::run(subnet));
    macro_rules! equal {
        ($left:expr, $right:expr) => {
            assert_eq!(
                $left,
                $right,
                "case {case}, {}: {subnet:#?}",
                stringify!($left)
            )
        };
    }
    let shares = &output.shares;
    equal!(output.active, expected.active);
    equal!(ints(&output.stake_term), expected.stake_term);
    equal!(bits(&shares.stake), expected.stake);
    equal!(bits(&shares.active_stake), expected.active_stake);
    equal!(output.validator_permit, expected.permits);
    equal!(bits(&shares.consensus), expected.consensus);
    equal!(bits(&shares.validator_trust), expected.trust);
    equal!(bits(&shares.incentive), expected.incentive);
    equal!(bits(&shares.dividends), expected.dividends);
    equal!(bits(&shares.server_emission), expected.server);
    equal!(bits(&shares.validator_emission), expected.validator);
    equal!(bits(&shares.combined_emission), expected.combined);
    equal!(
        ints(&output.stake_weight),
        Results::quantised(&expected.stake)
    );
    equal!(
        ints(&output.consensus),
        Results::quantised(&expected.consensus)
    );
    equal!(
        ints(&output.incentive),
        Results::quantised(&expected.incentive)
    );
    equal!(
        ints(&output.dividends),
        Results::quantised(&expected.dividends)
    );
    equal!(
        ints(&output.validator_trust),
        Results::quantised(&expected.trust)
    );
    let row = |row: &Vec<(u16, u16)>| {
        row.iter()
            .map(|&(j, bond)| (usize::from(j), z(bond)))
            .collect::<Vec<_>>()
    };
    equal!(
        output.bonds.iter().map(row).collect::<Vec<_>>(),
        expected.bonds
    );
    let legacy = output.legacy.as_ref().expect("asked for");
    equal!(
        [
            ints(&legacy.rank),
            ints(&legacy.trust),
            ints(&legacy.pruning_scores)
        ],
        expected.legacy
    );
    let amounts = emission(&output, rao);
    equal!(
        [
            ints(&amounts.server),
            ints(&amounts.validator),
            ints(&amounts.combined)
        ],
        expected.rao(rao)
    );

    let some = |values: &[u16]| values.iter().any(|&value| value > 0);
    reached.paid += usize::from(some(&output.incentive) && some(&output.dividends));
    let liquid = subnet.params.yuma3 && subnet.params.liquid_alpha.is_some();
    reached.liquid += usize::from(liquid && some(&output.dividends));
    reached.clipped += usize::from(
        some(&output.incentive)
            && legacy
                .trust
                .iter()
                .any(|&trust| trust > 0 && trust < 65_000),
    );
    reached.fallback +=
        usize::from(!some(&output.incentive) && amounts.validator.iter().any(|&rao| rao > 0));
}

#[test]
fn ten_thousand_random_epochs_equal_the_reference() {
    let mut reached = Reached::default();
    for case in 0..10_000 {
        let mut random = Random(case);
        let subnet = any_subnet(&mut random);
        let rao = random.any_u64();
        check(&subnet, rao, &mut reached, case);
    }
    assert!(reached.paid > 3_000 && reached.liquid > 600, "{reached:?}");
    assert!(
        reached.clipped > 800 && reached.fallback > 800,
        "{reached:?}"
    );
}

/// Bonds carried over, so that stored and sorted rows come back in.
#[test]
fn epochs_in_a_row_equal_the_reference() {
    for case in 0..200 {
        let mut random = Random(1_000_000 + case);
        let mut subnet = any_subnet(&mut random);
        for _ in 0..5 {
            check(&subnet, 1_000_000_007, &mut Reached::default(), case);
            let output = subnet.run();
            subnet.bonds = output.bonds;
            subnet.permits = output.validator_permit;
        }
    }
}

#[test]
fn scalar_operations_equal_the_reference() {
    let mut random = Random(7);
    let mut value = || {
        let (any, shift) = (random.next() as i64, random.below(64));
        I32F32::from_bits(random.pick(&[
            0,
            1,
            -1,
            1 << 32,
            -1 << 32,
            i64::MAX,
            i64::MIN,
            any >> shift,
            any >> shift,
            any >> shift << 32,
            any,
        ]))
    };
    for _ in 0..100_000 {
        let (a, b) = (value(), value());
        let (x, y) = (z(a.to_bits()), z(b.to_bits()));
        assert_eq!(
            z(fixed::smul(a, b).to_bits()),
            F32.smul(&x, &y),
            "{a} * {b}"
        );
        assert_eq!(
            fixed::cdiv(a, b).map(|q| z(q.to_bits())),
            F32.cdiv(&x, &y),
            "{a} / {b}"
        );
        assert_eq!(
            z(fixed::sdiv(a, b).to_bits()),
            F32.sdiv(&x, &y),
            "{a} / {b}"
        );
        assert_eq!(
            z(fixed::sadd(a, b).to_bits()),
            F32.saturate(&x + &y),
            "{a} + {b}"
        );
        assert_eq!(
            z(fixed::ssub(a, b).to_bits()),
            F32.saturate(&x - &y),
            "{a} - {b}"
        );
        assert_eq!(exp(a).map(|e| z(e.to_bits())), exact::exp(&x), "exp {a}");
    }
}

/// The helpers against the crate they stand in for, where that one has the operation.
#[test]
fn scalar_operations_equal_substrate_fixed() {
    let mut random = Random(8);
    let mut value = || {
        let (any, shift) = (random.next() as i64, random.below(64));
        I32F32::from_bits(random.pick(&[
            0,
            1,
            -1,
            1 << 32,
            i64::MAX,
            i64::MIN,
            any >> shift,
            any >> shift << 32,
            any,
        ]))
    };
    for _ in 0..100_000 {
        let (a, b) = (value(), value());
        assert_eq!(fixed::smul(a, b), a.saturating_mul(b), "{a} * {b}");
        assert_eq!(fixed::cmul(a, b), a.checked_mul(b), "{a} * {b}");
        assert_eq!(fixed::cdiv(a, b), a.checked_div(b), "{a} / {b}");
        assert_eq!(
            exp(a).ok_or(()),
            yuma::substrate_fixed::transcendental::exp::<I32F32, I32F32>(a),
            "exp {a}"
        );
        if b != 0 {
            assert_eq!(fixed::satdiv(a, b), a.saturating_div(b), "{a} / {b}");
        }
    }
}

#[test]
fn log2_equals_the_reference() {
    let mut random = Random(9);
    for _ in 0..20_000 {
        let x = (i128::from(random.next()) << random.below(63)).max(1 << 32) >> random.below(32);
        let result = log2(I96F32::from_bits(x));
        match x >= 1 << 32 {
            true => assert_eq!(z(result.unwrap().to_bits()), exact::log2(&z(x))),
            false => assert_eq!(result, None),
        }
    }
}

/// Inherited and total stake against the formulas in unbounded integers.
#[test]
fn stake_equals_the_reference() {
    let mut random = Random(10);
    for _ in 0..20_000 {
        let (own, root, tao_weight) = (random.any_u64(), random.any_u64(), random.any_u64());
        let length = random.below(4) as usize;
        let children = random.many(length, Random::any_u64);
        let parents = random.many(length, |random| (random.any_u64(), random.any_u64()));
        let proportion = |parts: u64| (z(parts) << 32) / z(u64::MAX);
        let given: Z = children.iter().map(|&parts| proportion(parts) * own).sum();
        let received: Z = parents
            .iter()
            .map(|&(amount, parts)| proportion(parts) * amount)
            .sum();
        let kept = Z::max((z(own) << 32) - given, z(0));
        let expected = Z::min((kept + received) >> 32, z(u64::MAX));
        assert_eq!(z(yuma::stake::inherited(own, children, parents)), expected);

        let total =
            F64.saturate(F64.int(own) + F64.smul(&F64.int(root), &(proportion(tao_weight) << 32)));
        assert_eq!(
            z(yuma::stake::total(own, root, tao_weight).to_bits()),
            total
        );
    }
}

#[test]
fn mechanisms_equal_the_reference() {
    for case in 0..500 {
        let mut random = Random(2_000_000 + case);
        let subnet = any_subnet(&mut random);
        let rao = random.any_u64();
        let count = 1 + random.below(4) as u8;
        let split = random.one_in(2).then(|| {
            let length = random.below(6) as usize;
            random.many(length, Random::any_u16)
        });
        let parts = split_mechanisms(rao, count, split.as_deref());
        let part = |m: usize| match &split {
            Some(split) => z(rao) * split.get(m).copied().unwrap_or(0) / 65_535,
            None => z(rao) / count,
        };
        let mut expected: Vec<Z> = (0..usize::from(count)).map(part).collect();
        let rest = (z(rao) - expected.iter().sum::<Z>()).max(z(0));
        expected[0] += rest;
        assert_eq!(ints(&parts), expected);

        let outputs: Vec<_> = parts
            .iter()
            .map(|&rao| {
                let mut subnet = subnet.clone();
                subnet.weights = rows(&mut random, usize::from(subnet.uids), false);
                (rao, subnet.pay(rao))
            })
            .collect();
        let mechanisms: Vec<_> = outputs
            .iter()
            .map(|(rao, (output, emission))| Mechanism {
                rao: *rao,
                output,
                emission,
            })
            .collect();
        let joined = aggregate(rao, &mechanisms);
        let weight = |m: usize| match rao {
            0 => z(u8::from(m == 0)) << 64,
            _ => (z(parts[m]) << 64) / rao,
        };
        for uid in 0..usize::from(subnet.uids) {
            let weighted = |value: &dyn Fn(usize) -> u64, max: u64| {
                let add =
                    |sum: Z, m: usize| Z::min(((sum << 64) + weight(m) * value(m)) >> 64, z(max));
                (0..mechanisms.len()).fold(z(0), add)
            };
            let weighted_u16 =
                |value: &dyn Fn(usize) -> u16| weighted(&|m| value(m).into(), u16::MAX.into());
            let output = |m: usize| mechanisms[m].output;
            assert_eq!(
                z(joined.stake_weight[uid]),
                weighted_u16(&|m| output(m).stake_weight[uid])
            );
            assert_eq!(
                z(joined.consensus[uid]),
                weighted_u16(&|m| output(m).consensus[uid])
            );
            assert_eq!(
                z(joined.dividends[uid]),
                weighted_u16(&|m| output(m).dividends[uid])
            );
            assert_eq!(
                z(joined.validator_trust[uid]),
                weighted_u16(&|m| output(m).validator_trust[uid])
            );
            assert_eq!(
                z(joined.emission[uid]),
                weighted(&|m| mechanisms[m].emission.combined[uid], u64::MAX)
            );
            let total = |value: &dyn Fn(usize) -> u64| -> Z {
                (0..mechanisms.len()).map(|m| z(value(m))).sum()
            };
            let capped = |sum: Z| sum.min(z(u64::MAX));
            assert_eq!(
                z(joined.server[uid]),
                capped(total(&|m| mechanisms[m].emission.server[uid]))
            );
            assert_eq!(
                z(joined.validator[uid]),
                capped(total(&|m| mechanisms[m].emission.validator[uid]))
            );
            assert_eq!(
                z(joined.stake_term[uid]),
                capped(total(&|m| output(m).stake_term[uid]))
            );
            assert_eq!(
                joined.active[uid],
                mechanisms.iter().any(|m| m.output.active[uid])
            );
            assert_eq!(
                joined.validator_permit[uid],
                mechanisms.iter().any(|m| m.output.validator_permit[uid])
            );
        }
    }
}
