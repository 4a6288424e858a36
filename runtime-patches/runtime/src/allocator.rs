//! Memory for small values without asking the host each time: four of five host calls of an epoch were for memory.
//!
//! Blocks of up to 4 KiB come in classes of powers of two and are cut from chunks of the host's memory; freed ones are used
//! again first. Chunks are never given back: an instance lives for one call. Larger blocks are the host's own, and so are those
//! in which its functions leave their results: what lies in no chunk goes back to the host.

const SMALLEST: usize = 16;
const LARGEST: usize = 4_096;
const CLASSES: usize = 9;
const FIRST_CHUNK: usize = 65_536;
/// Half of what the host gives at once.
const LARGEST_CHUNK: usize = 16 << 20;
/// More than fill 32 bits of addresses.
const CHUNKS: usize = 270;

/// The small blocks: addresses alone, so that it can be tried without the memory of a runtime.
pub struct SmallBlocks {
    /// First free block of each class, 0 if there is none. A free block holds the address of the next in its first word.
    free: [usize; CLASSES],
    /// What of the latest chunk was not cut yet.
    uncut: usize,
    uncut_end: usize,
    /// Start and end of each chunk, in the order in which they came.
    chunks: [(usize, usize); CHUNKS],
    count: usize,
}

impl SmallBlocks {
    pub const fn new() -> Self {
        Self {
            free: [0; CLASSES],
            uncut: 0,
            uncut_end: 0,
            chunks: [(0, 0); CHUNKS],
            count: 0,
        }
    }

    /// Address of a block of the class of `size`, aligned to 16 bytes; `None` if the host has to give it.
    ///
    /// # Safety
    /// `chunk` gives memory of its argument's size that nobody else uses, aligned to 8 bytes, or 0.
    // Not put into its callers, which are everywhere: it would make the runtime a fifth larger.
    #[inline(never)]
    pub unsafe fn take(
        &mut self,
        size: usize,
        align: usize,
        chunk: impl FnOnce(usize) -> usize,
    ) -> Option<usize> {
        let class = class(size, align)?;
        let free = self.free.get_mut(class)?;
        if *free != 0 {
            let block = *free;
            // SAFETY: a free block is in a chunk and holds the address of the next.
            *free = unsafe { (block as *const usize).read() };
            return Some(block);
        }
        let size = SMALLEST << class;
        if self.uncut_end - self.uncut < size {
            self.add(chunk)?;
        }
        let block = self.uncut;
        self.uncut += size;
        Some(block)
    }

    /// Takes a block back; `false` if it is the host's.
    ///
    /// # Safety
    /// If the block is from `take`, it was for this size, and nobody uses it any longer.
    #[inline(never)]
    pub unsafe fn give_back(&mut self, block: usize, size: usize, align: usize) -> bool {
        let Some(class) = class(size, align).filter(|_| self.owns(block)) else {
            return false;
        };
        let Some(free) = self.free.get_mut(class) else {
            return false;
        };
        // SAFETY: the block is in a chunk, aligned, and at least a word long.
        unsafe { (block as *mut usize).write(*free) };
        *free = block;
        true
    }

    /// Whether a block can be of another size where it is.
    pub fn fits(&self, block: usize, old: usize, new: usize, align: usize) -> bool {
        let old = class(old, align);
        old.is_some() && old == class(new, align) && self.owns(block)
    }

    fn owns(&self, block: usize) -> bool {
        let mut latest_first = self.chunks.iter().take(self.count).rev();
        latest_first.any(|(start, end)| (*start..*end).contains(&block))
    }

    fn add(&mut self, chunk: impl FnOnce(usize) -> usize) -> Option<()> {
        let slot = self.chunks.get_mut(self.count)?;
        let size = (FIRST_CHUNK << self.count.min(16)).min(LARGEST_CHUNK);
        let given = chunk(size);
        if given == 0 {
            return None;
        }
        let start = given.next_multiple_of(SMALLEST);
        *slot = (start, given + size);
        self.count += 1;
        (self.uncut, self.uncut_end) = *slot;
        Some(())
    }
}

/// 0 for up to 16 bytes, 8 for up to 4 KiB.
fn class(size: usize, align: usize) -> Option<usize> {
    if size > LARGEST || align > SMALLEST {
        return None;
    }
    let rounded = size.max(SMALLEST).next_power_of_two();
    Some((rounded.trailing_zeros() - SMALLEST.trailing_zeros()) as usize)
}

#[cfg(substrate_runtime)]
mod global {
    use super::SmallBlocks;
    use core::alloc::{GlobalAlloc, Layout};
    use core::cell::UnsafeCell;
    use core::ptr;
    use sp_io::allocator;

    /// What the host aligns to: the least distance from its block to one that is aligned to more.
    const HOST_ALIGN: usize = 8;

    struct RuntimeAllocator(UnsafeCell<SmallBlocks>);

    // SAFETY: a runtime has one thread.
    unsafe impl Sync for RuntimeAllocator {}

    #[global_allocator]
    static ALLOCATOR: RuntimeAllocator = RuntimeAllocator(UnsafeCell::new(SmallBlocks::new()));

