//! How the runtimes lay out what an epoch pays. Layouts are the compilers' own: whatever does not fit is refused.

use crate::{
    memory,
    refusal::{refuse, Refusal},
    storage, trap, MAX_UIDS,
};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Specs 293 and 300, and the reference runtime: a vector of 48-byte rows.
    Rows,
    /// Spec 425: a BTreeMap from hotkeys to terms of 64 bytes.
    Terms,
}

/// Where a uid's scores are in its terms.
#[derive(Clone, Copy)]
pub struct TermsOffsets {
    pub stake_weight: usize,
    pub consensus: usize,
    pub validator_trust: usize,
}

const ROW_BYTES: usize = 48;
const TERMS_BYTES: usize = 64;
const TERMS_UID: usize = 32;
const HOTKEY_BYTES: usize = 32;

/// A node of a BTreeMap: its values, then its keys, parent, length and, above the leaves, edges.
const NODE_CAPACITY: usize = 11;
const NODE_KEYS: usize = NODE_CAPACITY * TERMS_BYTES;
const NODE_LEN: usize = NODE_KEYS + NODE_CAPACITY * HOTKEY_BYTES + 6;
const NODE_EDGES: usize = NODE_LEN + 2;
/// More than `MAX_UIDS` entries need.
const MAX_HEIGHT: u32 = 6;

impl Layout {
    pub fn of(number: u32) -> Self {
        match number {
            0 => Self::Rows,
            1 => Self::Terms,
            _ => trap(),
        }
    }

    pub fn terms(self) -> Option<TermsOffsets> {
        match self {
            Self::Rows => None,
            Self::Terms => Some(TermsOffsets {
                stake_weight: 52,
                consensus: 54,
                validator_trust: 56,
            }),
        }
    }

    pub fn as_miner(self) -> usize {
        match self {
            Self::Rows => 32,
            Self::Terms => 8,
        }
    }

    pub fn as_validator(self) -> usize {
        match self {
            Self::Rows => 40,
            Self::Terms => 0,
        }
    }
}

/// Where each uid's row or terms are.
pub struct Places {
    layout: Layout,
    len: usize,
    at: [u32; MAX_UIDS],
}

impl Places {
    /// Refuses unless uids and entries match one to one by the hotkeys in `Keys`.
    pub fn find(sret: u32, netuid: u16, layout: Layout) -> Self {
        let mut places = Self {
            layout,
            len: storage::uid_count(netuid),
            at: [0; MAX_UIDS],
        };
        match layout {
            Layout::Rows => places.find_rows(sret, netuid),
            Layout::Terms => places.find_terms(sret, netuid),
        }
        places
    }

    fn find_rows(&mut self, sret: u32, netuid: u16) {
        // The original has returned: nothing else refers to its result before the caller gets it.
        let rows = unsafe { memory::vec_elements::<[u8; ROW_BYTES]>(sret as usize, self.len) };
        match rows {
            Some(rows) => {
                for (row, slot) in rows.iter().zip(&mut self.at) {
                    *slot = core::ptr::from_ref(row) as usize as u32;
                }
            }
            None => refuse(Refusal::Rewards),
        }
        for uid in 0..self.len {
            storage::with_hotkey(netuid, uid as u16, |hotkey| self.put_in_place(uid, hotkey));
        }
    }

    /// Most runtimes return the rows in the order of the uids; of others the row is looked for.
    fn put_in_place(&mut self, uid: usize, hotkey: &[u8; HOTKEY_BYTES]) {
        let (_, open) = self.at.split_at_mut(uid.min(MAX_UIDS));
        let rows = self.len.saturating_sub(uid);
        let found = open
            .iter()
            .take(rows)
            .position(|&row| at::<HOTKEY_BYTES>(row, 0) == hotkey);
        let Some(found) = found else {
            refuse(Refusal::Rewards)
        };
        // A swap of the first with the one found.
        if let (Some(&row), Some(&first)) = (open.get(found), open.first()) {
            for (position, value) in [(found, first), (0, row)] {
                if let Some(slot) = open.get_mut(position) {
                    *slot = value;
                }
            }
        }
    }

    fn find_terms(&mut self, sret: u32, netuid: u16) {
        let [root, height, len] = [0, 4, 8].map(|offset| word(sret, offset));
        if len as usize != self.len || height > MAX_HEIGHT {
            refuse(Refusal::Rewards)
        }
        if root != 0 {
            self.walk(root, height, netuid);
        }
        // As many as uids, each where no other was: all of them.
        if self.at.iter().take(self.len).any(|&terms| terms == 0) {
            refuse(Refusal::Rewards)
        }
    }

    /// The entries of a node and of all below it.
    fn walk(&mut self, node: u32, height: u32, netuid: u16) {
        let entries = usize::from(u16::from_le_bytes(*at(node, NODE_LEN)));
        if entries == 0 || entries > NODE_CAPACITY {
            refuse(Refusal::Rewards)
        }
        for entry in 0..=entries {
            if height > 0 {
                self.walk(word(node, NODE_EDGES + 4 * entry), height - 1, netuid);
            }
            if entry < entries {
                let address = |offset: usize| node.saturating_add(offset as u32);
                let hotkey = at(address(NODE_KEYS + HOTKEY_BYTES * entry), 0);
                self.put_terms(address(TERMS_BYTES * entry), hotkey, netuid);
            }
        }
    }

    /// By the uid that the terms themselves hold.
    fn put_terms(&mut self, terms: u32, hotkey: &[u8; HOTKEY_BYTES], netuid: u16) {
        let uid = word(terms, TERMS_UID) as usize;
        let is_its_own =
            uid < self.len && storage::with_hotkey(netuid, uid as u16, |key| key == hotkey);
        match self.at.get_mut(uid) {
            Some(slot) if is_its_own && *slot == 0 => *slot = terms,
            _ => refuse(Refusal::Rewards),
        }
    }

    pub fn layout(&self) -> Layout {
        self.layout
    }

    pub fn len(&self) -> usize {
        self.len
    }

    /// Of the uid's row or terms.
    pub fn bytes<const SIZE: usize>(&self, uid: usize, offset: usize) -> &'static mut [u8; SIZE] {
        match self.at.get(uid) {
            Some(&address) => at(address, offset),
            None => trap(),
        }
    }

    pub fn u16(&self, uid: usize, offset: usize) -> u16 {
        u16::from_le_bytes(*self.bytes(uid, offset))
    }
}

fn word(address: u32, offset: usize) -> u32 {
    u32::from_le_bytes(*at(address, offset))
}

fn at<const SIZE: usize>(address: u32, offset: usize) -> &'static mut [u8; SIZE] {
    // Only the function of the hook refers to them, and it has returned.
    match unsafe { memory::bytes((address as usize).saturating_add(offset)) } {
        Some(bytes) => bytes,
        None => refuse(Refusal::Rewards),
    }
}
