//! Dividends of root stake: credited to a hotkey as a rate, claimed by its coldkeys (distribution §9.3 and §9.4).

use super::coinbase::subnet_account;
use super::stake::{stake, staked};
use super::subnet_pool::{record_outflow, sell_alpha};
use crate::types::{NetUid, RootClaimTypeEnum, ROOT};
use crate::{
    Config, Event, NetworksAdded, NumRootClaim, NumStakingColdkeys, Owner, Pallet, RootClaimType,
    RootClaimable, RootClaimableThreshold, RootClaimed, StakingColdkeysByIndex, StakingHotkeys,
    SubnetAlphaOut, SubnetRootSellTao, SubnetTAO, TotalHotkeyAlpha, TotalIssuance, TotalStake,
};
use alloc::collections::BTreeSet;
use frame_support::storage::{with_transaction, TransactionOutcome};
use frame_support::traits::fungible::{Inspect, Mutate};
use frame_support::traits::tokens::{Fortitude, Preservation};
use sp_runtime::{AccountId32, DispatchError, DispatchResult, TokenError};
use substrate_fixed::types::I96F32;

/// Let a hotkey's root stakers claim subnet alpha, rao, in proportion to their stake. More alpha than there is root
/// stake goes to the hotkey's owner as stake on the subnet.
pub fn credit_root_dividend<T: Config>(hotkey: &AccountId32, netuid: NetUid, alpha: u64) {
    let root_stake = TotalHotkeyAlpha::<T>::get(hotkey, ROOT);
    if alpha > root_stake {
        return stake::<T>(hotkey, &Owner::<T>::get(hotkey), netuid, alpha);
    }
    let rate = I96F32::from_num(alpha)
        .checked_div(I96F32::from_num(root_stake))
        .unwrap_or_default();
    RootClaimable::<T>::mutate(hotkey, |rates| {
        let total = rates.entry(netuid).or_default();
        *total = total.saturating_add(rate);
    });
}

/// Claim for a few coldkeys drawn by the parent block's hash. A failing claim undoes all those of its coldkey.
pub fn claim_root_dividends<T: Config>() {
    let hash = frame_system::Pallet::<T>::parent_hash();
    let drawn = draw(
        hash.as_ref(),
        NumRootClaim::<T>::get(),
        NumStakingColdkeys::<T>::get(),
    );
    for index in drawn {
        let Some(coldkey) = StakingColdkeysByIndex::<T>::get(index) else {
            continue;
        };
        let _ = with_transaction(|| match claim_all::<T>(&coldkey) {
            Ok(()) => TransactionOutcome::Commit(Ok(())),
            Err(error) => TransactionOutcome::Rollback(Err(error)),
        });
    }
}

/// Distinct indices below `length`, ascending: a walk whose steps are the hash's big-endian words in turn.
/// Index 0 is drawn from an empty list.
fn draw(hash: &[u8], draws: u64, length: u64) -> BTreeSet<u64> {
    let words: [u64; 4] = core::array::from_fn(|word| {
        let bytes = hash
            .get(word.saturating_mul(8)..)
            .and_then(<[u8]>::first_chunk);
        bytes.map_or(0, |bytes| u64::from_be_bytes(*bytes))
    });
    let mut index = words[0];
    let mut step = words.into_iter().cycle();
    (0..draws)
        .map(|_| {
            let next = index.saturating_add(step.next().unwrap_or(0));
            index = next.checked_rem(length).unwrap_or(0);
            index
        })
        .collect()
}

fn claim_all<T: Config>(coldkey: &AccountId32) -> DispatchResult {
    let claim_type = RootClaimType::<T>::get(coldkey);
    for hotkey in StakingHotkeys::<T>::get(coldkey) {
        for netuid in RootClaimable::<T>::get(&hotkey).into_keys() {
            claim::<T>(&hotkey, coldkey, netuid, &claim_type)?;
        }
    }
    Pallet::<T>::deposit_event(Event::RootClaimed {
        coldkey: coldkey.clone(),
    });
    Ok(())
}

