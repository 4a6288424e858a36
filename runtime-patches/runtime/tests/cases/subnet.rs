//! A subnet to run cases on: uid k has hotkey `hotkey(k)`, owned by `coldkey(k)`.

use epochdiff_runtime::{Runtime, RuntimeEvent, System};
use pallet_subtensor::epoch::{epoch, EpochReward};
use pallet_subtensor::rules::Rules;
use pallet_subtensor::types::SafeFloat;
use pallet_subtensor::{
    emission, AlphaV2, BlockAtRegistration, CommitRevealWeightsEnabled, Event,
    FirstEmissionBlockNumber, IsNetworkMember, Keys, LastUpdate, NetworksAdded, Owner,
    SubnetAlphaOut, SubnetworkN, SubtokenEnabled, Tempo, TotalHotkeyAlpha, TotalHotkeySharesV2,
    Uids, ValidatorPermit, Weights,
};
use sp_io::TestExternalities;
use sp_runtime::AccountId32;

pub const NETUID: u16 = 2;
pub const BLOCK: u64 = 1_000;
/// Block at which every uid last set weights.
pub const UPDATED: u64 = 900;
/// Block at which every uid was registered.
pub const REGISTERED: u64 = 100;

pub fn hotkey(uid: u16) -> AccountId32 {
    account(1, uid)
}

pub fn coldkey(uid: u16) -> AccountId32 {
    account(2, uid)
}

/// Ascending with the kind, then the number.
pub fn account(kind: u8, number: u16) -> AccountId32 {
    let mut bytes = [0; 32];
    bytes[0] = kind;
    bytes[1..3].copy_from_slice(&number.to_be_bytes());
    AccountId32::new(bytes)
}

/// The account that holds a subnet's TAO.
pub fn subnet_account(netuid: u16) -> AccountId32 {
    let mut bytes = [0; 32];
    bytes[..12].copy_from_slice(b"modlsubtensr");
    bytes[12..14].copy_from_slice(&netuid.to_le_bytes());
    AccountId32::new(bytes)
}

/// Runs a case at block `BLOCK` on an empty state.
pub fn at_block(case: impl FnOnce()) {
    TestExternalities::default().execute_with(|| {
        System::set_block_number(BLOCK as u32);
        case()
    })
}

/// A subnet whose uids have these stakes in rao; those with stake have a permit. Commit-reveal is off.
pub fn create(netuid: u16, stakes: &[u64]) {
    NetworksAdded::<Runtime>::insert(netuid, true);
    SubtokenEnabled::<Runtime>::insert(netuid, true);
    FirstEmissionBlockNumber::<Runtime>::insert(netuid, 1);
    Tempo::<Runtime>::insert(netuid, 360);
    CommitRevealWeightsEnabled::<Runtime>::insert(netuid, false);
    SubnetworkN::<Runtime>::insert(netuid, stakes.len() as u16);
    LastUpdate::<Runtime>::insert(netuid, vec![UPDATED; stakes.len()]);
    ValidatorPermit::<Runtime>::insert(
        netuid,
        stakes.iter().map(|stake| *stake > 0).collect::<Vec<_>>(),
    );
    SubnetAlphaOut::<Runtime>::insert(netuid, stakes.iter().sum::<u64>());
    for (uid, stake) in (0u16..).zip(stakes) {
        Keys::<Runtime>::insert(netuid, uid, hotkey(uid));
        Uids::<Runtime>::insert(netuid, hotkey(uid), uid);
        IsNetworkMember::<Runtime>::insert(hotkey(uid), netuid, true);
        BlockAtRegistration::<Runtime>::insert(netuid, uid, REGISTERED);
        Owner::<Runtime>::insert(hotkey(uid), coldkey(uid));
        if *stake > 0 {
            emission::stake::<Runtime>(&hotkey(uid), &coldkey(uid), netuid, *stake);
        }
    }
}

/// The rules that the state asks for.
pub fn rules() -> Rules {
    Rules::current::<Runtime>()
}

pub fn weights(index: u16, uid: u16, row: &[(u16, u16)]) {
    Weights::<Runtime>::insert(index, uid, row.to_vec());
}

/// One validator on two miners: of a whole `rao`, half to the validator, 3/8 and 1/8 to the miners.
pub fn one_validator() {
    create(NETUID, &[5, 0, 0]);
    weights(NETUID, 0, &[(1, 65_535), (2, 21_845)]);
}

pub fn server(rewards: &[EpochReward]) -> Vec<u64> {
    rewards
        .iter()
        .map(|reward| reward.server_emission)
        .collect()
}

pub fn validator(rewards: &[EpochReward]) -> Vec<u64> {
    rewards
        .iter()
        .map(|reward| reward.validator_emission)
        .collect()
}

/// (server, validator) rao of the epoch by uid.
pub fn run_epoch(rao: u64) -> (Vec<u64>, Vec<u64>) {
    let rewards = epoch::<Runtime>(NETUID, rao);
    (server(&rewards), validator(&rewards))
}

pub fn events() -> Vec<Event<Runtime>> {
    System::events()
        .into_iter()
        .filter_map(|record| match record.event {
            RuntimeEvent::SubtensorModule(event) => Some(event),
            _ => None,
        })
        .collect()
}

/// What a coldkey owns in the pool of a hotkey, rao of alpha.
pub fn staked(hotkey: &AccountId32, coldkey: &AccountId32) -> u64 {
    let value = SafeFloat::from_integer(TotalHotkeyAlpha::<Runtime>::get(hotkey, NETUID).into());
    let share = AlphaV2::<Runtime>::get((hotkey, coldkey, NETUID));
    let denominator = TotalHotkeySharesV2::<Runtime>::get(hotkey, NETUID);
    value
        .mul_div(share, denominator)
        .map_or(0, |rao| rao.to_u64())
}
