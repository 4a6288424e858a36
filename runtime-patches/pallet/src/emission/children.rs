//! Children that were scheduled take effect (distribution §10.3).

use crate::rules::Rules;
use crate::types::NetUid;
use crate::{
    schedule, ChildKeys, Config, Event, LastEpochBlock, Pallet, ParentKeys, PendingChildKeys,
    SubtokenEnabled,
};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use sp_runtime::AccountId32;

/// Relations as stored: (proportion of 2^64 − 1, hotkey).
type Edges = Vec<(u64, AccountId32)>;

/// Apply the pending children of the subnets whose slot was consumed in this block, once they have cooled down; at once
/// while the subnet's token is not enabled.
pub fn apply_pending_children<T: Config>(rules: Rules, subnets: &[NetUid], block: u64) {
    for &netuid in subnets {
        let consumed = if rules.counts_blocks() {
            schedule::is_due::<T>(rules, netuid, block)
        } else {
            LastEpochBlock::<T>::get(netuid) == block
        };
        if !consumed {
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

#[cfg(test)]
mod tests {
    use super::super::mock::{account, on_empty_state, RuntimeEvent, System, Test};
    use super::*;

    const NETUID: NetUid = 2;
    const BLOCK: u64 = 100;

    fn schedule(parent: u8, children: &[(u64, u8)], cooldown_block: u64) {
        PendingChildKeys::<Test>::insert(
            NETUID,
            account(parent),
            (edges(children), cooldown_block),
        );
    }

    fn apply() {
        LastEpochBlock::<Test>::insert(NETUID, BLOCK);
        SubtokenEnabled::<Test>::insert(NETUID, true);
        apply_pending_children::<Test>(Rules::current::<Test>(), &[NETUID], BLOCK);
    }

    fn edges(list: &[(u64, u8)]) -> Edges {
        list.iter()
            .map(|(proportion, n)| (*proportion, account(*n)))
            .collect()
    }

    fn children(parent: u8) -> Edges {
        ChildKeys::<Test>::get(account(parent), NETUID)
    }

    fn parents(child: u8) -> Edges {
        ParentKeys::<Test>::get(account(child), NETUID)
    }

    #[test]
    fn children_are_sorted_and_parents_appended_or_updated_in_place() {
        on_empty_state(|| {
            ParentKeys::<Test>::insert(account(7), NETUID, edges(&[(1, 9), (2, 1), (3, 8)]));
            ParentKeys::<Test>::insert(account(5), NETUID, edges(&[(4, 9)]));
            ChildKeys::<Test>::insert(account(1), NETUID, edges(&[(2, 7), (6, 6)]));
            ParentKeys::<Test>::insert(account(6), NETUID, edges(&[(6, 1)]));
            let pending = [(10, 7), (11, 1), (12, 5), (20, 7)];
            schedule(1, &pending, BLOCK - 1);
            apply();
            assert_eq!(children(1), edges(&[(12, 5), (20, 7)]));
            assert_eq!(parents(7), edges(&[(1, 9), (20, 1), (3, 8)]));
            assert_eq!(parents(5), edges(&[(4, 9), (12, 1)]));
            assert!(
                !ParentKeys::<Test>::contains_key(account(6), NETUID),
                "a former child"
            );
            assert!(!PendingChildKeys::<Test>::contains_key(NETUID, account(1)));
            let event = Event::SetChildren(account(1), NETUID, edges(&pending));
            assert_eq!(
                System::events().pop().map(|r| r.event),
                Some(RuntimeEvent::SubtensorModule(event))
            );
        });
    }

    #[test]
    fn own_parents_are_rewritten_sorted() {
        on_empty_state(|| {
            ParentKeys::<Test>::insert(account(1), NETUID, edges(&[(5, 9), (6, 8), (1, 1)]));
            ChildKeys::<Test>::insert(account(9), NETUID, edges(&[(3, 4), (4, 1)]));
            schedule(1, &[(10, 7)], 0);
            apply();
            assert_eq!(parents(1), edges(&[(6, 8), (5, 9)]));
            assert_eq!(children(9), edges(&[(3, 4), (5, 1)]));
            assert_eq!(children(8), edges(&[(6, 1)]));
        });
    }

    #[test]
    fn lists_that_cannot_be_are_discarded_silently() {
        on_empty_state(|| {
            ParentKeys::<Test>::insert(account(1), NETUID, edges(&[(5, 9)]));
            ChildKeys::<Test>::insert(account(1), NETUID, edges(&[(2, 7)]));
            for impossible in [&[(u64::MAX, 5), (1, 6)][..], &[(1, 5), (1, 9)][..]] {
                schedule(1, impossible, 0);
                apply();
                assert_eq!(children(1), edges(&[(2, 7)]));
                assert!(!PendingChildKeys::<Test>::contains_key(NETUID, account(1)));
            }
            assert_eq!(System::event_count(), 0);
            schedule(1, &[(u64::MAX - 1, 5), (1, 6)], 0);
            apply();
            assert_eq!(children(1), edges(&[(u64::MAX - 1, 5), (1, 6)]));
        });
    }

    #[test]
    fn children_wait_for_the_cooldown_and_the_slot() {
        on_empty_state(|| {
            schedule(1, &[(10, 7)], BLOCK);
            apply();
            assert!(children(1).is_empty(), "not cooled down");
            SubtokenEnabled::<Test>::insert(NETUID, false);
            LastEpochBlock::<Test>::insert(NETUID, BLOCK - 1);
            apply_pending_children::<Test>(Rules::current::<Test>(), &[NETUID], BLOCK);
            assert!(children(1).is_empty(), "no slot in this block");
            LastEpochBlock::<Test>::insert(NETUID, BLOCK);
            apply_pending_children::<Test>(Rules::current::<Test>(), &[NETUID], BLOCK);
            assert_eq!(
                children(1),
                edges(&[(10, 7)]),
                "before the start there is no cooldown"
            );
        });
    }

    #[test]
    fn an_empty_list_removes_the_keys() {
        on_empty_state(|| {
            ChildKeys::<Test>::insert(account(1), NETUID, edges(&[(2, 7)]));
            ParentKeys::<Test>::insert(account(7), NETUID, edges(&[(2, 1), (3, 8)]));
            schedule(1, &[], 0);
            apply();
            assert!(!ChildKeys::<Test>::contains_key(account(1), NETUID));
            assert_eq!(parents(7), edges(&[(3, 8)]));
        });
    }
}
