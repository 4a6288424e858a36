//! Cases A: inputs and masks. What lives in storage code is left to the pallet: 10 (a re-registered uid's rows are removed),
//! 12 (the epoch index is advanced before the epoch), 13 (queues read from storage; the choice among commits is here), 23 (stake 0
//! and block 0 for a uid without a key; the compaction is here), 24 (a duplicate hotkey skips the epoch).

use crate::subnet::{Subnet, NOW};
use yuma::commits::{earliest_timelocked, epoch_of_block, first_in_queue, is_expired};
use yuma::substrate_fixed::types::I64F64;
use yuma::{last_tempo_block, Rules};

const E: u64 = 1_000_000_000;

/// Two validators with 6 and 4, miners 2 and 3 with equal weights from both.
fn two_validators() -> Subnet {
    let row: &[(u16, u16)] = &[(2, 65535), (3, 65535)];
    Subnet::new(&[6, 4, 0, 0]).weights(&[(0, row), (1, row)])
}

#[test]
fn case_1_no_weights_pays_active_stake() {
    let mut subnet = Subnet::new(&[6, 4, 0]).bonds(&[(0, &[(2, 65535)]), (1, &[(2, 32768)])]);
    let (output, amounts) = subnet.pay(E);
    assert_eq!(amounts.server, [0, 0, 0]);
    assert_eq!(amounts.validator, [599999999, 399999999, 0]);
    assert_eq!(amounts.combined, amounts.validator);
    for zeros in [
        &output.incentive,
        &output.dividends,
        &output.consensus,
        &output.validator_trust,
    ] {
        assert_eq!(*zeros, [0, 0, 0]);
    }
    // The bonds decay, then are scaled up again.
    assert_eq!(output.bonds, [vec![(2, 65535)], vec![(2, 32767)], vec![]]);

    // Nobody active: plain stake instead, inactive and unpermitted included.
    subnet.last_update = vec![0; 3];
    subnet.permits = vec![false; 3];
    let (output, amounts) = subnet.pay(E);
    assert_eq!(output.active, [false; 3]);
    assert_eq!(amounts.validator, [599999999, 399999999, 0]);
}

#[test]
fn case_1_fallback_prefers_active_stake() {
    let mut subnet = Subnet::new(&[6, 4, 0]);
    subnet.last_update[0] = 0;
    assert_eq!(subnet.pay(E).1.validator, [0, 1000000000, 0]);
}

#[test]
fn case_2_first_staker_without_old_permit() {
    let mut subnet = Subnet::new(&[5, 0]).weights(&[(0, &[(1, 65535)])]);
    subnet.permits = vec![false, false];
    let (output, amounts) = subnet.pay(E);
    assert_eq!(amounts.server, [0, 0]);
    assert_eq!(amounts.validator, [1000000000, 0]);
    assert_eq!(output.validator_permit, [true, false]);
    assert!(output.bonds.iter().all(Vec::is_empty));

    subnet.permits = output.validator_permit;
    assert_eq!(subnet.pay(E).1.server, [0, 500000000]);
}

#[test]
fn case_3_nobody_has_stake() {
    let mut subnet = Subnet::new(&[0, 0, 0]).weights(&[(0, &[(1, 65535)])]);
    subnet.owner_uid = Some(2);
    let (output, amounts) = subnet.pay(E);
    assert_eq!(output.stake_weight, [0, 0, 0]);
    assert_eq!(output.validator_permit, [false, false, true]);
    assert_eq!(
        (amounts.server, amounts.validator, amounts.combined),
        (vec![0; 3], vec![0; 3], vec![0; 3])
    );
}

#[test]
fn case_4_single_validator() {
    let subnet = Subnet::new(&[5, 0, 0]).weights(&[(0, &[(1, 65535), (2, 21845)])]);
    let (output, amounts) = subnet.pay(E);
    assert_eq!(output.consensus, [0, 49151, 16383]);
    assert_eq!(amounts.server.iter().sum::<u64>(), E / 2);
    assert_eq!(amounts.validator.iter().sum::<u64>(), E / 2);
}

#[test]
fn case_5_only_self_weights() {
    let mut subnet = Subnet::new(&[5, 5]).weights(&[(0, &[(0, 65535)]), (1, &[(1, 65535)])]);
    assert_eq!(subnet.pay(E).1.server, [0, 0]);
    assert_eq!(subnet.pay(E).1.validator, [500000000, 500000000]);
    subnet.owner_uid = Some(1);
    assert_eq!(subnet.pay(E).1.server, [0, 500000000]);
}

