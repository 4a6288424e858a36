//! Which rules of the reward path apply: the table of what changed between spec versions, in one place.
//!
//! | since spec | what changed |
//! |---|---|
//! | 334 | root dividends wait as alpha (`PendingRootAlphaDivs`); before, they were sold for TAO at once |
//! | 342 | while moving prices add up to no more than 1, a block has no root dividends: their alpha stays with the others' |
//! | 343 | that alpha is recycled. The alpha of miners and of validators waits apart; before, in one `PendingEmission` |
//! | 361 | a subnet is an emitter only with its subtoken enabled, and if it can be registered on in some way; before, one that cannot emits zero, and its price counts |
//! | 363 | ranks, trust and pruning scores are no longer stored |
//! | 365 | the root proportion is published |
//! | 401 | the subnet owner's uid keeps its stake below the threshold and always has a permit; registration by work no longer counts |
//! | 423 | epochs fire by counters, at most so many a block; before, by the number of the block. Activity is a part of the tempo; before, blocks. Commits carry epochs; before, blocks. Bonds are masked from the last epoch on; before, from a tempo ago. Balancer pools |
//! | 425 | TAO shares no longer follow the root proportion; conviction can change a subnet's owner |
//!
//! Before 423 a pool held concentrated liquidity, whose arithmetic is not part of this pallet. Under those rules pools and prices
//! are held still: no TAO is minted or traded, root dividends are not claimed. Alpha, epochs and payouts are computed.

use crate::types::ROOT;
use crate::{refuse, Config, RulesOfSpec};

/// Specs whose rules are known.
const OLDEST: u32 = 293;
const NEWEST: u32 = 425;

/// The rules of a spec version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules(u32);

impl Rules {
    /// Those that the state asks for; without a word those of spec 425.
    pub fn current<T: Config>() -> Self {
        let spec = RulesOfSpec::<T>::get();
        if !(OLDEST..=NEWEST).contains(&spec) {
            refuse::refuse(
                ROOT,
                "RulesOfSpec",
                "the rules of specs 293 to 425 are known",
            );
        }
        Self(spec)
    }

    /// Inside the epoch.
    pub fn epoch(self) -> yuma::Rules {
        yuma::Rules::of_spec(self.0)
    }

    /// Root dividends are sold for TAO in the block that emits them.
    pub fn root_dividends_are_sold_at_once(self) -> bool {
        self.0 < 334
    }

    /// There are no root dividends while the moving prices add up to no more than 1.
    pub fn root_dividends_depend_on_prices(self) -> bool {
        self.0 >= 342
    }

    /// The alpha of root dividends that there are not is recycled; before, miners and validators got it.
    pub fn absent_root_dividends_are_recycled(self) -> bool {
        self.0 >= 343
    }

    /// Miners' and validators' alpha waits in one `PendingEmission`.
    pub fn alpha_waits_together(self) -> bool {
        self.0 < 343
    }

    /// A subnet without an enabled subtoken, or that cannot be registered on, is no emitter; before, the latter emits zero.
    pub fn emitters_are_enabled_and_open(self) -> bool {
        self.0 >= 361
    }

    /// Registration by work, too, opens a subnet.
    pub fn registration_by_work_counts(self) -> bool {
        self.0 < 401
    }

    /// The root proportion is published.
    pub fn publishes_root_proportion(self) -> bool {
        self.0 >= 365
    }

    /// Epochs fire by the number of the block, without a cap; activity and commits are counted in blocks.
    pub fn counts_blocks(self) -> bool {
        self.0 < 423
    }

    /// The pools are not those of this pallet: they and what depends on them are held still.
    pub fn holds_pools_still(self) -> bool {
        self.0 < 423
    }

    /// TAO shares follow the root proportion, too.
    pub fn shares_follow_root_proportion(self) -> bool {
        self.0 < 425
    }

    /// Conviction can change a subnet's owner.
    pub fn conviction_rules(self) -> bool {
        self.0 >= 425
    }
}
