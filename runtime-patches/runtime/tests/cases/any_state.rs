//! Whatever the numbers in the state, a block either passes or is refused by the pallet's own words. Tests have overflow
//! checks, so a sum that would wrap panics, too.

use crate::draw::Draw;
use crate::payout_laws::open_block;
use crate::subnet::*;
use epochdiff_runtime::{Balances, Runtime, System};
use frame_support::storage::unhashed;
use frame_support::traits::fungible::Mutate;
use pallet_subtensor::alpha_assets::{AlphaBurned, AlphaRecycled, TotalAlphaIssuance};
use pallet_subtensor::swap::{PalSwapInitialized, SwapBalancer};
use pallet_subtensor::types::ROOT;
use pallet_subtensor::*;
use proptest::prelude::*;
use sp_runtime::AccountId32;
use std::collections::VecDeque;
use std::panic::{catch_unwind, set_hook, take_hook};
use std::sync::Once;

const REFUSAL: &str = "unsupported state: subnet ";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_block_passes_or_is_refused(seed in any::<u64>()) {
        keep_refusals_quiet();
        let outcome = catch_unwind(|| at_block(|| run(&mut Draw(seed))));
        if let Err(panic) = outcome {
            let said = panic.downcast_ref::<String>().map_or("", String::as_str);
            let refused = said.starts_with(REFUSAL) && said.contains("SubtensorModule.");
            prop_assert!(refused, "seed {}: {}", seed, said);
        }
    }
}

/// Other panics are still printed with their place.
fn keep_refusals_quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let others = take_hook();
        set_hook(Box::new(move |info| {
            let said = info.payload().downcast_ref::<String>();
            if !said.is_some_and(|said| said.starts_with(REFUSAL)) {
                others(info)
            }
        }));
    });
}

/// Most items are present; `item: kind of number`.
macro_rules! fill {
    ($draw:ident; $($item:ident: $kind:ident),* $(,)?) => {$(
        if $draw.below(4) > 0 {
            $item::<Runtime>::put($draw.$kind());
        }
    )*};
    ($draw:ident, $key:expr; $($item:ident: $kind:ident),* $(,)?) => {$(
        if $draw.below(4) > 0 {
            $item::<Runtime>::insert($key, $draw.$kind());
        }
    )*};
}

fn run(draw: &mut Draw) {
    single_values(draw);
    subnet(draw, ROOT, 0);
    let subnets = 1 + draw.below(2) as u16;
    for netuid in NETUID..NETUID + subnets {
        let uids = 2 + draw.below(5) as u16;
        subnet(draw, netuid, uids);
    }
    for number in 0..8 {
        account_items(draw, &hotkey(number), subnets);
    }
    for number in 0..4 {
        fill!(draw, coldkey(number); RootClaimType: claim_type);
        StakingHotkeys::<Runtime>::insert(coldkey(number), draw.list(4, Draw::hotkey));
        OwnedHotkeys::<Runtime>::insert(coldkey(number), draw.list(4, Draw::hotkey));
        StakingColdkeysByIndex::<Runtime>::insert(u64::from(number), coldkey(number));
    }
    let issued = pallet_balances::TotalIssuance::<Runtime>::hashed_key();
    if draw.bool() {
        unhashed::put(&issued, &draw.u64());
    }

    let first = match draw.below(4) {
        0 => 1,
        1 => u32::MAX - 3,
        _ => draw.u32().clamp(1, u32::MAX - 3),
    };
    System::set_block_number(first - 1);
    for block in first..=first + draw.below(3) as u32 {
        open_block(block.into());
        block::step::<Runtime>(block.into());
    }
}

fn single_values(draw: &mut Draw) {
    fill!(draw;
        RulesOfSpec: spec, TotalIssuance: u64, TotalStake: u64, BlockEmission: u64, TaoWeight: u64,
        CKBurn: u64, SubnetOwnerCut: u16, SubnetMovingAlpha: i96f32, StakeThreshold: u64,
        MaxEpochsPerBlock: u8, MinChildkeyTake: u16, NumRootClaim: claims, NumStakingColdkeys: u64,
    );
}

