//! Conservation laws over random states: what leaves one counter arrives in another, exactly or within the stated slack.

use crate::subnet::*;
use epochdiff_runtime::{Balances, Runtime};
use frame_support::storage::unhashed;
use frame_support::traits::fungible::Inspect;
use pallet_subtensor::alpha_assets::AlphaRecycled;
use pallet_subtensor::schedule::Pending;
use pallet_subtensor::types::ROOT;
use pallet_subtensor::{
    block, distribute, emission, AlphaDividendsPerSubnet, Delegates, Event, LastEpochBlock,
    MechanismCountCurrent, MinerBurned, OwnerCutEnabled, PendingOwnerCut, PendingRootAlphaDivs,
    PendingServerEmission, PendingValidatorEmission, RootAlphaDividendsPerSubnet, SubnetAlphaIn,
    SubnetAlphaInEmission, SubnetAlphaOut, SubnetAlphaOutEmission, SubnetExcessTao,
    SubnetMechanism, SubnetMovingPrice, SubnetOwner, SubnetOwnerHotkey, SubnetProtocolAlpha,
    SubnetTAO, SubnetTaoInEmission, TotalHotkeyAlpha, TotalIssuance, TotalStake,
};
use proptest::collection::vec;
use proptest::prelude::*;
use sp_runtime::AccountId32;
use substrate_fixed::types::{I96F32, U96F32};

const TAO_ISSUED: u64 = 9_000_000_000_000_000;

#[derive(Clone, Debug)]
struct Economy {
    mechanism: u16,
    alpha_in: u64,
    alpha_out: u64,
    tao: u64,
    moving_price: f64,
    miner_burned: f64,
    owner_cut: bool,
}

fn economy() -> impl Strategy<Value = Economy> {
    let pool = 1_000_000_000..4_000_000_000_000_000u64;
    (
        0..2u16,
        pool.clone(),
        pool.clone(),
        pool,
        0.0..1.5f64,
        0.0..1.0f64,
        any::<bool>(),
    )
        .prop_map(
            |(mechanism, alpha_in, alpha_out, tao, moving_price, miner_burned, owner_cut)| {
                Economy {
                    mechanism,
                    alpha_in,
                    alpha_out,
                    tao,
                    moving_price,
                    miner_burned,
                    owner_cut,
                }
            },
        )
}

/// What one block's emission changes on a subnet; counters are signed differences.
#[derive(Default)]
struct Counters {
    alpha_in: i128,
    alpha_out: i128,
    protocol_alpha: i128,
    tao: i128,
    account: i128,
    pending: i128,
}

impl Counters {
    fn read(netuid: u16) -> Self {
        let pending = [
            PendingServerEmission::<Runtime>::get(netuid),
            PendingValidatorEmission::<Runtime>::get(netuid),
            PendingRootAlphaDivs::<Runtime>::get(netuid),
            PendingOwnerCut::<Runtime>::get(netuid),
        ];
        Self {
            alpha_in: SubnetAlphaIn::<Runtime>::get(netuid).into(),
            alpha_out: SubnetAlphaOut::<Runtime>::get(netuid).into(),
            protocol_alpha: SubnetProtocolAlpha::<Runtime>::get(netuid).into(),
            tao: SubnetTAO::<Runtime>::get(netuid).into(),
            account: Balances::total_balance(&subnet_account(netuid)).into(),
            pending: pending.into_iter().map(i128::from).sum(),
        }
    }

    fn since(&self, before: &Self) -> Self {
        Self {
            alpha_in: self.alpha_in - before.alpha_in,
            alpha_out: self.alpha_out - before.alpha_out,
            protocol_alpha: self.protocol_alpha - before.protocol_alpha,
            tao: self.tao - before.tao,
            account: self.account - before.account,
            pending: self.pending - before.pending,
        }
    }
}