/// The owner's own weight counted before it got its other privileges.
#[test]
fn case_5_owner_self_weight_under_older_rules() {
    let mut subnet = Subnet::new(&[5, 5]).weights(&[(0, &[(0, 65535)]), (1, &[(1, 65535)])]);
    subnet.owner_uid = Some(1);
    subnet.rules = Rules::of_spec(400);
    assert_eq!(subnet.pay(E).1.server, [0, 500000000]);
}

#[test]
fn case_6_owner_without_stake_votes_without_weight() {
    let mut subnet = two_validators();
    subnet.stake.push(I64F64::from_num(0));
    subnet.uids = 5;
    subnet.permits.push(false);
    subnet.last_update.push(NOW);
    subnet.registered.push(0);
    subnet.weights.push(vec![(2, 65535)]);
    subnet.bonds.push(vec![]);
    let without = subnet.run();
    assert_eq!(without.validator_trust[4], 0);
    subnet.owner_uid = Some(4);
    let output = subnet.run();
    assert!(output.validator_permit[4]);
    assert_eq!(output.consensus, without.consensus);
    assert_eq!(output.incentive, without.incentive);
    assert_eq!(output.dividends, without.dividends);
    // Its weight of 1 is clipped to the consensus of one half.
    assert_eq!(output.validator_trust[4], 32767);
    assert!(output.bonds[4].is_empty());
    subnet.rules = Rules::of_spec(400);
    assert_eq!(subnet.run(), without);
}

#[test]
fn case_7_threshold_spares_the_owner_and_equality() {
    let mut subnet = Subnet::new(&[49, 50, 49, 0]);
    subnet.params.stake_threshold = 50;
    subnet.owner_uid = Some(2);
    let output = subnet.run();
    assert_eq!(output.validator_permit, [false, true, true, false]);
    assert_eq!(output.stake_weight[0], 0);
    assert_eq!(output.stake_term, [49, 50, 49, 0]);
    // The fraction does not count.
    subnet.stake[0] = I64F64::from_num(49.999);
    assert_eq!(subnet.run().stake_weight[0], 0);
    subnet.rules = Rules::of_spec(400);
    assert_eq!(subnet.run().stake_weight, [0, 65535, 0, 0]);
}

#[test]
fn case_8_no_owner_uid_no_privilege() {
    let mut subnet = Subnet::new(&[49, 50]).weights(&[(0, &[(0, 65535)])]);
    subnet.params.stake_threshold = 50;
    let (output, amounts) = subnet.pay(E);
    assert_eq!(output.validator_permit, [false, true]);
    assert_eq!(amounts.server, [0, 0]);
}

#[test]
fn case_9_weights_to_a_reused_uid_are_dropped() {
    let mut subnet = two_validators();
    subnet.last_update = vec![900; 4];
    subnet.registered[3] = 900;
    let output = subnet.run();
    assert_eq!(output.incentive, [0, 0, 65535, 0]); // what is left is renormalised
    subnet.registered[3] = 899;
    assert_eq!(subnet.run().incentive, [0, 0, 32767, 32767]);
    // An entry zeroed in place: the majority's weight for uid 3 is then 0.
    subnet.weights[0][1].1 = 0;
    assert_eq!(subnet.run().consensus, [0, 0, 65535, 0]);
}

#[test]
fn case_11_unrevealed_commit_older_than_the_registration() {
    let mut subnet = two_validators();
    subnet.registered[3] = 500;
    let expected = subnet.run();
    subnet.commits = Some(vec![499, 499, u64::MAX, u64::MAX]);
    assert_eq!(subnet.run().incentive, [0, 0, 65535, 0]);
    subnet.commits = Some(vec![500, 500, u64::MAX, u64::MAX]);
    assert_eq!(subnet.run(), expected);
    // Without a commit nothing is masked, also where the vector ends.
    subnet.commits = Some(vec![]);
    assert_eq!(subnet.run(), expected);
}