fn subnet(draw: &mut Draw, netuid: u16, uids: u16) {
    NetworksAdded::<Runtime>::insert(netuid, draw.usually());
    Balances::set_balance(&subnet_account(netuid), draw.u64());
    fill!(draw, netuid;
        SubnetTAO: u64, SubnetAlphaIn: u64, SubnetAlphaOut: u64, SubnetProtocolAlpha: u64,
        SubnetVolume: u128, SubnetAlphaInEmission: u64, SubnetAlphaOutEmission: u64,
        SubnetTaoInEmission: u64, SubnetExcessTao: u64, SubnetRootSellTao: u64,
        SubnetProtocolFlow: i64, SubnetTaoFlow: i64, TotalAlphaIssuance: u64, AlphaBurned: u64,
        AlphaRecycled: u64, SwapBalancer: balancer, PalSwapInitialized: bool,
        RootClaimableThreshold: i96f32, SubnetMovingPrice: i96f32, MinerBurned: u96f32,
        RootProp: u96f32,
    );
    if netuid == ROOT {
        return;
    }
    fill!(draw, netuid;
        FirstEmissionBlockNumber: u64, SubtokenEnabled: usually, NetworkRegistrationAllowed: usually,
        NetworkPowRegistrationAllowed: bool, SubnetEmissionEnabled: bool, SubnetMechanism: mechanism,
        EMAPriceHalvingBlocks: u64, OwnerCutEnabled: bool, PendingEmission: u64,
        PendingServerEmission: u64, PendingValidatorEmission: u64, PendingRootAlphaDivs: u64,
        PendingOwnerCut: u64, Tempo: tempo, LastEpochBlock: u64, PendingEpochAt: u64,
        SubnetEpochIndex: u64, BlocksSinceLastStep: u64, LastMechansimStepBlock: u64,
        ActivityCutoff: u16, ActivityCutoffFactorMilli: u32, MaxAllowedValidators: u16, Kappa: u16,
        BondsMovingAverage: u64, BondsPenalty: u16, AlphaValues: pair, AlphaSigmoidSteepness: i16,
        LiquidAlphaOn: bool, Yuma3On: bool, CommitRevealWeightsEnabled: bool,
        RevealPeriodEpochs: u64, MechanismCountCurrent: mechanisms, MechanismEmissionSplit: split,
        SubnetOwner: coldkey, SubnetOwnerHotkey: hotkey, RecycleOrBurn: recycle_or_burn,
        OwnerCutAutoLockEnabled: rarely, MinChildkeyTakePerSubnet: u16, NetworkRegisteredAt: u64,
        VotingPowerTrackingEnabled: bool, VotingPowerDisableAtBlock: u64, VotingPowerEmaAlpha: u64,
    );
    if draw.rarely() {
        DecayingOwnerLock::<Runtime>::insert(netuid, draw.lock());
    }
    SubnetworkN::<Runtime>::insert(netuid, uids);
    ValidatorPermit::<Runtime>::insert(netuid, draw.list(8, Draw::usually));
    for uid in 0..uids {
        // Without a key now and then.
        if draw.usually() {
            Keys::<Runtime>::insert(netuid, uid, hotkey(uid));
            Uids::<Runtime>::insert(netuid, hotkey(uid), uid);
        }
        BlockAtRegistration::<Runtime>::insert(netuid, uid, draw.u64());
        for index in [netuid, netuid + 4096, netuid + 2 * 4096] {
            Weights::<Runtime>::insert(index, uid, draw.row());
            Bonds::<Runtime>::insert(index, uid, draw.row());
        }
    }
    for index in [netuid, netuid + 4096, netuid + 2 * 4096] {
        LastUpdate::<Runtime>::insert(index, draw.list(8, Draw::u64));
        let committed = |draw: &mut Draw| (Default::default(), draw.u64(), draw.u64(), draw.u64());
        let commits: VecDeque<_> = draw.list(3, committed).into();
        WeightCommits::<Runtime>::insert(index, draw.hotkey(), commits);
        let locked = |draw: &mut Draw| (draw.hotkey(), draw.u64(), Default::default(), draw.u64());
        let commits: VecDeque<_> = draw.list(3, locked).into();
        TimelockedWeightCommits::<Runtime>::insert(index, draw.u64(), commits);
    }
}

fn account_items(draw: &mut Draw, hotkey: &AccountId32, subnets: u16) {
    fill!(draw, hotkey; Owner: coldkey, Delegates: u16, RootClaimable: rates);
    for netuid in [ROOT].into_iter().chain(NETUID..NETUID + subnets) {
        if draw.usually() {
            TotalHotkeyAlpha::<Runtime>::insert(hotkey, netuid, draw.u64());
        }
        if draw.bool() {
            TotalHotkeySharesV2::<Runtime>::insert(hotkey, netuid, draw.shares());
        }
        if draw.rarely() {
            TotalHotkeyShares::<Runtime>::insert(hotkey, netuid, draw.old_shares());
        }
        for cold in 0..4 {
            let key = (hotkey, coldkey(cold), netuid);
            if draw.bool() {
                AlphaV2::<Runtime>::insert(&key, draw.shares());
            }
            if draw.rarely() {
                Alpha::<Runtime>::insert(&key, draw.old_shares());
            }
            RootClaimed::<Runtime>::insert((netuid, hotkey, coldkey(cold)), draw.u128());
        }
        ChildkeyTake::<Runtime>::insert(hotkey, netuid, draw.u16());
        ChildKeys::<Runtime>::insert(hotkey, netuid, draw.edges());
        ParentKeys::<Runtime>::insert(hotkey, netuid, draw.edges());
        PendingChildKeys::<Runtime>::insert(netuid, hotkey, draw.scheduled());
        VotingPower::<Runtime>::insert(netuid, hotkey, draw.u64());
        IsNetworkMember::<Runtime>::insert(hotkey, netuid, draw.bool());
        if draw.rarely() {
            HotkeyLock::<Runtime>::insert(netuid, hotkey, draw.lock());
        }
        if draw.rarely() {
            AutoStakeDestination::<Runtime>::insert(draw.coldkey(), netuid, draw.hotkey());
        }
    }
}
