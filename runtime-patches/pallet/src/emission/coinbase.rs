//! The block's emission: minted, injected into the pools, accumulated for the participants (distribution §2, §5, §6).

use super::alpha::{mint_into_pool, mint_outside_pool, recycle_alpha};
use super::halving::MAX_ISSUANCE_RAO;
use super::shares::{emitters, is_open, root_sells, tao_emissions};
use super::subnet_pool::{buy_alpha, record_inflow, reweight};
use super::terms::{evaluate_emission, root_proportion, terms, Terms};
use crate::refuse;
use crate::rules::Rules;
use crate::types::NetUid;
use crate::{
    Config, OwnerCutEnabled, PendingEmission, PendingOwnerCut, PendingRootAlphaDivs,
    PendingServerEmission, PendingValidatorEmission, SubnetAlphaInEmission, SubnetAlphaOutEmission,
    SubnetExcessTao, SubnetOwnerCut, SubnetProtocolAlpha, SubnetRootSellTao, SubnetTAO,
    SubnetTaoInEmission, TotalIssuance, TotalStake,
};
use alloc::collections::BTreeMap;
use frame_support::traits::fungible::{Balanced, Credit, Inspect};
use frame_support::traits::Imbalance;
use frame_support::PalletId;
use sp_runtime::traits::AccountIdConversion;
use sp_runtime::AccountId32;
use substrate_fixed::types::U96F32;

/// TAO issued but not yet on an account.
pub type BlockCredit<T> = Credit<AccountId32, <T as Config>::Currency>;

const SUBNET_ACCOUNTS: PalletId = PalletId(*b"subtensr");
const HALF: U96F32 = U96F32::from_bits(1 << 31);

/// The account that holds a subnet's TAO.
pub fn subnet_account(netuid: NetUid) -> AccountId32 {
    SUBNET_ACCOUNTS.into_sub_account_truncating(netuid)
}

/// Mint the block's TAO, never beyond the hard cap.
pub fn mint_block_emission<T: Config>() -> BlockCredit<T> {
    let emission = evaluate_emission::<T>(TotalIssuance::<T>::get());
    if emission == 0 {
        return BlockCredit::<T>::zero();
    }
    let minted = emission.min(MAX_ISSUANCE_RAO.saturating_sub(T::Currency::total_issuance()));
    TotalIssuance::<T>::mutate(|issued| *issued = issued.saturating_add(minted));
    T::Currency::issue(minted)
}

/// Spend the credit on the pools of the subnets that emit and set aside their alpha for the next epoch.
pub fn emit_to_subnets<T: Config>(rules: Rules, subnets: &[NetUid], credit: BlockCredit<T>) {
    // Root dividends are sold after this, so the counters hold the sales since the last block's emission.
    let _ = SubnetRootSellTao::<T>::clear(u32::MAX, None);

    let emitters = emitters::<T>(rules, subnets);
    let keeps_root = !rules.root_dividends_depend_on_prices() || root_sells::<T>(&emitters);
    // All terms are those of the state before any injection.
    let terms: BTreeMap<NetUid, Terms> = tao_emissions::<T>(rules, &emitters, credit.peek())
        .into_iter()
        .map(|(netuid, tao)| {
            let terms = terms::<T>(netuid, tao);
            match rules.emitters_are_enabled_and_open() || is_open::<T>(rules, netuid) {
                true => (netuid, terms),
                false => (netuid, terms.of_closed_subnet()),
            }
        })
        .collect();
    let in_storage_order = || {
        emitters
            .iter()
            .filter_map(|netuid| Some((*netuid, terms.get(netuid)?)))
    };

    let unspent = if rules.holds_pools_still() {
        credit
    } else {
        in_storage_order().fold(credit, |credit, (netuid, terms)| {
            inject::<T>(netuid, terms, credit)
        })
    };
    burn_unspent::<T>(unspent);
    for (netuid, terms) in in_storage_order() {
        accumulate::<T>(rules, netuid, terms.alpha_out, keeps_root);
    }
}

/// Bring a subnet's TAO and alpha into its pool and buy alpha with the excess; returns what is left of the credit.
///
/// The purchase comes after the weights have moved for the injection, and before the reserves have.
fn inject<T: Config>(netuid: NetUid, terms: &Terms, mut credit: BlockCredit<T>) -> BlockCredit<T> {
    let (mut tao, mut alpha) = (terms.tao_in.to_num::<u64>(), terms.alpha_in.to_num::<u64>());
    let excess = terms.excess_tao.to_num::<u64>();
    if !reweight::<T>(netuid, tao, alpha) {
        (tao, alpha) = (0, 0);
    }
    SubnetExcessTao::<T>::insert(netuid, 0);
    SubnetTaoInEmission::<T>::insert(netuid, 0);

    if excess > 0 && spend::<T>(netuid, &mut credit, excess) {
        // If the pool refuses, the TAO stays on the subnet's account and in no reserve.
        if let Some(trade) = buy_alpha::<T>(netuid, excess) {
            SubnetProtocolAlpha::<T>::mutate(netuid, |bought| {
                *bought = bought.saturating_add(trade.paid_out)
            });
            SubnetExcessTao::<T>::insert(netuid, trade.paid_in);
            record_inflow::<T>(netuid, trade.paid_in);
        }
    }

    SubnetAlphaInEmission::<T>::insert(netuid, alpha);
    mint_into_pool::<T>(netuid, alpha);

    if tao > 0 && spend::<T>(netuid, &mut credit, tao) {
        SubnetTaoInEmission::<T>::insert(netuid, tao);
        SubnetTAO::<T>::mutate(netuid, |reserve| *reserve = reserve.saturating_add(tao));
        TotalStake::<T>::mutate(|total| *total = total.saturating_add(tao));
        record_inflow::<T>(netuid, tao);
    }
    credit
}