#[test]
fn case_12_expired_commit() {
    assert!(!is_expired(5, 6, 1));
    assert!(is_expired(5, 7, 1));
    assert!(!is_expired(u64::MAX, u64::MAX, 1));
    // Before the stateful schedule the epoch came from the block.
    assert_eq!(epoch_of_block(358, 2, 360), 1);
    assert_eq!(epoch_of_block(357, 2, 360), 0);
    assert_eq!(epoch_of_block(7, 2, 0), 10);
}

#[test]
fn case_13_several_commits() {
    let commits = [(3, 10), (5, 60), (5, 50), (6, 40)];
    assert_eq!(first_in_queue(commits, 6, 1), 60);
    assert_eq!(earliest_timelocked(commits, 6, 1), 40);
    assert_eq!(first_in_queue(commits, 9, 1), u64::MAX);
    assert_eq!(earliest_timelocked(commits, 9, 1), u64::MAX);
}

#[test]
fn case_14_short_last_update() {
    let mut subnet = two_validators();
    subnet.last_update = vec![NOW];
    let output = subnet.run();
    assert_eq!(output.active, [true, false, false, false]);
    assert_eq!(output.dividends, [65535, 0, 0, 0]);
    // Uid 1's weights are outdated: 0 is not after 0.
    assert_eq!(output.validator_trust[1], 0);
    subnet.params.activity_cutoff_blocks = NOW;
    assert_eq!(subnet.run().active, [true; 4]);
}

#[test]
fn case_15_activity_boundary() {
    let mut subnet = two_validators();
    subnet.last_update = vec![NOW - 500, NOW - 501, NOW, u64::MAX];
    assert_eq!(subnet.run().active, [true, false, true, true]);
    subnet.params.activity_cutoff_blocks = 1;
    subnet.last_update = vec![NOW - 1, NOW - 2, NOW, 0];
    assert_eq!(subnet.run().active, [true, false, true, false]);
}

#[test]
fn case_16_inactive_validator_in_yuma2_lives_on_old_bonds() {
    let bonds: &[(u16, u16)] = &[(2, 65535), (3, 65535)];
    let mut subnet = two_validators().bonds(&[(0, bonds), (1, bonds)]);
    subnet.last_update[1] = 100;
    let output = subnet.run();
    assert!(!output.active[1] && output.validator_permit[1]);
    assert_eq!(output.validator_trust[1], 65535);
    // Half of the old bonds, decayed by 0.9.
    assert_eq!(output.dividends, [36044, 29490, 0, 0]);
    assert_eq!(output.bonds[1], [(2, 53619), (3, 53619)]);
}

#[test]
fn case_16_inactive_validator_in_yuma3_earns_nothing() {
    let mut subnet = two_validators();
    subnet.params.yuma3 = true;
    subnet.last_update[1] = 100;
    let output = subnet.run();
    assert_eq!(output.dividends, [65535, 0, 0, 0]);
    assert_eq!(output.bonds[1], output.bonds[0]);
    assert_eq!(output.bonds[1], [(2, 3276), (3, 3276)]);
}

#[test]
fn case_17_permit_lost_and_won() {
    let mut subnet = two_validators();
    subnet.params.max_allowed_validators = 1;
    let output = subnet.run();
    assert_eq!(output.validator_permit, [true, false, false, false]);
    assert_eq!(output.dividends, [39321, 26213, 0, 0]); // still paid
    assert_eq!(output.bonds[1], []);
    subnet.params.max_allowed_validators = 2;
    subnet.permits = vec![true, false, false, false];
    let output = subnet.run();
    assert_eq!(output.dividends, [65535, 0, 0, 0]);
    assert_eq!(output.validator_trust[1], 0);
    assert_eq!(output.validator_permit, [true, true, false, false]);
}

#[test]
fn case_18_top_k_ties() {
    let mut subnet = Subnet::new(&[7, 0, 7, 7, 9]);
    for (k, expected) in [
        (6, [true, false, true, true, true]),
        (5, [true, false, true, true, true]),
        (3, [false, false, true, true, true]),
        (2, [false, false, false, true, true]),
        (1, [false, false, false, false, true]),
    ] {
        subnet.params.max_allowed_validators = k;
        assert_eq!(subnet.run().validator_permit, expected, "K = {k}");
    }
}

