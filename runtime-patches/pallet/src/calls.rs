//! Feature `calls`: the staking calls that a rehearsal on nodes sends, with the chain's names and indices.
//!
//! Errors and arguments are the chain's where it has them; `OutsideReferenceRuntime` is ours.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod calls {
    /// Block of a coldkey's last staking to or from a hotkey.
    #[pallet::storage]
    pub type LastColdkeyHotkeyStakeBlock<T: Config> = StorageDoubleMap<
        _,
        Twox64Concat,
        T::AccountId,
        Twox64Concat,
        T::AccountId,
        u64,
        OptionQuery,
    >;

    #[pallet::error]
    pub enum Error<T> {
        /// Nobody owns the hotkey.
        HotKeyAccountNotExists,
        /// The coldkey has less stake than it asks for.
        NotEnoughStakeToWithdraw,
        /// The coldkey has a lock on this subnet.
        StakeUnavailable,
        /// The amount is 0.
        AmountTooLow,
        /// The coldkey cannot pay.
        InsufficientBalance,
        /// The stake would move to where it is.
        SameNetuid,
        /// This call trades with a subnet's pool: the reference runtime does not compute it.
        OutsideReferenceRuntime,
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Stake TAO, rao, on root.
        #[pallet::call_index(2)]
        #[pallet::weight(Weight::from_parts(100_000_000, 0))]
        pub fn add_stake(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            netuid: NetUid,
            amount_staked: u64,
        ) -> DispatchResult {
            staking::add::<T>(&ensure_signed(origin)?, &hotkey, netuid, amount_staked)
        }

        /// Take TAO, rao, from root.
        #[pallet::call_index(3)]
        #[pallet::weight(Weight::from_parts(100_000_000, 0))]
        pub fn remove_stake(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            netuid: NetUid,
            amount_unstaked: u64,
        ) -> DispatchResult {
            staking::remove::<T>(&ensure_signed(origin)?, &hotkey, netuid, amount_unstaked)
        }

        /// Move stake, rao of alpha, to another hotkey of the same subnet.
        #[pallet::call_index(85)]
        #[pallet::weight(Weight::from_parts(100_000_000, 0))]
        pub fn move_stake(
            origin: OriginFor<T>,
            origin_hotkey: T::AccountId,
            destination_hotkey: T::AccountId,
            origin_netuid: NetUid,
            destination_netuid: NetUid,
            alpha_amount: u64,
        ) -> DispatchResult {
            let coldkey = ensure_signed(origin)?;
            let tao = staking::hand_over::<T>(
                (&coldkey, &origin_hotkey, origin_netuid),
                (&coldkey, &destination_hotkey, destination_netuid),
                alpha_amount,
            )?;
            Self::deposit_event(Event::StakeMoved(
                coldkey,
                origin_hotkey,
                origin_netuid,
                destination_hotkey,
                destination_netuid,
                tao,
            ));
            Ok(())
        }

        /// Give stake, rao of alpha, to another coldkey on the same subnet.
        #[pallet::call_index(86)]
        #[pallet::weight(Weight::from_parts(100_000_000, 0))]
        pub fn transfer_stake(
            origin: OriginFor<T>,
            destination_coldkey: T::AccountId,
            hotkey: T::AccountId,
            origin_netuid: NetUid,
            destination_netuid: NetUid,
            alpha_amount: u64,
        ) -> DispatchResult {
            let coldkey = ensure_signed(origin)?;
            let tao = staking::hand_over::<T>(
                (&coldkey, &hotkey, origin_netuid),
                (&destination_coldkey, &hotkey, destination_netuid),
                alpha_amount,
            )?;
            Self::deposit_event(Event::StakeTransferred(
                coldkey,
                destination_coldkey,
                hotkey,
                origin_netuid,
                destination_netuid,
                tao,
            ));
            Ok(())
        }
    }
}
