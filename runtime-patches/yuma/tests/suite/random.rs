//! Random small epochs, the same on every machine.

use crate::subnet::{Rows, Subnet};
use yuma::substrate_fixed::types::I64F64;
use yuma::{LiquidAlpha, Params, Rules};

/// splitmix64: the same cases on every machine.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    pub fn pick<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.below(values.len() as u64) as usize]
    }

    pub fn many<T>(&mut self, n: usize, mut value: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..n).map(|_| value(self)).collect()
    }

    /// Usually n values, now and then fewer or more.
    pub fn about<T>(&mut self, n: usize, value: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let length = match self.below(20) {
            0 => self.below(n as u64 + 1) as usize,
            1 => n + 2,
            _ => n,
        };
        self.many(length, value)
    }

    pub fn any_u16(&mut self) -> u16 {
        let any = self.next() as u16;
        self.pick(&[0, 1, 32_767, 32_768, 65_534, 65_535, any, any, any])
    }

    pub fn any_u64(&mut self) -> u64 {
        let any = self.next();
        let shift = self.below(64);
        self.pick(&[0, 1, u64::MAX, any, any >> shift, any >> shift])
    }
}

fn stake(random: &mut Random, kind: u64) -> I64F64 {
    let bits = i128::from(random.next());
    I64F64::from_bits(match kind {
        // many ties
        0 | 1 => i128::from(random.below(4)) << 64,
        // ordinary amounts with a fraction
        2 | 3 => (bits >> 14 << 64) + i128::from(random.next() as u32) * (1 << 32),
        // dust beside much
        4 => i128::from(random.pick(&[1u64, 1_164_153, 1_164_154, 5_000_000_000_000_000, 0])) << 64,
        // sums that wrap
        5 => random.pick(&[i128::MAX, 1 << 126, 1 << 125, bits << 62, 0]),
        6 => 7 << 64,
        _ => i128::from(random.below(1000)) << 64,
    })
}

/// Rows of a few shuffled targets, some beyond n; with `repeats` some twice.
pub fn rows(random: &mut Random, n: usize, repeats: bool) -> Rows {
    let density = 1 + random.below(4);
    let sorted = random.one_in(3);
    random.about(n, |random| {
        let mut targets: Vec<u16> = (0..n as u16 + 2)
            .filter(|_| random.below(4) <= density)
            .collect();
        if !sorted {
            for last in (1..targets.len()).rev() {
                targets.swap(last, random.below(last as u64 + 1) as usize);
            }
        }
        if repeats && random.one_in(8) {
            targets.extend(targets.first().copied());
        }
        let plain = random.one_in(3);
        let value = |random: &mut Random| {
            if plain {
                random.pick(&[0, 65_535, 65_535])
            } else {
                random.any_u16()
            }
        };
        targets
            .into_iter()
            .map(|target| (target, value(random)))
            .collect()
    })
}

pub fn any_subnet(random: &mut Random) -> Subnet {
    let uids = random.below(9) as u16;
    let n = usize::from(uids);
    let block = random.pick(&[1000, 1000, 1000, 5, 0, u64::MAX]);
    // Half of the epochs mask little, so that much is left to compute.
    let calm = random.one_in(2);
    let around = |random: &mut Random| block.saturating_sub(3).saturating_add(random.below(6));
    let kind = random.below(8);
    let stakes = random.about(n, |random| stake(random, kind));
    let a_stake = stakes
        .first()
        .map_or(0, |stake| (stake.to_bits() >> 64) as u64);
    let permits = match random.below(12) {
        0 => vec![],
        _ => random.about(n, |random| calm || !random.one_in(3)),
    };
    let last_update = random.about(n, |random| if calm { block } else { around(random) });
    let registered = random.about(n, |random| {
        if calm {
            random.below(3)
        } else {
            around(random)
        }
    });
    let commits = random.one_in(3).then(|| {
        random.about(n, |random| {
            if random.one_in(3) {
                around(random)
            } else {
                u64::MAX
            }
        })
    });
    let liquid = LiquidAlpha {
        low: random.any_u16(),
        high: random.any_u16(),
        steepness: random.pick(&[1000, 1000, 0, -1000, 100, i16::MAX, i16::MIN, 7777]),
    };
    Subnet {
        uids,
        block,
        stake: stakes,
        owner_uid: (n > 0 && random.one_in(2)).then(|| random.below(n as u64) as u16),
        permits,
        last_update,
        registered,
        weights: rows(random, n, false),
        bonds: rows(random, n, true),
        commits,
        params: Params {
            stake_threshold: if calm {
                0
            } else {
                random.pick(&[0, a_stake, a_stake.saturating_add(1), 2])
            },
            activity_cutoff_blocks: random.pick(&[1, 2, 3, 5000, u64::MAX]),
            last_tempo_block: if calm {
                2
            } else {
                random.pick(&[0, 1, block, block.saturating_sub(2)])
            },
            max_allowed_validators: random.pick(&[0, 1, 2, 3, 64, 64, 64, u16::MAX]),
            kappa: {
                let any = random.any_u16();
                // 1/3 and 1/5: the very bits of one among so many equal stakes
                random.pick(&[32_767, 32_767, any, 21_845, 13_107])
            },
            bonds_penalty: {
                let any = random.any_u16();
                random.pick(&[0, 65_535, any])
            },
            bonds_moving_average: {
                let any = random.any_u64();
                random.pick(&[900_000, 975_000, 1_000_000, 1_000_001, any, 0])
            },
            yuma3: random.one_in(2),
            liquid_alpha: random.one_in(2).then_some(liquid),
        },
        rules: Rules {
            owner_stake_exempt: random.one_in(2),
            owner_permit: random.one_in(2),
            legacy_scores: true,
        },
    }
}
