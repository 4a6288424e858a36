import { expect, it } from '@jest/globals'
import type { EpochdiffError } from '../errors/epochdiffError.js'
import type { ForkState, Hex } from '../fork/forkState.js'
import type { StorageCodec } from '../fork/storageCodec.js'
import { requireReadableFork } from './knownLayout.js'

/** A chain whose runtime has these items of SubtensorModule, and whose last upgrade was to this spec. */
async function readable(spec: number | undefined, items: readonly string[]): Promise<string> {
  const read: Hex[] = []
  const codec = {
    has: (pallet: string, item: string) => pallet === 'System' || items.includes(item),
    key: (_pallet: string, item: string): Hex => `0x${Buffer.from(item).toString('hex')}`,
    decode: (_pallet: string, item: string, value: Hex | null) =>
      item === 'RulesOfSpec' ? 425 : value === null ? null : { spec_version: spec },
  } as unknown as StorageCodec
  const fork = {
    storage: new Map(),
    remote: {
      ranges: [],
      ask: ({ keys }: { keys: Hex[] }) => {
        read.push(...keys)
        return Promise.resolve({ entries: spec === undefined ? [] : keys.map((key) => [key, '0x00']) })
      },
    },
  } as unknown as ForkState
  const refusal = await requireReadableFork(fork, codec, [7]).then(
    () => undefined,
    (error: EpochdiffError) => `${error.code}: ${error.short}`,
  )
  expect(read.length).toBeLessThanOrEqual(2)
  return refusal ?? 'read'
}

const GATHERED = ['LoadedEmission', 'TotalHotkeyStake', 'PendingdHotkeyEmission']
const SOLD = ['TotalHotkeyAlpha', 'LoadedEmission', 'PendingRootDivs', 'PendingAlphaSwapped']

it.each([
  [194, ['LoadedEmission', 'TotalHotkeyStake'], 'read'],
  [195, GATHERED, 'E527: Subnet 7: what an epoch pays cannot be read from the layout of spec 195.'],
  [205, GATHERED, 'E527: Subnet 7: what an epoch pays cannot be read from the layout of spec 205.'],
  [210, [...GATHERED, 'PendingdHotkeyEmissionUntouchable'], 'read'],
  // A development network before dynamic TAO was released: alpha, but none that waits for root.
  [218, SOLD.slice(0, 2), 'E527: Subnet 7: what an epoch pays cannot be read from the layout of spec 218.'],
  [233, SOLD, 'read'],
  [252, SOLD, 'read'],
  // An upgrade to the runtime of 257 that has not run: its blocks are those of 257.
  [252, [...SOLD, 'FirstEmissionBlockNumber'], 'read'],
  // Items do not tell the rules of 233 to 252 apart.
  [undefined, SOLD, 'E527: Subnet 7: what an epoch pays cannot be read from the layout of spec 0.'],
  [undefined, [...SOLD, 'FirstEmissionBlockNumber'], 'read'],
  [300, ['RulesOfSpec'], 'read'],
] as const)('spec %s with %j: %s', async (spec, items, answer) => {
  expect(await readable(spec, items)).toBe(answer)
})