#[test]
fn case_19_dust_stake_counts_as_nothing() {
    // Around 2^-32 of the total.
    let mut subnet = Subnet::new(&[1, 1_164_153, 1_164_154, 5_000_000_000_000_000]);
    let output = subnet.run();
    assert_eq!(output.validator_permit, [false, false, true, true]);
    let shares: Vec<i64> = output
        .shares
        .stake
        .iter()
        .map(|share| share.to_bits())
        .collect();
    assert_eq!(shares, [0, 0, 1, 4_294_967_293]);
    subnet.params.max_allowed_validators = 3;
    assert_eq!(subnet.run().validator_permit, output.validator_permit);
}

#[test]
fn case_20_no_permits_but_the_owner() {
    let mut subnet = two_validators();
    subnet.params.max_allowed_validators = 0;
    assert_eq!(subnet.run().validator_permit, [false; 4]);
    subnet.owner_uid = Some(1);
    let output = subnet.run();
    assert_eq!(output.validator_permit, [false, true, false, false]);
    subnet.permits = output.validator_permit;
    assert_eq!(subnet.run().dividends, [0, 65535, 0, 0]);
}

#[test]
fn case_21_row_of_zeros_stays() {
    let mut subnet = two_validators();
    subnet.weights[1] = vec![(2, 0), (3, 0)];
    subnet.params.yuma3 = true;
    subnet.params.liquid_alpha = Some(yuma::LiquidAlpha {
        low: 32768,
        high: 32768,
        steepness: 0,
    });
    subnet.bonds[1] = vec![(2, 65535)];
    let output = subnet.run();
    assert_eq!(output.validator_trust[1], 0);
    // Explicit zeros keep the bond alive under liquid alpha; it decays by half.
    assert_eq!(output.bonds[1], [(2, 32767)]);
}

#[test]
fn case_22_entries_beyond_n() {
    let mut subnet = two_validators();
    let expected = subnet.run();
    subnet.weights[0].insert(0, (4, 65535));
    subnet.bonds[0] = vec![(4, 65535), (65535, 1)];
    assert_eq!(subnet.run(), expected);
    subnet.params.yuma3 = true;
    assert!(subnet.run().bonds[0].iter().all(|&(target, _)| target < 4));
}

#[test]
fn case_23_a_gap_is_compacted() {
    // Uid 1 has no key: no stake, registered at 0.
    let mut subnet =
        Subnet::new(&[6, 0, 4, 0]).weights(&[(0, &[(3, 65535), (1, 65535)]), (2, &[(3, 65535)])]);
    subnet.rules.legacy_scores = true;
    let (mut output, mut amounts) = subnet.pay(E);
    let full = output.clone();
    let has_key = [true, false, true, true];
    output.keep_keyed(&has_key);
    amounts.keep_keyed(&has_key);
    assert_eq!(output.stake_weight, [39320, 26213, 0]);
    assert_eq!(
        output.bonds,
        [
            full.bonds[0].clone(),
            full.bonds[2].clone(),
            full.bonds[3].clone()
        ]
    );
    assert_eq!(output.shares.incentive.len(), 3);
    assert_eq!(
        output.legacy.as_ref().map(|legacy| legacy.trust.len()),
        Some(3)
    );
    // What uid 1 would have got is lost, not shared out.
    assert_eq!(
        amounts.server,
        [
            0,
            0,
            (full.shares.server_emission[3].to_bits() as u64 * E) >> 32
        ]
    );
    assert!(full.incentive[1] > 0);
    // Nothing is said of the last uid: it has no key either.
    output.keep_keyed(&[true, true]);
    assert_eq!(output.active.len(), 2);
}

#[test]
fn case_34_last_tempo_block() {
    assert_eq!(last_tempo_block(0, 1000, 360), 640);
    assert_eq!(last_tempo_block(0, 100, 360), 0);
    assert_eq!(last_tempo_block(700, 1000, 360), 701);
    assert_eq!(last_tempo_block(u64::MAX, 1000, 360), u64::MAX);
}

/// An empty permit vector masks every weight row, but no stake.
#[test]
fn empty_permit_vector() {
    let mut subnet = two_validators();
    subnet.permits = vec![];
    let (output, amounts) = subnet.pay(E);
    assert_eq!(output.incentive, [0; 4]);
    assert_eq!(output.shares.active_stake, output.shares.stake);
    assert_eq!(amounts.validator, [599999999, 399999999, 0, 0]);
    // A short one masks the missing positions.
    subnet.permits = vec![true];
    assert_eq!(subnet.run().dividends, [65535, 0, 0, 0]);
}
