//! A runtime of this pallet alone, and TAO that is nothing but balances and an issuance.

use crate::types::{NetUid, ROOT};
use crate::{
    FirstEmissionBlockNumber, NetworksAdded, SubnetAlphaIn, SubnetMechanism, SubnetMovingPrice,
    SubnetTAO, SubtokenEnabled,
};
use frame_support::storage::unhashed;
use frame_support::traits::fungible::{
    Balanced, DecreaseIssuance, Dust, IncreaseIssuance, Inspect, Mutate, Unbalanced,
};
use frame_support::traits::tokens::{
    DepositConsequence, Fortitude, Preservation, Provenance, WithdrawConsequence,
};
use frame_support::{construct_runtime, derive_impl};
use sp_io::TestExternalities;
use sp_runtime::traits::IdentityLookup;
use sp_runtime::{AccountId32, DispatchError};
use substrate_fixed::types::I96F32;

construct_runtime!(
    pub enum Test {
        System: frame_system,
        SubtensorModule: crate,
        Swap: crate::swap,
        AlphaAssets: crate::alpha_assets,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type AccountId = AccountId32;
    type Block = frame_system::mocking::MockBlockU32<Test>;
    type Lookup = IdentityLookup<AccountId32>;
}

impl crate::Config for Test {
    type Currency = Tao;
}
impl crate::swap::Config for Test {}
impl crate::alpha_assets::Config for Test {}

pub struct Tao;

const EXISTENTIAL_DEPOSIT: u64 = 500;
const ISSUANCE: &[u8] = b"tao issuance";

fn balance_key(who: &AccountId32) -> Vec<u8> {
    [b"tao ".as_slice(), who.as_ref()].concat()
}

impl Inspect<AccountId32> for Tao {
    type Balance = u64;

    fn total_issuance() -> u64 {
        unhashed::get_or_default(ISSUANCE)
    }
    fn minimum_balance() -> u64 {
        EXISTENTIAL_DEPOSIT
    }
    fn total_balance(who: &AccountId32) -> u64 {
        Self::balance(who)
    }
    fn balance(who: &AccountId32) -> u64 {
        unhashed::get_or_default(&balance_key(who))
    }
    fn reducible_balance(who: &AccountId32, _: Preservation, _: Fortitude) -> u64 {
        Self::balance(who)
    }
    fn can_deposit(who: &AccountId32, amount: u64, _: Provenance) -> DepositConsequence {
        if Self::balance(who) + amount < EXISTENTIAL_DEPOSIT {
            DepositConsequence::BelowMinimum
        } else {
            DepositConsequence::Success
        }
    }
    fn can_withdraw(who: &AccountId32, amount: u64) -> WithdrawConsequence<u64> {
        if Self::balance(who) < amount {
            WithdrawConsequence::BalanceLow
        } else {
            WithdrawConsequence::Success
        }
    }
}

impl Unbalanced<AccountId32> for Tao {
    fn handle_dust(dust: Dust<AccountId32, Self>) {
        drop(dust.into_credit());
    }
    fn write_balance(who: &AccountId32, amount: u64) -> Result<Option<u64>, DispatchError> {
        let dust = (amount > 0 && amount < EXISTENTIAL_DEPOSIT).then_some(amount);
        let kept = if dust.is_some() { 0 } else { amount };
        unhashed::put(&balance_key(who), &kept);
        Ok(dust)
    }
    fn set_total_issuance(amount: u64) {
        unhashed::put(ISSUANCE, &amount);
    }
}

impl Balanced<AccountId32> for Tao {
    type OnDropCredit = DecreaseIssuance<AccountId32, Self>;
    type OnDropDebt = IncreaseIssuance<AccountId32, Self>;
}

impl Mutate<AccountId32> for Tao {}

/// Run on an empty state, with events.
pub fn on_empty_state(test: impl FnOnce()) {
    TestExternalities::default().execute_with(|| {
        System::set_block_number(1);
        test();
    });
}

pub fn account(n: u8) -> AccountId32 {
    AccountId32::new([n; 32])
}

/// Reserves of the subnets below, rao: the price is 2.
pub const TAO: u64 = 2_000_000_000_000_000;
pub const ALPHA: u64 = 1_000_000_000_000_000;

/// A subnet with a pool that emits, at a moving price.
pub fn add_subnet(netuid: NetUid, moving_price: f64) {
    NetworksAdded::<Test>::insert(netuid, true);
    FirstEmissionBlockNumber::<Test>::insert(netuid, 1);
    SubtokenEnabled::<Test>::insert(netuid, true);
    SubnetMechanism::<Test>::insert(netuid, 1);
    SubnetMovingPrice::<Test>::insert(netuid, I96F32::from_num(moving_price));
    SubnetTAO::<Test>::insert(netuid, TAO);
    SubnetAlphaIn::<Test>::insert(netuid, ALPHA);
}

/// Root with so much TAO that the root proportion of a subnet is nearly 1: injections are not capped.
pub fn add_heavy_root() {
    NetworksAdded::<Test>::insert(ROOT, true);
    SubnetTAO::<Test>::insert(ROOT, u64::MAX / 4);
}
