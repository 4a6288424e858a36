//! Conservation identities 1 to 4 over random states: what leaves one counter arrives in another, exactly or within the
//! stated slack. `payout_laws` and `over_time` have the others.

use crate::subnet::*;
use epochdiff_runtime::{Balances, Runtime};
use frame_support::storage::unhashed;
use frame_support::traits::fungible::{Inspect, Mutate};
use pallet_subtensor::alpha_assets::AlphaRecycled;
use pallet_subtensor::types::ROOT;
use pallet_subtensor::{
    block, LastEpochBlock, MinerBurned, OwnerCutEnabled, PendingOwnerCut, PendingRootAlphaDivs,
    PendingServerEmission, PendingValidatorEmission, SubnetAlphaIn, SubnetAlphaInEmission,
    SubnetAlphaOut, SubnetAlphaOutEmission, SubnetEmissionEnabled, SubnetExcessTao,
    SubnetMechanism, SubnetMovingPrice, SubnetProtocolAlpha, SubnetTAO, SubnetTaoInEmission,
    SubnetVolume, TotalIssuance, TotalStake,
};
use proptest::collection::vec;
use proptest::prelude::*;
use std::ops::Range;
use substrate_fixed::types::{I96F32, U96F32};

const TAO_ISSUED: u64 = 9_000_000_000_000_000;
/// Of a block, before the first halving.
const EMISSION: i128 = 1_000_000_000;

#[derive(Clone, Debug)]
struct Economy {
    mechanism: u16,
    alpha_in: u64,
    alpha_out: u64,
    tao: u64,
    moving_price: f64,
    miner_burned: f64,
    owner_cut: bool,
    tao_enabled: bool,
    /// Whether its account can take any amount: one that does not exist refuses less than the least balance.
    funded: bool,
}

const POOL: Range<u64> = 1_000_000_000..4_000_000_000_000_000;

impl Economy {
    fn price(&self) -> I96F32 {
        match self.mechanism {
            0 => I96F32::from_num(1),
            _ => I96F32::from_num(self.moving_price),
        }
    }

    /// Its price is far from any limit, and the TAO buys more than a rao of alpha.
    fn buys_surely(&self, spent: i128) -> bool {
        self.mechanism == 0
            || spent > 1_000_000
                && self.tao / 1_000 < self.alpha_in
                && self.alpha_in / 1_000 < self.tao
    }
}

prop_compose! {
    fn economy()(
        mechanism in 0..2u16,
        alpha_in in POOL,
        alpha_out in POOL,
        tao in POOL,
        moving_price in prop_oneof![Just(0.0), 0.0..0.3f64, 0.0..1.5f64],
        miner_burned in prop_oneof![Just(1.0), 0.0..1.0f64],
        owner_cut in any::<bool>(),
        tao_enabled in prop::bool::weighted(0.8),
        funded in prop::bool::weighted(0.8),
    ) -> Economy {
        Economy {
            mechanism,
            alpha_in,
            alpha_out,
            tao,
            moving_price,
            miner_burned,
            owner_cut,
            tao_enabled,
            funded,
        }
    }
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
    /// TAO traded: what buys spent.
    volume: i128,
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
            volume: SubnetVolume::<Runtime>::get(netuid) as i128,
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
            volume: self.volume - before.volume,
        }
    }
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
        SubnetEmissionEnabled::<Runtime>::insert(netuid, economy.tao_enabled);
        if economy.funded {
            Balances::set_balance(&subnet_account(*netuid), 1_000_000_000);
        }
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

    let price = |sum: I96F32, economy: &Economy| sum + economy.price();
    let root_sells = economies.iter().fold(I96F32::from_num(0), price) > 1;
    let (mut kept, mut staked) = (0, 0);
    for ((netuid, before), economy) in netuids.iter().zip(&before).zip(economies) {
        let change = Counters::read(*netuid).since(before);
        let tao_in = i128::from(SubnetTaoInEmission::<Runtime>::get(netuid));
        let paid_in = i128::from(SubnetExcessTao::<Runtime>::get(netuid));
        let alpha_in = i128::from(SubnetAlphaInEmission::<Runtime>::get(netuid));
        let alpha_out = i128::from(SubnetAlphaOutEmission::<Runtime>::get(netuid));
        let recycled = i128::from(AlphaRecycled::<Runtime>::get(netuid));
        let bought = change.protocol_alpha;
        prop_assert_eq!(change.tao, tao_in + paid_in);
        let spent = change.account - tao_in;
        prop_assert!(paid_in <= spent);
        if economy.buys_surely(spent) {
            prop_assert_eq!(change.volume, spent);
        } else {
            prop_assert!([0, spent].contains(&change.volume));
        }
        prop_assert_eq!(change.alpha_in, alpha_in - bought);
        prop_assert_eq!(change.alpha_out, alpha_out + bought - recycled);
        let root = i128::from(PendingRootAlphaDivs::<Runtime>::get(netuid));
        prop_assert_eq!(if root_sells { recycled } else { root }, 0);
        let shared_out = change.pending + recycled;
        prop_assert!(
            alpha_out - 3 <= shared_out && shared_out <= alpha_out,
            "{} of {}",
            shared_out,
            alpha_out
        );
        kept += change.account;
        staked += tao_in + change.volume;
    }
    prop_assert_eq!(i128::from(TotalStake::<Runtime>::get()), staked);
    let issued = i128::from(TotalIssuance::<Runtime>::get()) - i128::from(TAO_ISSUED);
    prop_assert_eq!(issued, kept, "what no subnet got is burned");
    prop_assert_eq!(TotalIssuance::<Runtime>::get(), Balances::total_issuance());
    let recycled = EMISSION - issued;
    prop_assert!((0..=EMISSION).contains(&recycled));
    // Pools from 10^9 rao can move their weights for what comes in here.
    let takes = |economy: &Economy| {
        economy.tao_enabled && economy.price() > 0 && economy.miner_burned < 1.0
    };
    if economies.iter().any(takes) && economies.iter().all(|economy| economy.funded) {
        let most = 2 * economies.len() as i128;
        prop_assert!(recycled <= most, "{} of {}", recycled, most);
    }
    Ok(())
}