fn subnet_account(netuid: u16) -> AccountId32 {
    let mut bytes = [0; 32];
    bytes[..12].copy_from_slice(b"modlsubtensr");
    bytes[12..14].copy_from_slice(&netuid.to_le_bytes());
    AccountId32::new(bytes)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Identities 1 to 4, in a block without an epoch.
    #[test]
    fn minted_tao_and_alpha_are_accounted_for(
        economies in vec(economy(), 1..5),
        root_tao in 0..4_000_000_000_000_000u64,
    ) {
        let mut result = Ok(());
        at_block(|| result = minted_is_accounted_for(&economies, root_tao));
        result?;
    }

    /// Identities 5, 6, 8 and 10, of one epoch.
    #[test]
    fn drained_alpha_is_paid_or_left_where_the_rules_say(
        uids in vec((prop_oneof![Just(0u64), 1_000_000..1_000_000_000_000_000u64], vec((0..8u16, any::<u16>()), 0..8)), 1..9),
        (server, validator, root, owner) in (0..1_000_000_000_000u64, 0..1_000_000_000_000u64, 0..1_000_000_000_000u64, 0..1_000_000_000_000u64),
        (take, owned, mechanisms) in (prop_oneof![Just(0u16), any::<u16>()], any::<bool>(), 1..3u8),
    ) {
        let mut result = Ok(());
        let pending = Pending { server, validator, root, owner };
        at_block(|| result = drained_is_paid(&uids, pending, take, owned, mechanisms));
        result?;
    }
}

fn minted_is_accounted_for(economies: &[Economy], root_tao: u64) -> Result<(), TestCaseError> {
    let netuids: Vec<u16> = (NETUID..).take(economies.len()).collect();
    for (netuid, economy) in netuids.iter().zip(economies) {
        create(*netuid, &[5, 0]);
        LastEpochBlock::<Runtime>::insert(netuid, BLOCK - 1);
        SubnetMechanism::<Runtime>::insert(netuid, economy.mechanism);
        SubnetAlphaIn::<Runtime>::insert(netuid, economy.alpha_in);
        SubnetAlphaOut::<Runtime>::insert(netuid, economy.alpha_out);
        SubnetTAO::<Runtime>::insert(netuid, economy.tao);
        SubnetMovingPrice::<Runtime>::insert(netuid, I96F32::from_num(economy.moving_price));
        MinerBurned::<Runtime>::insert(netuid, U96F32::from_num(economy.miner_burned));
        OwnerCutEnabled::<Runtime>::insert(netuid, economy.owner_cut);
    }
    SubnetTAO::<Runtime>::insert(ROOT, root_tao);
    TotalIssuance::<Runtime>::put(TAO_ISSUED);
    unhashed::put(
        &pallet_balances::TotalIssuance::<Runtime>::hashed_key(),
        &TAO_ISSUED,
    );
    let before: Vec<Counters> = netuids
        .iter()
        .map(|netuid| Counters::read(*netuid))
        .collect();

    block::step::<Runtime>(BLOCK);

    let (mut kept, mut least_stake) = (0, 0);
    for (netuid, before) in netuids.iter().zip(&before) {
        let change = Counters::read(*netuid).since(before);
        let tao_in = i128::from(SubnetTaoInEmission::<Runtime>::get(netuid));
        let paid_in = i128::from(SubnetExcessTao::<Runtime>::get(netuid));
        let alpha_in = i128::from(SubnetAlphaInEmission::<Runtime>::get(netuid));
        let alpha_out = i128::from(SubnetAlphaOutEmission::<Runtime>::get(netuid));
        let recycled = i128::from(AlphaRecycled::<Runtime>::get(netuid));
        let bought = change.protocol_alpha;
        prop_assert_eq!(change.tao, tao_in + paid_in);
        prop_assert!(change.account >= change.tao);
        prop_assert_eq!(change.alpha_in, alpha_in - bought);
        prop_assert_eq!(change.alpha_out, alpha_out + bought - recycled);
        let shared_out = change.pending + recycled;
        prop_assert!(
            alpha_out - 3 <= shared_out && shared_out <= alpha_out,
            "{} of {}",
            shared_out,
            alpha_out
        );
        kept += change.account;
        least_stake += tao_in + paid_in;
    }
    let issued = i128::from(TotalIssuance::<Runtime>::get()) - i128::from(TAO_ISSUED);
    prop_assert_eq!(issued, kept, "what no subnet got is burned");
    prop_assert_eq!(TotalIssuance::<Runtime>::get(), Balances::total_issuance());
    prop_assert!(issued <= 1_000_000_000);
    let staked = i128::from(TotalStake::<Runtime>::get());
    prop_assert!(least_stake <= staked && staked <= kept);
    Ok(())
}