    // SAFETY: blocks come from `SmallBlocks` or from the host, and go back to where they came from. No reference to the small
    // blocks outlives a call, and none is taken while one lives: asking the host does not come back here.
    unsafe impl GlobalAlloc for RuntimeAllocator {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            let (size, align) = (layout.size(), layout.align());
            let small = &mut *self.0.get();
            let malloc = |bytes: usize| allocator::malloc(bytes as u32);
            if let Some(block) = small.take(size, align, |bytes| malloc(bytes) as usize) {
                return block as *mut u8;
            }
            if align <= HOST_ALIGN {
                return malloc(size);
            }
            // The host's address stands right before the aligned block.
            let given = malloc(size.saturating_add(align));
            if given.is_null() {
                return given;
            }
            let block = given.add(align - given as usize % align);
            block.cast::<*mut u8>().sub(1).write(given);
            block
        }

        unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
            let small = &mut *self.0.get();
            if small.give_back(block as usize, layout.size(), layout.align()) {
                return;
            }
            allocator::free(match layout.align() {
                ..=HOST_ALIGN => block,
                _ => block.cast::<*mut u8>().sub(1).read(),
            });
        }

        unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
            let small = &*self.0.get();
            if small.fits(block as usize, layout.size(), size, layout.align()) {
                return block;
            }
            let moved = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !moved.is_null() {
                ptr::copy_nonoverlapping(block, moved, layout.size().min(size));
                self.dealloc(block, layout);
            }
            moved
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// Memory that a test hands out: kept to its end.
    #[derive(Default)]
    struct Host(Vec<Vec<u64>>);

    impl Host {
        fn chunk(&mut self, bytes: usize) -> usize {
            self.0.push(vec![0; bytes / 8]);
            self.0
                .last_mut()
                .map_or(0, |words| words.as_mut_ptr() as usize)
        }
    }

    fn take(blocks: &mut SmallBlocks, host: &mut Host, size: usize, align: usize) -> Option<usize> {
        unsafe { blocks.take(size, align, |bytes| host.chunk(bytes)) }
    }

    proptest! {
        #[test]
        fn blocks_in_use_are_aligned_and_never_overlap(
            steps in prop::collection::vec((1usize..LARGEST + 1, any::<Option<prop::sample::Index>>()), 1..300)
        ) {
            let (mut blocks, mut host) = (SmallBlocks::new(), Host::default());
            let mut used: BTreeMap<usize, usize> = BTreeMap::new();
            for (size, freed) in steps {
                let block = take(&mut blocks, &mut host, size, 8).expect("small");
                prop_assert_eq!(block % 16, 0);
                prop_assert!(blocks.owns(block) && blocks.owns(block + size - 1));
                let before = used.range(..block + size).next_back();
                prop_assert!(before.is_none_or(|(start, length)| start + length <= block));
                unsafe { std::slice::from_raw_parts_mut(block as *mut u8, size) }.fill(0xff);
                used.insert(block, size);
                if let Some(index) = freed {
                    let (&block, &size) = used.iter().nth(index.index(used.len())).expect("one");
                    used.remove(&block);
                    let is_taken = unsafe { blocks.give_back(block, size, 8) };
                    prop_assert!(is_taken);
                }
            }
        }
    }

    #[test]
    fn a_freed_block_is_used_again_first() {
        let (mut blocks, mut host) = (SmallBlocks::new(), Host::default());
        let first = take(&mut blocks, &mut host, 33, 8).expect("small");
        let second = take(&mut blocks, &mut host, 64, 8).expect("small");
        assert!(unsafe { blocks.give_back(first, 33, 8) && blocks.give_back(second, 64, 8) });
        assert_ne!(
            take(&mut blocks, &mut host, 32, 8),
            Some(second),
            "of another class"
        );
        assert_eq!(take(&mut blocks, &mut host, 40, 8), Some(second));
        assert_eq!(take(&mut blocks, &mut host, 50, 8), Some(first));
        assert_eq!(host.0.len(), 1);
    }

    #[test]
    fn what_is_large_or_the_host_s_is_not_taken() {
        let (mut blocks, mut host) = (SmallBlocks::new(), Host::default());
        assert_eq!(take(&mut blocks, &mut host, LARGEST + 1, 8), None);
        assert_eq!(take(&mut blocks, &mut host, 8, 32), None);
        assert!(take(&mut blocks, &mut host, 8, 8).is_some());
        let foreign = host.chunk(64);
        assert!(!unsafe { blocks.give_back(foreign, 64, 8) });
        assert!(!blocks.fits(foreign, 64, 40, 8));
    }

    #[test]
    fn a_block_stays_where_it_is_within_its_class() {
        let (mut blocks, mut host) = (SmallBlocks::new(), Host::default());
        let block = take(&mut blocks, &mut host, 65, 8).expect("small");
        assert!(blocks.fits(block, 65, 128, 8));
        assert!(!blocks.fits(block, 65, 129, 8));
        assert!(!blocks.fits(block, 65, LARGEST + 1, 8));
    }

    #[test]
    fn chunks_grow_and_a_host_without_memory_is_asked_for_each_block() {
        let mut blocks = SmallBlocks::new();
        let mut sizes = Vec::new();
        let mut host = Host::default();
        while sizes.len() < 4 {
            let mut grow = |bytes| {
                sizes.push(bytes);
                host.chunk(bytes)
            };
            assert!(unsafe { blocks.take(LARGEST, 8, &mut grow) }.is_some());
        }
        assert_eq!(sizes, [1 << 16, 1 << 17, 1 << 18, 1 << 19]);
        assert_eq!(unsafe { SmallBlocks::new().take(8, 8, |_| 0) }, None);
    }
}
