//! Conservation identity 11: over blocks and epochs a subnet's alpha outside its pool is what somebody has or waits for,
//! and what identity 7 leaves.

use crate::dividing::{expected, Expected};
use crate::payout_laws::{
    claims_of_everybody, holders_own_their_pools, incentives, open_block, undone, unpaid,
};
use crate::population::{alpha, population, Population};
use crate::subnet::*;
use epochdiff_runtime::{Balances, Runtime};
use frame_support::traits::fungible::Mutate;
use pallet_subtensor::alpha_assets::{AlphaBurned, AlphaRecycled};
use pallet_subtensor::epoch::epoch;
use pallet_subtensor::schedule::Pending;
use pallet_subtensor::types::{RootClaimTypeEnum, ROOT};
use pallet_subtensor::{
    block, LastEpochBlock, NumRootClaim, PendingOwnerCut, PendingRootAlphaDivs,
    PendingServerEmission, PendingValidatorEmission, RootClaimType, RootClaimed, SubnetAlphaIn,
    SubnetAlphaInEmission, SubnetAlphaOut, SubnetAlphaOutEmission, SubnetMechanism,
    SubnetMovingPrice, SubnetProtocolAlpha, SubnetTAO, Tempo, TotalHotkeyAlpha, TotalIssuance,
};
use proptest::prelude::*;
use substrate_fixed::types::I96F32;

const BLOCKS: u64 = 8;
const TAO_IN_POOL: u64 = 500_000_000_000_000;

/// (tempo, moving price)
type Subnet = (u16, f64);

fn subnet() -> impl Strategy<Value = Subnet> {
    (1..5u16, 0.2..1.2f64)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn alpha_outside_the_pool_is_somebodys_or_left_over(
        population in population(),
        subnets in (subnet(), subnet()),
        keepers in 0..32u8,
    ) {
        let mut result = Ok(());
        at_block(|| result = alpha_is_accounted_for(&population, [(NETUID, subnets.0), (NETUID + 1, subnets.1)], keepers));
        result?;
    }
}

fn alpha_is_accounted_for(
    population: &Population,
    subnets: [(u16, Subnet); 2],
    keepers: u8,
) -> Result<(), TestCaseError> {
    for (netuid, (tempo, price)) in subnets {
        population.create(netuid);
        Tempo::<Runtime>::insert(netuid, tempo);
        LastEpochBlock::<Runtime>::insert(netuid, BLOCK);
        SubnetMechanism::<Runtime>::insert(netuid, 1);
        SubnetMovingPrice::<Runtime>::insert(netuid, I96F32::from_num(price));
        SubnetAlphaIn::<Runtime>::insert(netuid, 2 * TAO_IN_POOL);
        SubnetTAO::<Runtime>::insert(netuid, TAO_IN_POOL);
        Balances::set_balance(&subnet_account(netuid), TAO_IN_POOL);
    }
    let root = population.hotkeys().map(|hotkey| alpha(&hotkey, ROOT));
    SubnetTAO::<Runtime>::insert(ROOT, root.sum::<u64>());
    TotalIssuance::<Runtime>::put(Balances::total_issuance());
    claims_of_everybody(&subnets.map(|(netuid, _)| netuid), |coldkey| {
        let number = coldkey.as_ref() as &[u8];
        match keepers >> number[2] & 1 {
            0 => RootClaimTypeEnum::Swap,
            _ => RootClaimTypeEnum::Keep,
        }
    });

    let mut last = subnets.map(|_| BLOCK);
    for now in BLOCK + 1..=BLOCK + BLOCKS {
        open_block(now);
        let before = subnets.map(|(netuid, _)| Book::read(netuid));
        let epochs = epochs_of_block(population, subnets, now, last);

        block::step::<Runtime>(now);

        for (at, (netuid, _)) in subnets.into_iter().enumerate() {
            if epochs[at].is_some() {
                last[at] = now;
            }
            let after = Book::read(netuid);
            after.follows(&before[at], epochs[at].as_ref(), netuid)?;
            holders_own_their_pools(netuid)?;
        }
        prop_assert_eq!(TotalIssuance::<Runtime>::get(), Balances::total_issuance());
    }
    Ok(())
}

/// Counters of a subnet, rao of alpha.
struct Book {
    outside: i128,
    staked: i128,
    pending: i128,
    protocol: i128,
    burned: i128,
    recycled: i128,
    pool: i128,
    /// Root dividends that coldkeys which keep them have claimed.
    kept: i128,
}

