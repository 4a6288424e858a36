//! Whole blocks: opened, filled and closed by an author, then executed from the same state by somebody else.

use epochdiff_runtime::{
    Block, Executive, Header, Runtime, RuntimeCall, RuntimeGenesisConfig, RuntimeOrigin, System,
    Timestamp, UncheckedExtrinsic, VERSION,
};
use frame_support::dispatch::RawOrigin;
use sp_io::TestExternalities;
use sp_runtime::traits::{Block as _, Dispatchable, Header as _};
use sp_runtime::{AccountId32, BuildStorage};

fn genesis() -> TestExternalities {
    let sudo = pallet_sudo::GenesisConfig {
        key: Some(AccountId32::new([7; 32])),
    };
    RuntimeGenesisConfig {
        sudo,
        ..Default::default()
    }
    .build_storage()
    .expect("genesis is valid")
    .into()
}

#[test]
fn built_block_executes_to_the_same_state() {
    let moment =
        UncheckedExtrinsic::new_bare(RuntimeCall::Timestamp(pallet_timestamp::Call::set {
            now: 1_000_000,
        }));
    let built = genesis().execute_with(|| {
        let open = Header::new(
            1,
            Default::default(),
            Default::default(),
            Default::default(),
            Default::default(),
        );
        Executive::initialize_block(&open);
        assert_eq!(Executive::apply_extrinsic(moment.clone()), Ok(Ok(())));
        Executive::finalize_block()
    });
    genesis().execute_with(|| {
        Executive::execute_block(Block::new(built.clone(), vec![moment]).into());
        assert_eq!(Timestamp::get(), 1_000_000);
        assert_eq!(System::block_number(), 1);
    });
}

#[test]
fn root_writes_storage_through_sudo() {
    genesis().execute_with(|| {
        let items = vec![(b"key".to_vec(), b"value".to_vec())];
        let write = RuntimeCall::System(frame_system::Call::set_storage { items });
        let call = RuntimeCall::Sudo(pallet_sudo::Call::sudo {
            call: Box::new(write),
        });
        let key = pallet_sudo::Key::<Runtime>::get().expect("genesis set it");
        assert!(call
            .clone()
            .dispatch(RuntimeOrigin::from(RawOrigin::Signed(AccountId32::new(
                [8; 32]
            ))))
            .is_err());
        assert!(!sp_io::storage::exists(b"key"));
        assert!(call
            .dispatch(RuntimeOrigin::from(RawOrigin::Signed(key)))
            .is_ok());
        assert_eq!(
            sp_io::storage::get(b"key").expect("it was written"),
            b"value".as_slice()
        );
    });
}

#[test]
fn version_and_pallet_indices_are_the_chain_s() {
    assert_eq!(VERSION.spec_name, "node-subtensor");
    assert_eq!(VERSION.impl_name, "epochdiff-reference");
    assert_eq!(VERSION.spec_version, 425);
    let indices: Vec<(&str, usize)> = <epochdiff_runtime::AllPalletsWithSystem as frame_support::traits::PalletsInfoAccess>::infos()
        .into_iter()
        .map(|info| (info.name, info.index))
        .collect();
    let expected = [
        ("System", 0),
        ("Timestamp", 2),
        ("Balances", 5),
        ("SubtensorModule", 7),
        ("Sudo", 12),
        ("Swap", 28),
        ("AlphaAssets", 31),
    ];
    assert_eq!(indices, expected);
    assert_eq!(
        <<Runtime as frame_system::Config>::SS58Prefix as sp_core::Get<u16>>::get(),
        42
    );
}