/// Pay what a coldkey is owed, if that reaches the subnet's threshold.
fn claim<T: Config>(
    hotkey: &AccountId32,
    coldkey: &AccountId32,
    netuid: NetUid,
    claim_type: &RootClaimTypeEnum,
) -> DispatchResult {
    let owed = owed::<T>(hotkey, coldkey, netuid);
    let alpha = owed.saturating_to_num::<u64>();
    if owed < RootClaimableThreshold::<T>::get(netuid) || alpha == 0 {
        return Ok(());
    }
    let keep = match claim_type {
        RootClaimTypeEnum::Swap => false,
        RootClaimTypeEnum::Keep => true,
        RootClaimTypeEnum::KeepSubnets { subnets } => subnets.contains(&netuid),
    };
    if keep {
        stake::<T>(hotkey, coldkey, netuid, alpha);
    } else {
        swap_to_root::<T>(hotkey, coldkey, netuid, alpha)?;
    }
    // All of it counts as claimed, also where the price limit cut the sale.
    RootClaimed::<T>::mutate((netuid, hotkey, coldkey), |claimed| {
        *claimed = claimed.saturating_add(alpha.into())
    });
    Ok(())
}

/// Alpha accrued on the coldkey's root stake less what it has claimed; negative after the stake shrank.
fn owed<T: Config>(hotkey: &AccountId32, coldkey: &AccountId32, netuid: NetUid) -> I96F32 {
    let rate = RootClaimable::<T>::get(hotkey)
        .get(&netuid)
        .copied()
        .unwrap_or_default();
    let claimed = RootClaimed::<T>::get((netuid, hotkey, coldkey));
    rate.saturating_mul(I96F32::from_num(staked::<T>(hotkey, coldkey, ROOT)))
        .saturating_sub(I96F32::saturating_from_num(claimed))
}

/// Sell alpha, rao, and stake the TAO on root.
fn swap_to_root<T: Config>(
    hotkey: &AccountId32,
    coldkey: &AccountId32,
    netuid: NetUid,
    alpha: u64,
) -> DispatchResult {
    let trade = sell_alpha::<T>(netuid, alpha).ok_or(DispatchError::Unavailable)?;
    let tao = trade.paid_out;
    transfer_to_root::<T>(netuid, tao)?;
    SubnetRootSellTao::<T>::mutate(netuid, |sold| *sold = sold.saturating_add(tao));
    record_outflow::<T>(netuid, tao);

    stake::<T>(hotkey, coldkey, ROOT, tao);
    SubnetTAO::<T>::mutate(ROOT, |reserve| *reserve = reserve.saturating_add(tao));
    SubnetAlphaOut::<T>::mutate(ROOT, |staked| *staked = staked.saturating_add(tao));
    TotalStake::<T>::mutate(|total| *total = total.saturating_add(tao));
    exclude_from_past_dividends::<T>(hotkey, coldkey, tao);
    Ok(())
}

/// New root stake, rao, is not entitled to what its hotkey's rates accrued before.
fn exclude_from_past_dividends<T: Config>(hotkey: &AccountId32, coldkey: &AccountId32, tao: u64) {
    for (netuid, rate) in RootClaimable::<T>::get(hotkey) {
        let accrued = rate
            .saturating_mul(I96F32::from_num(tao))
            .saturating_to_num::<u128>();
        RootClaimed::<T>::mutate((netuid, hotkey, coldkey), |claimed| {
            *claimed = claimed.saturating_add(accrued)
        });
    }
}

