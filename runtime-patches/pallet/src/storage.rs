//! Every storage item of the reward path, with the chain's names, hashers, types and defaults.
//! Amounts are rao (1e-9 of a token). An item read at its default is absent from the state; where the code asks for the
//! presence of a key instead, it says so.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod storage {
    #[pallet::type_value]
    pub fn DefaultBlockEmission() -> u64 {
        1_000_000_000
    }
    #[pallet::type_value]
    pub fn DefaultTaoWeight() -> u64 {
        971_718_665_099_567_868
    }
    #[pallet::type_value]
    pub fn DefaultSubnetOwnerCut() -> u16 {
        11_796
    }
    #[pallet::type_value]
    pub fn DefaultSubnetMovingAlpha() -> I96F32 {
        I96F32::from_bits(12_885)
    }
    #[pallet::type_value]
    pub fn DefaultMaxEpochsPerBlock() -> u8 {
        2
    }
    #[pallet::type_value]
    pub fn DefaultNumRootClaim() -> u64 {
        5
    }
    #[pallet::type_value]
    pub fn DefaultMaturityRate() -> u64 {
        934_866
    }
    #[pallet::type_value]
    pub fn DefaultUnlockRate() -> u64 {
        934_866
    }
    #[pallet::type_value]
    pub fn DefaultPendingChildKeyCooldown() -> u64 {
        7_200
    }
    #[pallet::type_value]
    pub fn DefaultNetTaoFlowEnabled() -> bool {
        true
    }
    #[pallet::type_value]
    pub fn DefaultFlowEmaSmoothingFactor() -> u64 {
        29_597_889_189_277
    }
    #[pallet::type_value]
    pub fn DefaultFlowNormExponent() -> U64F64 {
        U64F64::from_num(1)
    }
    #[pallet::type_value]
    pub fn DefaultNetworkRegistrationAllowed() -> bool {
        true
    }
    #[pallet::type_value]
    pub fn DefaultSubnetEmissionEnabled() -> bool {
        true
    }
    #[pallet::type_value]
    pub fn DefaultEMAPriceHalvingBlocks() -> u64 {
        201_600
    }
    #[pallet::type_value]
    pub fn DefaultOwnerCutEnabled() -> bool {
        true
    }
    #[pallet::type_value]
    pub fn DefaultTempo() -> u16 {
        360
    }
    #[pallet::type_value]
    pub fn DefaultRulesOfSpec() -> u32 {
        425
    }
    #[pallet::type_value]
    pub fn DefaultActivityCutoff() -> u16 {
        5_000
    }
    #[pallet::type_value]
    pub fn DefaultActivityCutoffFactorMilli() -> u32 {
        13_889
    }
    #[pallet::type_value]
    pub fn DefaultMaxAllowedValidators() -> u16 {
        128
    }
    #[pallet::type_value]
    pub fn DefaultKappa() -> u16 {
        32_767
    }
    #[pallet::type_value]
    pub fn DefaultBondsMovingAverage() -> u64 {
        900_000
    }
    #[pallet::type_value]
    pub fn DefaultBondsPenalty() -> u16 {
        65_535
    }
    #[pallet::type_value]
    pub fn DefaultAlphaValues() -> (u16, u16) {
        (45_875, 58_982)
    }
    #[pallet::type_value]
    pub fn DefaultAlphaSigmoidSteepness() -> i16 {
        1000
    }
    #[pallet::type_value]
    pub fn DefaultCommitRevealWeightsEnabled() -> bool {
        true
    }
    #[pallet::type_value]
    pub fn DefaultRevealPeriodEpochs() -> u64 {
        1
    }
    #[pallet::type_value]
    pub fn DefaultMechanismCountCurrent() -> u8 {
        1
    }
    #[pallet::type_value]
    pub fn DefaultVotingPowerEmaAlpha() -> u64 {
        3_570_000_000_000_000
    }
    #[pallet::type_value]
    pub fn DefaultDelegates() -> u16 {
        11_796
    }
    #[pallet::type_value]
    pub fn DefaultRootClaimableThreshold() -> I96F32 {
        I96F32::from_num(500_000)
    }

    #[pallet::type_value]
    pub fn ZeroAccount<T: Config>() -> T::AccountId {
        zero_account()
    }

    // Of this pallet alone: no chain has it.
    /// Spec version whose rules apply. Whoever lets this runtime run an older state writes it; see `rules`.
    #[pallet::storage]
    pub type RulesOfSpec<T: Config> = StorageValue<_, u32, ValueQuery, DefaultRulesOfSpec>;

    // Of older specs
    /// Blocks of activity after an update of weights, before spec 423.
    #[pallet::storage]
    pub type ActivityCutoff<T: Config> =
        StorageMap<_, Identity, NetUid, u16, ValueQuery, DefaultActivityCutoff>;

    /// Alpha awaiting the epoch, rao, before spec 343.
    #[pallet::storage]
    pub type PendingEmission<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    /// Whether miners can register by work; part of what lets a subnet emit before spec 401.
    #[pallet::storage]
    pub type NetworkPowRegistrationAllowed<T: Config> =
        StorageMap<_, Identity, NetUid, bool, ValueQuery, DefaultNetworkRegistrationAllowed>;

    /// Incentive under its former name, parts of 65535, up to spec 362.
    #[pallet::storage]
    pub type Rank<T: Config> = StorageMap<_, Identity, NetUid, Vec<u16>, ValueQuery>;

    /// Rank after clipping by rank before it, parts of 65535, up to spec 362.
    #[pallet::storage]
    pub type Trust<T: Config> = StorageMap<_, Identity, NetUid, Vec<u16>, ValueQuery>;

    /// Combined emission scaled to a largest of 65535, up to spec 362.
    #[pallet::storage]
    pub type PruningScores<T: Config> = StorageMap<_, Identity, NetUid, Vec<u16>, ValueQuery>;

    // Single values
    /// TAO ever issued, rao; the input of the TAO halving.
    #[pallet::storage]
    pub type TotalIssuance<T: Config> = StorageValue<_, u64, ValueQuery>;

    /// TAO in pools, rao.
    #[pallet::storage]
    pub type TotalStake<T: Config> = StorageValue<_, u64, ValueQuery>;

    /// Last result of the halving function, rao: in the end the alpha emission of the subnet evaluated last.
    #[pallet::storage]
    pub type BlockEmission<T: Config> = StorageValue<_, u64, ValueQuery, DefaultBlockEmission>;

    /// Weight of root TAO in a stake weight, parts of 2^64 − 1.
    #[pallet::storage]
    pub type TaoWeight<T: Config> = StorageValue<_, u64, ValueQuery, DefaultTaoWeight>;

    /// Part of a parent's dividend recycled when parent and child have different owners, parts of 2^64 − 1.
    #[pallet::storage]
    pub type CKBurn<T: Config> = StorageValue<_, u64, ValueQuery>;

    /// Subnet owners' part of the alpha emission, parts of 65535.
    #[pallet::storage]
    pub type SubnetOwnerCut<T: Config> = StorageValue<_, u16, ValueQuery, DefaultSubnetOwnerCut>;

    /// Base smoothing factor of the moving price (0.000003).
    #[pallet::storage]
    pub type SubnetMovingAlpha<T: Config> =
        StorageValue<_, I96F32, ValueQuery, DefaultSubnetMovingAlpha>;

    /// Total stake weight below which a validator counts nothing, rao.
    #[pallet::storage]
    pub type StakeThreshold<T: Config> = StorageValue<_, u64, ValueQuery>;

    /// Cap on the epochs run in one block.
    #[pallet::storage]
    pub type MaxEpochsPerBlock<T: Config> =
        StorageValue<_, u8, ValueQuery, DefaultMaxEpochsPerBlock>;

    /// Lowest childkey take, parts of 65535.
    #[pallet::storage]
    pub type MinChildkeyTake<T: Config> = StorageValue<_, u16, ValueQuery>;

    /// Automatic root claims drawn each block.
    #[pallet::storage]
    pub type NumRootClaim<T: Config> = StorageValue<_, u64, ValueQuery, DefaultNumRootClaim>;

    /// Length of the dense index of staking coldkeys.
    #[pallet::storage]
    pub type NumStakingColdkeys<T: Config> = StorageValue<_, u64, ValueQuery>;

    /// Raw-key cursor of the index back-fill over `Alpha`.
    #[pallet::storage]
    pub type AlphaMapLastKey<T: Config> = StorageValue<_, Option<Vec<u8>>, ValueQuery>;

    /// Raw-key cursor of the index back-fill over `AlphaV2`.
    #[pallet::storage]
    pub type AlphaV2MapLastKey<T: Config> = StorageValue<_, Option<Vec<u8>>, ValueQuery>;

    /// Time constant of conviction, blocks.
    #[pallet::storage]
    pub type MaturityRate<T: Config> = StorageValue<_, u64, ValueQuery, DefaultMaturityRate>;

    /// Time constant of unlocking, blocks.
    #[pallet::storage]
    pub type UnlockRate<T: Config> = StorageValue<_, u64, ValueQuery, DefaultUnlockRate>;

    /// Delay between scheduling children and applying them, blocks.
    #[pallet::storage]
    pub type PendingChildKeyCooldown<T: Config> =
        StorageValue<_, u64, ValueQuery, DefaultPendingChildKeyCooldown>;

    /// Dormant: net-flow shares of specs 411 to 420.
    #[pallet::storage]
    pub type NetTaoFlowEnabled<T: Config> =
        StorageValue<_, bool, ValueQuery, DefaultNetTaoFlowEnabled>;

    /// Dormant: smoothing of the flow averages, parts of 2^63 − 1.
    #[pallet::storage]
    pub type FlowEmaSmoothingFactor<T: Config> =
        StorageValue<_, u64, ValueQuery, DefaultFlowEmaSmoothingFactor>;

    /// Dormant: lower cutoff of the flow shares.
    #[pallet::storage]
    pub type TaoFlowCutoff<T: Config> = StorageValue<_, I64F64, ValueQuery>;

    /// Dormant: exponent of the flow shares.
    #[pallet::storage]
    pub type FlowNormExponent<T: Config> =
        StorageValue<_, U64F64, ValueQuery, DefaultFlowNormExponent>;

    /// Used by subnet dissolution only.
    #[pallet::storage]
    pub type TaoInRefundDeploymentBlock<T: Config> = StorageValue<_, u64, ValueQuery>;

    // Eligibility and emission, per subnet
    /// The subnets: the keys count, the value does not.
    #[pallet::storage]
    pub type NetworksAdded<T: Config> = StorageMap<_, Identity, NetUid, bool, ValueQuery>;

    /// Block after the start call; without it a subnet does not emit.
    #[pallet::storage]
    pub type FirstEmissionBlockNumber<T: Config> =
        StorageMap<_, Identity, NetUid, u64, OptionQuery>;

    /// Without it a subnet does not emit.
    #[pallet::storage]
    pub type SubtokenEnabled<T: Config> = StorageMap<_, Identity, NetUid, bool, ValueQuery>;

    /// Without it a subnet does not emit at all.
    #[pallet::storage]
    pub type NetworkRegistrationAllowed<T: Config> =
        StorageMap<_, Identity, NetUid, bool, ValueQuery, DefaultNetworkRegistrationAllowed>;

    /// Without it a subnet's TAO share is redistributed; its alpha is still emitted.
    #[pallet::storage]
    pub type SubnetEmissionEnabled<T: Config> =
        StorageMap<_, Identity, NetUid, bool, ValueQuery, DefaultSubnetEmissionEnabled>;

    /// 0: stable, swaps one to one; 1: dynamic pool.
    #[pallet::storage]
    pub type SubnetMechanism<T: Config> = StorageMap<_, Identity, NetUid, u16, ValueQuery>;

    /// Moving average of TAO per alpha.
    #[pallet::storage]
    pub type SubnetMovingPrice<T: Config> = StorageMap<_, Identity, NetUid, I96F32, ValueQuery>;

    /// Blocks after which the moving price takes on half its smoothing.
    #[pallet::storage]
    pub type EMAPriceHalvingBlocks<T: Config> =
        StorageMap<_, Identity, NetUid, u64, ValueQuery, DefaultEMAPriceHalvingBlocks>;

    /// Fraction of the last epoch's miner incentive that was withheld.
    #[pallet::storage]
    pub type MinerBurned<T: Config> = StorageMap<_, Identity, NetUid, U96F32, ValueQuery>;

    /// Copy of the root proportion, for readers outside.
    #[pallet::storage]
    pub type RootProp<T: Config> = StorageMap<_, Identity, NetUid, U96F32, ValueQuery>;

    /// TAO reserve, rao; for root the TAO staked on root.
    #[pallet::storage]
    pub type SubnetTAO<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    /// Alpha reserve, rao.
    #[pallet::storage]
    pub type SubnetAlphaIn<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    /// Alpha outside the pool, rao; for root the root stake.
    #[pallet::storage]
    pub type SubnetAlphaOut<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    /// Alpha the protocol bought with excess TAO, rao.
    #[pallet::storage]
    pub type SubnetProtocolAlpha<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    /// TAO traded, rao.
    #[pallet::storage]
    pub type SubnetVolume<T: Config> = StorageMap<_, Identity, NetUid, u128, ValueQuery>;

    /// Alpha injected in the last block, rao.
    #[pallet::storage]
    pub type SubnetAlphaInEmission<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    /// Alpha emitted in the last block, rao.
    #[pallet::storage]
    pub type SubnetAlphaOutEmission<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    /// TAO injected in the last block, rao.
    #[pallet::storage]
    pub type SubnetTaoInEmission<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    /// TAO spent on a chain buy in the last block, rao.
    #[pallet::storage]
    pub type SubnetExcessTao<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    /// TAO got by root-dividend sales since the start of the last coinbase, rao.
    #[pallet::storage]
    pub type SubnetRootSellTao<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    /// TAO moved by the protocol, rao, signed.
    #[pallet::storage]
    pub type SubnetProtocolFlow<T: Config> = StorageMap<_, Identity, NetUid, i64, ValueQuery>;

    /// TAO moved by stakers, rao, signed.
    #[pallet::storage]
    pub type SubnetTaoFlow<T: Config> = StorageMap<_, Identity, NetUid, i64, ValueQuery>;

    /// Dormant: moving average of the staker flow.
    #[pallet::storage]
    pub type SubnetEmaTaoFlow<T: Config> =
        StorageMap<_, Identity, NetUid, (u64, I64F64), OptionQuery>;

    /// Dormant: moving average of the protocol flow.
    #[pallet::storage]
    pub type SubnetEmaProtocolFlow<T: Config> =
        StorageMap<_, Identity, NetUid, (u64, I64F64), OptionQuery>;

    /// Whether the owner cut is taken.
    #[pallet::storage]
    pub type OwnerCutEnabled<T: Config> =
        StorageMap<_, Identity, NetUid, bool, ValueQuery, DefaultOwnerCutEnabled>;

    /// Alpha awaiting the epoch: miners, rao.
    #[pallet::storage]
    pub type PendingServerEmission<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    /// Alpha awaiting the epoch: validators, rao.
    #[pallet::storage]
    pub type PendingValidatorEmission<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    /// Alpha awaiting the epoch: root dividends, rao.
    #[pallet::storage]
    pub type PendingRootAlphaDivs<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    /// Alpha awaiting the epoch: subnet owner, rao.
    #[pallet::storage]
    pub type PendingOwnerCut<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    // Scheduling
    /// Blocks per epoch; 0: never.
    #[pallet::storage]
    pub type Tempo<T: Config> = StorageMap<_, Identity, NetUid, u16, ValueQuery, DefaultTempo>;

    /// Block of the last consumed slot.
    #[pallet::storage]
    pub type LastEpochBlock<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    /// Earliest block of a triggered or deferred epoch; 0: none.
    #[pallet::storage]
    pub type PendingEpochAt<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    /// Consumed slots; the epoch number of commit-reveal.
    #[pallet::storage]
    pub type SubnetEpochIndex<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    /// Blocks since the last epoch that ran.
    #[pallet::storage]
    pub type BlocksSinceLastStep<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    /// Block of the last distributed epoch (the name is the chain's).
    #[pallet::storage]
    pub type LastMechansimStepBlock<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    // Epoch parameters
    /// Number of uids.
    #[pallet::storage]
    pub type SubnetworkN<T: Config> = StorageMap<_, Identity, NetUid, u16, ValueQuery>;

    /// Activity cutoff, thousandths of a tempo.
    #[pallet::storage]
    pub type ActivityCutoffFactorMilli<T: Config> =
        StorageMap<_, Identity, NetUid, u32, ValueQuery, DefaultActivityCutoffFactorMilli>;

    /// How many uids get a validator permit by stake.
    #[pallet::storage]
    pub type MaxAllowedValidators<T: Config> =
        StorageMap<_, Identity, NetUid, u16, ValueQuery, DefaultMaxAllowedValidators>;

    /// Consensus majority, parts of 65535.
    #[pallet::storage]
    pub type Kappa<T: Config> = StorageMap<_, Identity, NetUid, u16, ValueQuery, DefaultKappa>;

    /// Weight of the old bond, parts of a million.
    #[pallet::storage]
    pub type BondsMovingAverage<T: Config> =
        StorageMap<_, Identity, NetUid, u64, ValueQuery, DefaultBondsMovingAverage>;

    /// Weight of clipping in the bonds, parts of 65535.
    #[pallet::storage]
    pub type BondsPenalty<T: Config> =
        StorageMap<_, Identity, NetUid, u16, ValueQuery, DefaultBondsPenalty>;

    /// Bounds of liquid alpha (low, high), parts of 65535.
    #[pallet::storage]
    pub type AlphaValues<T: Config> =
        StorageMap<_, Identity, NetUid, (u16, u16), ValueQuery, DefaultAlphaValues>;

    /// Steepness of liquid alpha, hundredths.
    #[pallet::storage]
    pub type AlphaSigmoidSteepness<T: Config> =
        StorageMap<_, Identity, NetUid, i16, ValueQuery, DefaultAlphaSigmoidSteepness>;

    /// Whether bonds use liquid alpha.
    #[pallet::storage]
    pub type LiquidAlphaOn<T: Config> = StorageMap<_, Blake2_128Concat, NetUid, bool, ValueQuery>;

    /// Whether bonds follow Yuma3.
    #[pallet::storage]
    pub type Yuma3On<T: Config> = StorageMap<_, Blake2_128Concat, NetUid, bool, ValueQuery>;

    /// Whether weights are committed and revealed.
    #[pallet::storage]
    pub type CommitRevealWeightsEnabled<T: Config> =
        StorageMap<_, Identity, NetUid, bool, ValueQuery, DefaultCommitRevealWeightsEnabled>;

    /// Epochs between commit and reveal.
    #[pallet::storage]
    pub type RevealPeriodEpochs<T: Config> =
        StorageMap<_, Twox64Concat, NetUid, u64, ValueQuery, DefaultRevealPeriodEpochs>;

    /// Number of mechanisms.
    #[pallet::storage]
    pub type MechanismCountCurrent<T: Config> =
        StorageMap<_, Twox64Concat, NetUid, u8, ValueQuery, DefaultMechanismCountCurrent>;

    /// Emission by mechanism, parts of 65535; absent: even.
    #[pallet::storage]
    pub type MechanismEmissionSplit<T: Config> =
        StorageMap<_, Twox64Concat, NetUid, Vec<u16>, OptionQuery>;

    // Ownership and distribution
    /// Coldkey of the subnet owner.
    #[pallet::storage]
    pub type SubnetOwner<T: Config> =
        StorageMap<_, Identity, NetUid, T::AccountId, ValueQuery, ZeroAccount<T>>;

    /// Hotkey of the subnet owner.
    #[pallet::storage]
    pub type SubnetOwnerHotkey<T: Config> =
        StorageMap<_, Identity, NetUid, T::AccountId, ValueQuery, ZeroAccount<T>>;

    /// What becomes of the incentive withheld from the owner.
    #[pallet::storage]
    pub type RecycleOrBurn<T: Config> =
        StorageMap<_, Identity, NetUid, RecycleOrBurnEnum, ValueQuery>;

    /// Lease a subnet belongs to.
    #[pallet::storage]
    pub type SubnetUidToLeaseId<T: Config> = StorageMap<_, Twox64Concat, NetUid, u32, OptionQuery>;

    /// Whether the owner cut is locked when paid.
    #[pallet::storage]
    pub type OwnerCutAutoLockEnabled<T: Config> = StorageMap<_, Identity, NetUid, bool, ValueQuery>;

    /// Lowest childkey take on this subnet, parts of 65535.
    #[pallet::storage]
    pub type MinChildkeyTakePerSubnet<T: Config> = StorageMap<_, Identity, NetUid, u16, ValueQuery>;

    /// Block of the subnet's registration.
    #[pallet::storage]
    pub type NetworkRegisteredAt<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    /// Whether the epoch tracks voting power.
    #[pallet::storage]
    pub type VotingPowerTrackingEnabled<T: Config> =
        StorageMap<_, Identity, NetUid, bool, ValueQuery>;

    /// Block at which tracking ends; 0: none.
    #[pallet::storage]
    pub type VotingPowerDisableAtBlock<T: Config> =
        StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    /// Smoothing of voting power, parts of 1e18.
    #[pallet::storage]
    pub type VotingPowerEmaAlpha<T: Config> =
        StorageMap<_, Identity, NetUid, u64, ValueQuery, DefaultVotingPowerEmaAlpha>;

    // Epoch outputs: one vector per subnet
    /// Whether a uid set weights recently.
    #[pallet::storage]
    pub type Active<T: Config> = StorageMap<_, Identity, NetUid, Vec<bool>, ValueQuery>;

    /// Combined emission, rao; the pruning score.
    #[pallet::storage]
    pub type Emission<T: Config> = StorageMap<_, Identity, NetUid, Vec<u64>, ValueQuery>;

    /// Consensus weight, parts of 65535.
    #[pallet::storage]
    pub type Consensus<T: Config> = StorageMap<_, Identity, NetUid, Vec<u16>, ValueQuery>;

    /// Dividends, parts of 65535.
    #[pallet::storage]
    pub type Dividends<T: Config> = StorageMap<_, Identity, NetUid, Vec<u16>, ValueQuery>;

    /// Validator trust, parts of 65535.
    #[pallet::storage]
    pub type ValidatorTrust<T: Config> = StorageMap<_, Identity, NetUid, Vec<u16>, ValueQuery>;

    /// Normalised stake, parts of 65535.
    #[pallet::storage]
    pub type StakeWeight<T: Config> = StorageMap<_, Identity, NetUid, Vec<u16>, ValueQuery>;

    /// Validator permits.
    #[pallet::storage]
    pub type ValidatorPermit<T: Config> = StorageMap<_, Identity, NetUid, Vec<bool>, ValueQuery>;

    // Per mechanism and uid
    /// Incentive by mechanism, parts of 65535.
    #[pallet::storage]
    pub type Incentive<T: Config> = StorageMap<_, Identity, NetUidIndex, Vec<u16>, ValueQuery>;

    /// Block at which a uid last set weights.
    #[pallet::storage]
    pub type LastUpdate<T: Config> = StorageMap<_, Identity, NetUidIndex, Vec<u64>, ValueQuery>;

    /// Weight rows (uid, weight), in the order sent.
    #[pallet::storage]
    pub type Weights<T: Config> =
        StorageDoubleMap<_, Identity, NetUidIndex, Identity, u16, Vec<(u16, u16)>, ValueQuery>;

    /// Bond rows (uid, bond), parts of 65535.
    #[pallet::storage]
    pub type Bonds<T: Config> =
        StorageDoubleMap<_, Identity, NetUidIndex, Identity, u16, Vec<(u16, u16)>, ValueQuery>;

    /// Committed weights: (hash, epoch, block, unused).
    #[pallet::storage]
    pub type WeightCommits<T: Config> = StorageDoubleMap<
        _,
        Twox64Concat,
        NetUidIndex,
        Twox64Concat,
        T::AccountId,
        VecDeque<(H256, u64, u64, u64)>,
        OptionQuery,
    >;

    /// Time-locked weights by epoch: (account, block, cipher text, drand round).
    #[pallet::storage]
    pub type TimelockedWeightCommits<T: Config> = StorageDoubleMap<
        _,
        Twox64Concat,
        NetUidIndex,
        Twox64Concat,
        u64,
        VecDeque<TimelockedCommit<T::AccountId>>,
        ValueQuery,
    >;

    /// Hotkey of a uid.
    #[pallet::storage]
    pub type Keys<T: Config> = StorageDoubleMap<
        _,
        Identity,
        NetUid,
        Identity,
        u16,
        T::AccountId,
        ValueQuery,
        ZeroAccount<T>,
    >;

    /// Block at which a uid was registered.
    #[pallet::storage]
    pub type BlockAtRegistration<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Identity, u16, u64, ValueQuery>;

    // By account
    /// Uid of a hotkey.
    #[pallet::storage]
    pub type Uids<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Blake2_128Concat, T::AccountId, u16, OptionQuery>;

    /// Whether a hotkey is registered on a subnet.
    #[pallet::storage]
    pub type IsNetworkMember<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Identity, NetUid, bool, ValueQuery>;

    /// Coldkey that owns a hotkey.
    #[pallet::storage]
    pub type Owner<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, T::AccountId, ValueQuery, ZeroAccount<T>>;

    /// Take of a hotkey, parts of 65535; the default also holds for hotkeys that never became delegates.
    #[pallet::storage]
    pub type Delegates<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, u16, ValueQuery, DefaultDelegates>;

    /// Childkey take, parts of 65535.
    #[pallet::storage]
    pub type ChildkeyTake<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Identity, NetUid, u16, ValueQuery>;

    /// Children of a hotkey (proportion of 2^64 − 1, child).
    #[pallet::storage]
    pub type ChildKeys<T: Config> = StorageDoubleMap<
        _,
        Blake2_128Concat,
        T::AccountId,
        Identity,
        NetUid,
        Vec<(u64, T::AccountId)>,
        ValueQuery,
    >;

    /// Parents of a hotkey (proportion of 2^64 − 1, parent).
    #[pallet::storage]
    pub type ParentKeys<T: Config> = StorageDoubleMap<
        _,
        Blake2_128Concat,
        T::AccountId,
        Identity,
        NetUid,
        Vec<(u64, T::AccountId)>,
        ValueQuery,
    >;

    /// Scheduled children of a hotkey and their cooldown block.
    #[pallet::storage]
    pub type PendingChildKeys<T: Config> = StorageDoubleMap<
        _,
        Identity,
        NetUid,
        Blake2_128Concat,
        T::AccountId,
        (Vec<(u64, T::AccountId)>, u64),
        ValueQuery,
    >;

    /// Alpha staked to a hotkey, rao; on root its TAO.
    #[pallet::storage]
    pub type TotalHotkeyAlpha<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Identity, NetUid, u64, ValueQuery>;

    /// The same at the end of the last epoch.
    #[pallet::storage]
    pub type TotalHotkeyAlphaLastEpoch<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Identity, NetUid, u64, ValueQuery>;

    /// Share denominator of a pool, first version.
    #[pallet::storage]
    pub type TotalHotkeyShares<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Identity, NetUid, U64F64, ValueQuery>;

    /// Share denominator of a pool.
    #[pallet::storage]
    pub type TotalHotkeySharesV2<T: Config> = StorageDoubleMap<
        _,
        Blake2_128Concat,
        T::AccountId,
        Identity,
        NetUid,
        SafeFloat,
        ValueQuery,
    >;

    /// Shares of a coldkey in a pool, first version.
    #[pallet::storage]
    pub type Alpha<T: Config> = StorageNMap<
        _,
        (
            NMapKey<Blake2_128Concat, T::AccountId>,
            NMapKey<Blake2_128Concat, T::AccountId>,
            NMapKey<Identity, NetUid>,
        ),
        U64F64,
        ValueQuery,
    >;

    /// Shares of a coldkey in a pool.
    #[pallet::storage]
    pub type AlphaV2<T: Config> = StorageNMap<
        _,
        (
            NMapKey<Blake2_128Concat, T::AccountId>,
            NMapKey<Blake2_128Concat, T::AccountId>,
            NMapKey<Identity, NetUid>,
        ),
        SafeFloat,
        ValueQuery,
    >;

    /// Hotkeys a coldkey stakes to.
    #[pallet::storage]
    pub type StakingHotkeys<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, Vec<T::AccountId>, ValueQuery>;

    /// Hotkeys a coldkey owns.
    #[pallet::storage]
    pub type OwnedHotkeys<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, Vec<T::AccountId>, ValueQuery>;

    /// Hotkey that a coldkey's miner incentive is staked to.
    #[pallet::storage]
    pub type AutoStakeDestination<T: Config> = StorageDoubleMap<
        _,
        Blake2_128Concat,
        T::AccountId,
        Identity,
        NetUid,
        T::AccountId,
        OptionQuery,
    >;

    /// Dividends of the last epoch after take, rao.
    #[pallet::storage]
    pub type AlphaDividendsPerSubnet<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Blake2_128Concat, T::AccountId, u64, ValueQuery>;

    /// Root dividends of the last epoch after take, rao of alpha.
    #[pallet::storage]
    pub type RootAlphaDividendsPerSubnet<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Blake2_128Concat, T::AccountId, u64, ValueQuery>;

    /// Alpha owed per rao of root stake, cumulative, by subnet.
    #[pallet::storage]
    pub type RootClaimable<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, BTreeMap<NetUid, I96F32>, ValueQuery>;

    /// Alpha already claimed, rao: (subnet, hotkey, coldkey).
    #[pallet::storage]
    pub type RootClaimed<T: Config> = StorageNMap<
        _,
        (
            NMapKey<Identity, NetUid>,
            NMapKey<Blake2_128Concat, T::AccountId>,
            NMapKey<Blake2_128Concat, T::AccountId>,
        ),
        u128,
        ValueQuery,
    >;

    /// Smallest claim, rao.
    #[pallet::storage]
    pub type RootClaimableThreshold<T: Config> =
        StorageMap<_, Blake2_128Concat, NetUid, I96F32, ValueQuery, DefaultRootClaimableThreshold>;

    /// What a coldkey does with its root dividends.
    #[pallet::storage]
    pub type RootClaimType<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, RootClaimTypeEnum, ValueQuery>;

    /// Dense index of root stakers.
    #[pallet::storage]
    pub type StakingColdkeysByIndex<T: Config> =
        StorageMap<_, Identity, u64, T::AccountId, OptionQuery>;

    /// Position in the dense index of root stakers.
    #[pallet::storage]
    pub type StakingColdkeys<T: Config> = StorageMap<_, Identity, T::AccountId, u64, OptionQuery>;

    /// Moving average of a validator's stake weight, rao.
    #[pallet::storage]
    pub type VotingPower<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Blake2_128Concat, T::AccountId, u64, ValueQuery>;

    /// Locks: (coldkey, subnet, hotkey).
    #[pallet::storage]
    pub type Lock<T: Config> = StorageNMap<
        _,
        (
            NMapKey<Blake2_128Concat, T::AccountId>,
            NMapKey<Identity, NetUid>,
            NMapKey<Blake2_128Concat, T::AccountId>,
        ),
        LockState,
        OptionQuery,
    >;

    /// Coldkeys that lock towards a hotkey.
    #[pallet::storage]
    pub type LockingColdkeys<T: Config> = StorageNMap<
        _,
        (
            NMapKey<Identity, NetUid>,
            NMapKey<Blake2_128Concat, T::AccountId>,
            NMapKey<Blake2_128Concat, T::AccountId>,
        ),
        (),
        OptionQuery,
    >;

    /// Sum of the perpetual locks towards a hotkey.
    #[pallet::storage]
    pub type HotkeyLock<T: Config> = StorageDoubleMap<
        _,
        Identity,
        NetUid,
        Blake2_128Concat,
        T::AccountId,
        LockState,
        OptionQuery,
    >;

    /// Sum of the decaying locks towards a hotkey.
    #[pallet::storage]
    pub type DecayingHotkeyLock<T: Config> = StorageDoubleMap<
        _,
        Identity,
        NetUid,
        Blake2_128Concat,
        T::AccountId,
        LockState,
        OptionQuery,
    >;

    /// Sum of the perpetual locks towards the owner hotkey.
    #[pallet::storage]
    pub type OwnerLock<T: Config> = StorageMap<_, Identity, NetUid, LockState, OptionQuery>;

    /// Sum of the decaying locks towards the owner hotkey.
    #[pallet::storage]
    pub type DecayingOwnerLock<T: Config> = StorageMap<_, Identity, NetUid, LockState, OptionQuery>;

    /// Whether a coldkey's lock decays.
    #[pallet::storage]
    pub type DecayingLock<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Identity, NetUid, bool, OptionQuery>;

    /// Leases by id.
    #[pallet::storage]
    pub type SubnetLeases<T: Config> =
        StorageMap<_, Twox64Concat, u32, SubnetLease<T::AccountId>, OptionQuery>;

    /// Contributors' shares of a lease.
    #[pallet::storage]
    pub type SubnetLeaseShares<T: Config> =
        StorageDoubleMap<_, Twox64Concat, u32, Identity, T::AccountId, U64F64, ValueQuery>;

    /// Alpha awaiting the contributors of a lease, rao.
    #[pallet::storage]
    pub type AccumulatedLeaseDividends<T: Config> =
        StorageMap<_, Twox64Concat, u32, u64, ValueQuery>;

    /// Completed migrations by name.
    #[pallet::storage]
    pub type HasMigrationRun<T: Config> = StorageMap<_, Identity, Vec<u8>, bool, ValueQuery>;
}
