//! From the block's emission to pending amounts, pools and balances.
//!
//! | module | what |
//! |---|---|
//! | `halving`, `shares`, `terms` | how much TAO and alpha a subnet gets |
//! | `coinbase` | minting, injecting, accumulating |
//! | `pow`, `balancer`, `subnet_pool` | the pool of a subnet |
//! | `safe_float`, `share_pool`, `pools`, `stake` | the pool of a hotkey |
//! | `alpha` | alpha minted, recycled, burned |
//! | `root_claims` | dividends of root stake |
//! | `prices`, `children`, `back_fill` | the end of the block |

mod alpha;
mod back_fill;
mod balancer;
mod children;
mod coinbase;
mod halving;
#[cfg(test)]
pub mod mock;
mod pools;
mod pow;
mod prices;
mod root_claims;
pub mod safe_float;
mod share_pool;
mod shares;
mod stake;
mod subnet_pool;
mod terms;
#[cfg(test)]
mod tests;

pub use alpha::{burn_alpha, recycle_alpha};
pub use back_fill::back_fill_staking_index;
pub use children::apply_pending_children;
pub use coinbase::{emit_to_subnets, mint_block_emission, BlockCredit};
pub use pools::Pools;
pub use prices::{update_moving_prices, update_root_prop};
pub use root_claims::{claim_root_dividends, credit_root_dividend};
pub use stake::stake;
#[cfg(feature = "calls")]
pub use {
    back_fill::index_root_staker,
    coinbase::subnet_account,
    pools::staked,
    root_claims::{exclude_from_past_dividends, forget_past_dividends},
    stake::unstake,
    subnet_pool::{alpha_price, buy_alpha, sell_alpha},
};
