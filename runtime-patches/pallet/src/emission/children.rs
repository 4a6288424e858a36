//! Children that were scheduled take effect (distribution §10.3).

use crate::types::NetUid;
use crate::{
    ChildKeys, Config, Event, LastEpochBlock, Pallet, ParentKeys, PendingChildKeys, SubtokenEnabled,
};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use sp_runtime::AccountId32;

/// Relations as stored: (proportion of 2^64 − 1, hotkey).
type Edges = Vec<(u64, AccountId32)>;

/// Apply the pending children of the subnets whose slot was consumed in this block, once they have cooled down; at once
/// while the subnet's token is not enabled.
pub fn apply_pending_children<T: Config>(subnets: &[NetUid], block: u64) {
    for &netuid in subnets {
        if LastEpochBlock::<T>::get(netuid) != block {
            continue;
        }
        let started = SubtokenEnabled::<T>::get(netuid);
        let due: Vec<_> = PendingChildKeys::<T>::iter_prefix(netuid)
            .filter(|(_, (_, cooldown_block))| *cooldown_block < block || !started)
            .collect();
        for (hotkey, (children, _)) in due {
            if set_children::<T>(&hotkey, netuid, &children) {
                Pallet::<T>::deposit_event(Event::SetChildren(hotkey.clone(), netuid, children));
            }
            PendingChildKeys::<T>::remove(netuid, hotkey);
        }
    }
}

/// Replace a hotkey's children, with the other side of each relation. `false`, and nothing changed, if the proportions
/// exceed one or a child is a parent. Itself among them is ignored; of duplicates the last one counts.
fn set_children<T: Config>(hotkey: &AccountId32, netuid: NetUid, children: &Edges) -> bool {
    let children = without_self(hotkey, children);
    let parents = without_self(hotkey, &ParentKeys::<T>::get(hotkey, netuid));
    let proportions = children
        .values()
        .fold(0u128, |sum, p| sum.saturating_add(u128::from(*p)));
    if proportions > u128::from(u64::MAX)
        || children.keys().any(|child| parents.contains_key(child))
    {
        return false;
    }

    let former = ChildKeys::<T>::get(hotkey, netuid);
    write_children::<T>(hotkey, netuid, sorted(&children));
    for (child, proportion) in &children {
        let mut edges = ParentKeys::<T>::get(child, netuid);
        put(&mut edges, *proportion, hotkey);
        write_parents::<T>(child, netuid, edges);
    }
    for (_, child) in former
        .iter()
        .filter(|(_, child)| !children.contains_key(child))
    {
        let mut edges = ParentKeys::<T>::get(child, netuid);
        edges.retain(|(_, parent)| parent != hotkey);
        write_parents::<T>(child, netuid, edges);
    }

    // The hotkey's own parents are written back, sorted, and their side is brought in line.
    write_parents::<T>(hotkey, netuid, sorted(&parents));
    for (parent, proportion) in &parents {
        let mut edges = ChildKeys::<T>::get(parent, netuid);
        put(&mut edges, *proportion, hotkey);
        write_children::<T>(parent, netuid, edges);
    }
    true
}

fn without_self(hotkey: &AccountId32, edges: &Edges) -> BTreeMap<AccountId32, u64> {
    edges
        .iter()
        .filter(|(_, other)| other != hotkey)
        .map(|(proportion, other)| (other.clone(), *proportion))
        .collect()
}

fn sorted(relations: &BTreeMap<AccountId32, u64>) -> Edges {
    relations
        .iter()
        .map(|(other, proportion)| (*proportion, other.clone()))
        .collect()
}

/// Update the first edge to a hotkey in place, or append one.
fn put(edges: &mut Edges, proportion: u64, hotkey: &AccountId32) {
    match edges.iter_mut().find(|(_, other)| other == hotkey) {
        Some(edge) => edge.0 = proportion,
        None => edges.push((proportion, hotkey.clone())),
    }
}

fn write_children<T: Config>(hotkey: &AccountId32, netuid: NetUid, edges: Edges) {
    if edges.is_empty() {
        ChildKeys::<T>::remove(hotkey, netuid);
    } else {
        ChildKeys::<T>::insert(hotkey, netuid, edges);
    }
}

fn write_parents<T: Config>(hotkey: &AccountId32, netuid: NetUid, edges: Edges) {
    if edges.is_empty() {
        ParentKeys::<T>::remove(hotkey, netuid);
    } else {
        ParentKeys::<T>::insert(hotkey, netuid, edges);
    }
}