impl Book {
    fn read(netuid: u16) -> Self {
        let Pending {
            server,
            validator,
            root,
            owner,
        } = pending(netuid);
        let staked = TotalHotkeyAlpha::<Runtime>::iter()
            .filter(|(_, on, _)| *on == netuid)
            .map(|(_, _, rao)| i128::from(rao));
        let kept = RootClaimed::<Runtime>::iter_prefix((netuid,))
            .filter(|((_, by), _)| RootClaimType::<Runtime>::get(by) == RootClaimTypeEnum::Keep)
            .map(|(_, rao)| rao as i128);
        Self {
            outside: SubnetAlphaOut::<Runtime>::get(netuid).into(),
            staked: staked.sum(),
            pending: [server, validator, root, owner]
                .map(i128::from)
                .iter()
                .sum(),
            protocol: SubnetProtocolAlpha::<Runtime>::get(netuid).into(),
            burned: AlphaBurned::<Runtime>::get(netuid).into(),
            recycled: AlphaRecycled::<Runtime>::get(netuid).into(),
            pool: SubnetAlphaIn::<Runtime>::get(netuid).into(),
            kept: kept.sum(),
        }
    }

    /// What nobody has grows by what identity 7 leaves and at most 3 rao of rounding a block.
    fn follows(
        &self,
        before: &Self,
        epoch: Option<&EpochOfBlock>,
        netuid: u16,
    ) -> Result<(), TestCaseError> {
        let bought = self.protocol - before.protocol;
        let injected = i128::from(SubnetAlphaInEmission::<Runtime>::get(netuid));
        // Sales of root dividends are all else that reaches the pool.
        let sold = self.pool - before.pool - injected + bought;
        let credited = epoch.map_or(0, |epoch| epoch.credited);
        let unclaimed = credited - (self.kept - before.kept) - sold;
        let nobodys = (self.outside - before.outside)
            - (self.staked - before.staked)
            - (self.pending - before.pending)
            - bought
            - unclaimed
            - (self.burned - before.burned);
        let (least, slack) = match epoch {
            Some(epoch) => (epoch.unpaid - epoch.burned_for_parents, epoch.slack),
            None => (0, 0),
        };
        prop_assert!(
            least <= nobodys && nobodys <= least + slack + 3,
            "{} outside {}..{}",
            nobodys,
            least,
            least + slack + 3
        );
        prop_assert!(sold >= 0);
        let emitted = i128::from(SubnetAlphaOutEmission::<Runtime>::get(netuid));
        prop_assert_eq!(
            self.outside - before.outside,
            emitted + bought - (self.recycled - before.recycled) - sold
        );
        Ok(())
    }
}

fn pending(netuid: u16) -> Pending {
    Pending {
        server: PendingServerEmission::<Runtime>::get(netuid),
        validator: PendingValidatorEmission::<Runtime>::get(netuid),
        root: PendingRootAlphaDivs::<Runtime>::get(netuid),
        owner: PendingOwnerCut::<Runtime>::get(netuid),
    }
}

/// What an epoch must leave and credit, rao.
struct EpochOfBlock {
    unpaid: i128,
    /// Recycled of the childkey burn although it is paid: identity 11 falls by it.
    burned_for_parents: i128,
    credited: i128,
    slack: i128,
}

/// The epochs due in a block, from the state after its emission, which is undone.
fn epochs_of_block(
    population: &Population,
    subnets: [(u16, Subnet); 2],
    now: u64,
    last: [u64; 2],
) -> [Option<EpochOfBlock>; 2] {
    let at_rest = || {
        for (netuid, _) in subnets {
            Tempo::<Runtime>::insert(netuid, 0);
        }
        NumRootClaim::<Runtime>::put(0);
        block::step::<Runtime>(now);
        for (netuid, (tempo, _)) in subnets {
            Tempo::<Runtime>::insert(netuid, tempo);
        }
        [0, 1].map(|at| {
            let (netuid, (tempo, _)) = subnets[at];
            (now - last[at] >= u64::from(tempo)).then(|| epoch_of(population, netuid))
        })
    };
    undone(at_rest)
}

fn epoch_of(population: &Population, netuid: u16) -> EpochOfBlock {
    let pending = pending(netuid);
    let mut rewards = epoch::<Runtime>(netuid, pending.epoch_rao());
    rewards.sort_by_key(|reward| reward.hotkey);
    let incentive: u64 = incentives(netuid).concat().iter().sum();
    let validators = match incentive {
        0 => pending.validator + pending.server,
        _ => pending.validator,
    };
    let divided: Expected = expected(netuid, &rewards, validators, pending.root);
    let credited = divided.root.paid.iter().map(|(hotkey, (_, rest))| {
        let claimable = *rest <= alpha(hotkey, ROOT);
        i128::from(if claimable { *rest } else { 0 })
    });
    let hotkeys = divided.alpha.paid.len() as u64;
    EpochOfBlock {
        unpaid: unpaid(population, pending, incentive, &divided),
        burned_for_parents: divided.burned.into(),
        credited: credited.sum(),
        slack: (hotkeys * ((validators >> 32) + (pending.root >> 32) + 4)).into(),
    }
}
