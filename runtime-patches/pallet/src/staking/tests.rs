use super::*;
use crate::emission::mock::{account, on_empty_state, Tao, Test};
use crate::{
    NetworksAdded, RootClaimable, RootClaimed, SubnetAlphaOut, SubnetTAO, TotalHotkeyAlpha,
    TotalStake,
};
use frame_support::assert_noop;
use frame_system::RawOrigin;
use substrate_fixed::types::I96F32;

fn owned(hotkey: u8, owner: u8) -> AccountId32 {
    Owner::<Test>::insert(account(hotkey), account(owner));
    account(hotkey)
}

fn signed(coldkey: &AccountId32) -> <Test as frame_system::Config>::RuntimeOrigin {
    RawOrigin::Signed(coldkey.clone()).into()
}

/// (root's TAO, root's alpha outside, all stake, root stakers)
fn totals() -> (u64, u64, u64, u64) {
    (
        SubnetTAO::<Test>::get(ROOT),
        SubnetAlphaOut::<Test>::get(ROOT),
        TotalStake::<Test>::get(),
        NumStakingColdkeys::<Test>::get(),
    )
}

#[test]
fn root_stake_comes_and_goes_one_to_one() {
    on_empty_state(|| {
        let (hot, cold) = (owned(1, 2), account(3));
        Tao::mint_into(&cold, 10_000).unwrap();
        RootClaimable::<Test>::mutate(&hot, |rates| {
            rates.insert(7, I96F32::from_num(0.5));
        });
        Pallet::<Test>::add_stake(signed(&cold), hot.clone(), ROOT, 4_000).unwrap();
        assert_eq!(totals(), (4_000, 4_000, 4_000, 1));
        assert_eq!(Tao::balance(&cold), 6_000);
        assert_eq!(Tao::balance(&subnet_account(ROOT)), 4_000);
        assert_eq!(
            RootClaimed::<Test>::get((7, &hot, &cold)),
            2_000,
            "no part in what accrued before"
        );

        Pallet::<Test>::remove_stake(signed(&cold), hot.clone(), ROOT, 1_000).unwrap();
        assert_eq!(totals(), (3_000, 3_000, 3_000, 1));
        assert_eq!(RootClaimed::<Test>::get((7, &hot, &cold)), 1_500);
        Pallet::<Test>::remove_stake(signed(&cold), hot.clone(), ROOT, 3_000).unwrap();
        assert_eq!(totals(), (0, 0, 0, 0));
        assert_eq!(Tao::balance(&cold), 10_000);
        assert_eq!(StakingColdkeysByIndex::<Test>::get(0), None);
    });
}

#[test]
fn the_last_root_staker_takes_the_place_of_one_that_left() {
    on_empty_state(|| {
        let hot = owned(1, 2);
        for cold in [3, 4, 5] {
            Tao::mint_into(&account(cold), 2_000).unwrap();
            Pallet::<Test>::add_stake(signed(&account(cold)), hot.clone(), ROOT, 1_000).unwrap();
        }
        Pallet::<Test>::remove_stake(signed(&account(3)), hot.clone(), ROOT, 1_000).unwrap();
        assert_eq!(StakingColdkeysByIndex::<Test>::get(0), Some(account(5)));
        assert_eq!(StakingColdkeys::<Test>::get(account(5)), Some(0));
        assert_eq!(StakingColdkeysByIndex::<Test>::get(2), None);
        assert_eq!(NumStakingColdkeys::<Test>::get(), 2);
    });
}

#[test]
fn stake_moves_inside_a_subnet_without_loss() {
    on_empty_state(|| {
        NetworksAdded::<Test>::insert(3, true);
        let (hot, other) = (owned(1, 2), owned(4, 2));
        let (cold, receiver) = (account(2), account(5));
        stake::<Test>(&hot, &cold, 3, 1_000);
        Pallet::<Test>::move_stake(signed(&cold), hot.clone(), other.clone(), 3, 3, 400).unwrap();
        Pallet::<Test>::transfer_stake(signed(&cold), receiver.clone(), other.clone(), 3, 3, 150)
            .unwrap();
        assert_eq!(staked::<Test>(&hot, &cold, 3), 600);
        assert_eq!(staked::<Test>(&other, &cold, 3), 250);
        assert_eq!(staked::<Test>(&other, &receiver, 3), 150);
        assert_eq!(TotalHotkeyAlpha::<Test>::get(&hot, 3), 600);
        assert_eq!(TotalHotkeyAlpha::<Test>::get(&other, 3), 400);
    });
}

#[test]
fn root_stake_moves_with_what_was_claimed_of_it() {
    on_empty_state(|| {
        let (hot, other, cold, receiver) = (owned(1, 2), owned(4, 2), account(2), account(5));
        let rates = |hotkey: &AccountId32, rate: f32| {
            RootClaimable::<Test>::mutate(hotkey, |rates| {
                rates.insert(7, I96F32::from_num(rate));
            })
        };
        rates(&hot, 0.5);
        rates(&other, 0.25);
        stake::<Test>(&hot, &cold, ROOT, 1_000);
        RootClaimed::<Test>::insert((7, &hot, &cold), 500);
        Pallet::<Test>::move_stake(signed(&cold), hot.clone(), other.clone(), ROOT, ROOT, 400)
            .unwrap();
        assert_eq!(RootClaimed::<Test>::get((7, &hot, &cold)), 300);
        assert_eq!(RootClaimed::<Test>::get((7, &other, &cold)), 100);
        Pallet::<Test>::transfer_stake(
            signed(&cold),
            receiver.clone(),
            other.clone(),
            ROOT,
            ROOT,
            400,
        )
        .unwrap();
        assert_eq!(RootClaimed::<Test>::get((7, &other, &cold)), 0);
        assert_eq!(RootClaimed::<Test>::get((7, &other, &receiver)), 100);
        assert_eq!(staked::<Test>(&other, &receiver, ROOT), 400);
    });
}

#[test]
fn what_is_not_computed_is_refused() {
    on_empty_state(|| {
        NetworksAdded::<Test>::insert(3, true);
        let (hot, cold) = (owned(1, 2), account(2));
        stake::<Test>(&hot, &cold, 3, 1_000);
        let call = |amount| {
            Pallet::<Test>::transfer_stake(signed(&cold), account(5), hot.clone(), 3, 3, amount)
        };
        assert_noop!(call(1_001), Error::<Test>::NotEnoughStakeToWithdraw);
        assert_noop!(call(0), Error::<Test>::AmountTooLow);
        assert_noop!(
            Pallet::<Test>::move_stake(signed(&cold), hot.clone(), hot.clone(), 3, 3, 1),
            Error::<Test>::SameNetuid
        );
        let outside = Error::<Test>::OutsideReferenceRuntime;
        assert_noop!(
            Pallet::<Test>::add_stake(signed(&cold), hot.clone(), 3, 1),
            outside
        );
        let outside = Error::<Test>::OutsideReferenceRuntime;
        assert_noop!(
            Pallet::<Test>::transfer_stake(signed(&cold), account(5), hot.clone(), 3, 4, 1),
            outside
        );
        assert_noop!(
            Pallet::<Test>::add_stake(signed(&cold), account(9), ROOT, 1),
            Error::<Test>::HotKeyAccountNotExists
        );
        Lock::<Test>::insert((&cold, 3, &hot), crate::types::LockState::default());
        assert_noop!(call(1), Error::<Test>::StakeUnavailable);
    });
}