/// Move TAO, rao, from a subnet's account to root's. If what remains is too little to exist, it is lost, and counted so.
fn transfer_to_root<T: Config>(netuid: NetUid, tao: u64) -> DispatchResult {
    let account = subnet_account(netuid);
    let available =
        T::Currency::reducible_balance(&account, Preservation::Expendable, Fortitude::Polite);
    if !NetworksAdded::<T>::contains_key(netuid) || tao > available {
        return Err(TokenError::FundsUnavailable.into());
    }
    let issued = T::Currency::total_issuance();
    T::Currency::transfer(
        &account,
        &subnet_account(ROOT),
        tao,
        Preservation::Expendable,
    )?;
    let dust = issued.saturating_sub(T::Currency::total_issuance());
    if dust > 0 {
        TotalIssuance::<T>::mutate(|issued| *issued = issued.saturating_sub(dust));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::mock::{
        account, add_subnet, on_empty_state, RuntimeEvent, System, Tao, Test, ALPHA, TAO,
    };
    use super::*;
    use crate::{SubnetAlphaIn, SubnetMechanism, SubnetProtocolFlow, SubnetVolume};

    /// The hotkey and its two root stakers: a quarter and three quarters of 4 million rao.
    const HOT: u8 = 1;
    const COLD: u8 = 2;
    const OTHER: u8 = 3;

    fn stake_on_root() {
        stake::<Test>(&account(HOT), &account(COLD), ROOT, 1_000_000);
        stake::<Test>(&account(HOT), &account(OTHER), ROOT, 3_000_000);
    }

    fn claim_type(claim_type: RootClaimTypeEnum) {
        RootClaimType::<Test>::insert(account(COLD), claim_type);
    }

    /// Credit a rate of 4 alpha per rao of root stake, beyond what one credit can bring.
    fn credit(netuid: NetUid) {
        RootClaimable::<Test>::mutate(account(HOT), |rates| {
            rates.insert(netuid, I96F32::from_num(4))
        });
    }

    /// A drawn claim of the one indexed coldkey.
    fn claim_all_drawn() {
        StakingColdkeysByIndex::<Test>::insert(0, account(COLD));
        NumStakingColdkeys::<Test>::put(1);
        claim_root_dividends::<Test>();
    }

    fn claimed(netuid: NetUid) -> u128 {
        RootClaimed::<Test>::get((netuid, account(HOT), account(COLD)))
    }

    fn held(netuid: NetUid) -> u64 {
        staked::<Test>(&account(HOT), &account(COLD), netuid)
    }

    fn claim_events() -> usize {
        let event = RuntimeEvent::SubtensorModule(Event::RootClaimed {
            coldkey: account(COLD),
        });
        System::events()
            .iter()
            .filter(|record| record.event == event)
            .count()
    }

    #[test]
    fn case_76_dividend_against_root_stake() {
        on_empty_state(|| {
            Owner::<Test>::insert(account(HOT), account(9));
            credit_root_dividend::<Test>(&account(HOT), 2, 0);
            let rates = || RootClaimable::<Test>::get(account(HOT));
            assert_eq!(
                rates().get(&2),
                Some(&I96F32::from_num(0)),
                "an entry without stake"
            );
            stake_on_root();
            credit_root_dividend::<Test>(&account(HOT), 2, 4_000_000);
            assert_eq!(rates().get(&2), Some(&I96F32::from_num(1)));
            credit_root_dividend::<Test>(&account(HOT), 2, 4_000_001);
            assert_eq!(rates().get(&2), Some(&I96F32::from_num(1)));
            assert_eq!(staked::<Test>(&account(HOT), &account(9), 2), 4_000_001);
        });
    }

    #[test]
    fn case_77_below_the_threshold_only_the_event() {
        on_empty_state(|| {
            stake_on_root();
            credit_root_dividend::<Test>(&account(HOT), 2, 1_999_999);
            assert!(owed::<Test>(&account(HOT), &account(COLD), 2) < I96F32::from_num(500_000));
            claim_type(RootClaimTypeEnum::Keep);
            claim_all_drawn();
            assert_eq!([held(2), claim_events() as u64], [0, 1]);
            assert!(!RootClaimed::<Test>::contains_key((
                2,
                account(HOT),
                account(COLD)
            )));
            credit_root_dividend::<Test>(&account(HOT), 2, 1);
            claim_all_drawn();
            assert_eq!(
                [held(2), claim_events() as u64],
                [0, 2],
                "rounded down to just below"
            );
            credit_root_dividend::<Test>(&account(HOT), 2, 4);
            claim_all_drawn();
            assert_eq!([held(2), claim_events() as u64], [500_000, 3]);
            assert_eq!(claimed(2), 500_000);
        });
    }

    #[test]
    fn kept_on_the_named_subnets_sold_on_the_others() {
        on_empty_state(|| {
            stake_on_root();
            add_subnet(2, 0.5);
            add_subnet(3, 0.5);
            Tao::set_balance(&subnet_account(3), TAO);
            credit(2);
            credit(3);
            claim_type(RootClaimTypeEnum::KeepSubnets {
                subnets: BTreeSet::from([2]),
            });
            claim_all_drawn();
            assert_eq!(held(2), 4_000_000);
            assert_eq!(held(3), 0);
            assert_eq!(SubnetRootSellTao::<Test>::get(2), 0);
            assert!(SubnetRootSellTao::<Test>::get(3) > 0);
        });
    }

    #[test]
    fn case_79_swap_claim() {
        on_empty_state(|| {
            stake_on_root();
            add_subnet(2, 0.5);
            Tao::set_balance(&subnet_account(2), TAO);
            SubnetAlphaOut::<Test>::insert(2, ALPHA);
            TotalStake::<Test>::put(TAO);
            credit(2);
            RootClaimable::<Test>::mutate(account(HOT), |rates| {
                rates.insert(7, I96F32::from_num(0.25))
            });
            claim_all_drawn();

            // 4 million rao at price 2, with even weights.
            let tao = 7_999_999;
            assert_eq!(SubnetRootSellTao::<Test>::get(2), tao);
            assert_eq!(SubnetAlphaIn::<Test>::get(2), ALPHA + 4_000_000);
            assert_eq!(SubnetAlphaOut::<Test>::get(2), ALPHA - 4_000_000);
            assert_eq!(
                [SubnetTAO::<Test>::get(2), Tao::balance(&subnet_account(2))],
                [TAO - tao; 2]
            );
            assert_eq!(Tao::balance(&subnet_account(ROOT)), tao);
            assert_eq!(
                [
                    SubnetTAO::<Test>::get(ROOT),
                    SubnetAlphaOut::<Test>::get(ROOT)
                ],
                [tao; 2]
            );
            assert_eq!(TotalStake::<Test>::get(), TAO);
            assert_eq!(SubnetVolume::<Test>::get(2), u128::from(tao));
            assert_eq!(SubnetProtocolFlow::<Test>::get(2), -7_999_999);
            assert_eq!(
                TotalHotkeyAlpha::<Test>::get(account(HOT), ROOT),
                4_000_000 + tao
            );
            // The new stake owes nothing retroactively: rate 4 on subnet 2, rate 1/4 on subnet 7.
            assert_eq!(claimed(2), 4_000_000 + 4 * u128::from(tao));
            assert_eq!(claimed(7), u128::from(tao / 4));
            assert!(owed::<Test>(&account(HOT), &account(COLD), 2) <= 0);
        });
    }

    #[test]
    fn case_78_a_failing_sale_undoes_all_claims_of_the_coldkey() {
        on_empty_state(|| {
            stake_on_root();
            for netuid in [2, 3] {
                add_subnet(netuid, 0.5);
                Tao::set_balance(&subnet_account(netuid), TAO);
                credit(netuid);
            }
            SubnetTAO::<Test>::insert(3, 999_999);
            claim_all_drawn();
            assert_eq!([claimed(2), claimed(3)], [0, 0]);
            assert_eq!(
                [SubnetTAO::<Test>::get(2), SubnetAlphaIn::<Test>::get(2)],
                [TAO, ALPHA]
            );
            assert_eq!(Tao::balance(&subnet_account(ROOT)), 0);
            assert_eq!(claim_events(), 0);
        });
    }

    #[test]
    fn a_sale_the_subnet_account_cannot_pay_fails() {
        on_empty_state(|| {
            stake_on_root();
            add_subnet(2, 0.5);
            credit(2);
            Tao::set_balance(&subnet_account(2), 7_999_998);
            claim_all_drawn();
            assert_eq!(
                [claimed(2), u128::from(SubnetRootSellTao::<Test>::get(2))],
                [0, 0]
            );
            // What remains below the existential deposit is lost and leaves the issuance.
            Tao::set_balance(&subnet_account(2), 7_999_999 + 499);
            TotalIssuance::<Test>::put(Tao::total_issuance());
            claim_all_drawn();
            assert_eq!(Tao::balance(&subnet_account(ROOT)), 7_999_999);
            assert_eq!(
                [Tao::total_issuance(), TotalIssuance::<Test>::get()],
                [7_999_999; 2]
            );
        });
    }

    #[test]
    fn stable_subnets_sell_one_to_one() {
        on_empty_state(|| {
            stake_on_root();
            add_subnet(2, 0.5);
            SubnetMechanism::<Test>::insert(2, 0);
            Tao::set_balance(&subnet_account(2), TAO);
            credit(2);
            claim_all_drawn();
            assert_eq!(SubnetRootSellTao::<Test>::get(2), 4_000_000);
        });
    }

    fn hash(words: [u64; 4]) -> [u8; 32] {
        let mut hash = [0; 32];
        for (chunk, word) in hash.chunks_exact_mut(8).zip(words) {
            chunk.copy_from_slice(&word.to_be_bytes());
        }
        hash
    }

    fn drawn(words: [u64; 4], draws: u64, length: u64) -> Vec<u64> {
        draw(&hash(words), draws, length).into_iter().collect()
    }

    #[test]
    fn draws_walk_through_the_index() {
        // 3+3=6, +10=16, +20=36, +30=66, +3=69, all modulo 100.
        assert_eq!(drawn([3, 10, 20, 30], 5, 100), [6, 16, 36, 66, 69]);
        // Modulo 7: 6, 2, 1, 3, 6.
        assert_eq!(drawn([3, 10, 20, 30], 5, 7), [1, 2, 3, 6]);
        assert_eq!(drawn([u64::MAX, 1, 1, 1], 1, 10), [5], "the sum saturates");
        assert!(drawn([3, 10, 20, 30], 0, 100).is_empty());
    }

    #[test]
    fn case_80_nobody_stakes() {
        assert_eq!(drawn([3, 10, 20, 30], 5, 0), [0]);
    }
}