fn drained_is_paid(
    uids: &[(u64, Vec<(u16, u16)>)],
    pending: Pending,
    take: u16,
    owned: bool,
    mechanisms: u8,
) -> Result<(), TestCaseError> {
    let stakes: Vec<u64> = uids.iter().map(|(stake, _)| *stake).collect();
    create(NETUID, &stakes);
    MechanismCountCurrent::<Runtime>::insert(NETUID, mechanisms);
    pallet_subtensor::LastUpdate::<Runtime>::insert(NETUID + 4096, vec![UPDATED; uids.len()]);
    for (uid, (_, row)) in (0u16..).zip(uids) {
        weights(NETUID, uid, row);
        // On the second mechanism everybody weights the first uid.
        weights(NETUID + 4096, uid, &[(0, 65_535)]);
        Delegates::<Runtime>::insert(hotkey(uid), take);
        // Enough root stake for every root dividend to become claimable.
        emission::stake::<Runtime>(&hotkey(uid), &account(7, uid), ROOT, 1_000_000_000_000);
    }
    if owned {
        // Off the subnet, so that no incentive is withheld.
        SubnetOwner::<Runtime>::insert(NETUID, account(8, 0));
        SubnetOwnerHotkey::<Runtime>::insert(NETUID, account(9, 0));
    }
    let staked_alpha = || {
        TotalHotkeyAlpha::<Runtime>::iter()
            .filter(|(_, on, _)| *on == NETUID)
            .map(|(_, _, rao)| rao)
            .sum::<u64>()
    };
    let before = staked_alpha();

    distribute::run::<Runtime>(NETUID, pending, BLOCK);

    let rao = pending.epoch_rao();
    let count = uids.len() as u64;
    let incentive: u64 = events()
        .iter()
        .map(|event| match event {
            Event::IncentiveAlphaEmittedToMiners { emissions, .. } => emissions.iter().sum(),
            _ => 0,
        })
        .sum();
    prop_assert!(incentive <= rao);
    if mechanisms == 1 {
        let slack = count * (rao / (1 << 31) + 2);
        let of_one_role = rao - incentive <= slack;
        prop_assert!(
            incentive == 0 || incentive.abs_diff(rao / 2) <= slack || of_one_role,
            "{incentive} of {rao}"
        );
    }

    let validators = if incentive == 0 {
        pending.validator + pending.server
    } else {
        pending.validator
    };
    let alpha_rest = AlphaDividendsPerSubnet::<Runtime>::iter_prefix_values(NETUID).sum::<u64>();
    let root_rest = RootAlphaDividendsPerSubnet::<Runtime>::iter_prefix_values(NETUID).sum::<u64>();
    let owner = if owned { pending.owner } else { 0 };
    let dividends = staked_alpha() - before - owner - incentive;
    prop_assert!(alpha_rest <= dividends && dividends + root_rest <= validators + pending.root);
    let whole = |paid: u64, of: u64| paid <= of && of - paid <= count * (of / (1 << 32) + 2);
    if take == 0 {
        prop_assert_eq!(dividends, alpha_rest);
        prop_assert!(
            alpha_rest == 0 || whole(alpha_rest, validators),
            "{alpha_rest} of {validators}"
        );
        prop_assert!(
            root_rest == 0 || whole(root_rest, pending.root),
            "{root_rest} of {}",
            pending.root
        );
    } else if root_rest > 0 && alpha_rest > 0 {
        let slack = 2 * count * (rao / (1 << 32) + 2);
        prop_assert!(validators + pending.root - (dividends + root_rest) <= slack);
    }

    for uid in 0..count as u16 {
        let worth = staked(&hotkey(uid), &coldkey(uid));
        let value = TotalHotkeyAlpha::<Runtime>::get(hotkey(uid), NETUID);
        prop_assert!(worth <= value && value - worth <= 1, "{worth} of {value}");
    }
    Ok(())
}