/// Move TAO from the credit to a subnet's account; `false`, and nothing moved, if either refuses.
fn spend<T: Config>(netuid: NetUid, credit: &mut BlockCredit<T>, tao: u64) -> bool {
    if credit.peek() < tao {
        return false;
    }
    match T::Currency::resolve(&subnet_account(netuid), credit.extract(tao)) {
        Ok(()) => true,
        Err(refused) => {
            credit.subsume(refused);
            false
        }
    }
}

/// Dropping the credit takes it out of the balances' issuance, too.
fn burn_unspent<T: Config>(credit: BlockCredit<T>) {
    let unspent = credit.peek();
    if unspent > 0 {
        TotalIssuance::<T>::mutate(|issued| *issued = issued.saturating_sub(unspent));
    }
}

/// Mint the participants' alpha of a block and set it aside: owner cut, then half to miners, and of the other half the
/// root proportion to root stakers and the rest to validators.
fn accumulate<T: Config>(rules: Rules, netuid: NetUid, alpha_out: U96F32, keeps_root: bool) {
    let minted = alpha_out.to_num::<u64>();
    SubnetAlphaOutEmission::<T>::insert(netuid, minted);
    mint_outside_pool::<T>(netuid, minted);

    let cut = OwnerCutEnabled::<T>::get(netuid).then(owner_cut::<T>);
    let root_part = match keeps_root || rules.absent_root_dividends_are_recycled() {
        true => root_proportion::<T>(netuid),
        false => U96F32::from_bits(0),
    };
    let parts = split(alpha_out, cut, root_part);
    let add = |pending: &mut u64, alpha: U96F32| *pending = pending.saturating_add(alpha.to_num());
    if let Some(owner) = parts.owner {
        PendingOwnerCut::<T>::mutate(netuid, |pending| add(pending, owner));
    }
    if rules.alpha_waits_together() {
        let both = parts.server.saturating_add(parts.validator);
        PendingEmission::<T>::mutate(netuid, |pending| add(pending, both));
    } else {
        PendingServerEmission::<T>::mutate(netuid, |pending| add(pending, parts.server));
        PendingValidatorEmission::<T>::mutate(netuid, |pending| add(pending, parts.validator));
    }
    if rules.root_dividends_are_sold_at_once() {
        refuse::sale_of_root_dividends(netuid, parts.root.to_num());
    } else if keeps_root {
        PendingRootAlphaDivs::<T>::mutate(netuid, |pending| add(pending, parts.root));
    } else {
        recycle_alpha::<T>(netuid, parts.root.to_num());
    }
}

/// Subnet owners' part of the alpha emission.
fn owner_cut<T: Config>() -> U96F32 {
    U96F32::from_num(SubnetOwnerCut::<T>::get())
        .checked_div(U96F32::from_num(u16::MAX))
        .unwrap_or_default()
}

/// Parts of a block's alpha, not yet rounded to rao.
struct Parts {
    /// `None` where no cut is taken.
    owner: Option<U96F32>,
    server: U96F32,
    validator: U96F32,
    root: U96F32,
}

fn split(alpha_out: U96F32, owner_cut: Option<U96F32>, root_proportion: U96F32) -> Parts {
    let owner = owner_cut.map(|cut| alpha_out.saturating_mul(cut));
    let rest = alpha_out.saturating_sub(owner.unwrap_or_default());
    let root = root_proportion.saturating_mul(rest).saturating_mul(HALF);
    let server = rest.saturating_mul(HALF);
    let validator = rest.saturating_sub(server).saturating_sub(root);
    Parts {
        owner,
        server,
        validator,
        root,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Owner, server, validator and root alpha in rao.
    fn rao(alpha: u64, cut: Option<U96F32>, root_proportion: U96F32) -> [u64; 4] {
        let parts = split(U96F32::from_num(alpha), cut, root_proportion);
        [
            parts.owner.unwrap_or_default(),
            parts.server,
            parts.validator,
            parts.root,
        ]
        .map(|part| part.to_num())
    }

    #[test]
    fn h9_block_split() {
        // 11796/65535, and the root proportion of 6e15 rao of root TAO against 5e15 rao of alpha.
        let cut = Some(U96F32::from_bits(773_074_452));
        let weighted_root = U96F32::from_num(6_000_000_000_000_000u64)
            .saturating_mul(U96F32::from_bits(226_245_882));
        let all = weighted_root.saturating_add(U96F32::from_num(5_000_000_000_000_000u64));
        let root = weighted_root.checked_div(all).expect("not zero");
        assert_eq!(root.to_bits(), 255_353_555);

        let full = [179_995_422, 410_002_288, 385_625_958, 24_376_330];
        assert_eq!(rao(1_000_000_000, cut, root), full);
        assert_eq!(full.iter().sum::<u64>(), 999_999_998);
        let halved = [89_997_711, 205_001_144, 192_812_979, 12_188_165];
        assert_eq!(rao(500_000_000, cut, root), halved);
        let no_cut = [0, 500_000_000, 500_000_000, 0];
        assert_eq!(rao(1_000_000_000, None, U96F32::from_num(0)), no_cut);
    }

    #[test]
    fn subnet_accounts() {
        let mut bytes = [0; 32];
        bytes[..14].copy_from_slice(b"modlsubtensr\x02\x01");
        assert_eq!(subnet_account(0x0102), AccountId32::new(bytes));
    }
}
