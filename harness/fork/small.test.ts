import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createHash } from 'node:crypto'
import { misencoded } from '../../test/storageItems.js'
import { checkConservation } from '../checks/conservation.js'
import type { Engine } from '../engine/engine.js'
import { openEngine } from '../engine/openEngine.js'
import type { Ledger, Role } from '../ledger/ledger.js'
import { readEpoch } from '../ledger/readEpoch.js'
import { replayEpochs, type ReplayMode } from '../replay/replayEpochs.js'
import { loadPrebuilt } from '../runtime/prebuilt.js'
import type { ForkState, Hex } from './forkState.js'
import { forkSmall, SMALL_NETUIDS } from './small.js'
import { createStorageCodec, type StorageCodec } from './storageCodec.js'

const SM = 'SubtensorModule'
const { wasm } = loadPrebuilt('epochdiff_runtime')

let engine: Engine
let metadata: Hex
let codec: StorageCodec
let fork: ForkState
beforeAll(async () => {
  engine = await openEngine('native')
  const arm = await engine.openArm({ name: 'metadata', wasm, storage: new Map() })
  metadata = (await arm.call('Metadata_metadata', '0x')).result
  await arm.close()
  codec = createStorageCodec(metadata)
  fork = forkSmall({ seed: 1, codec, wasm }).fork
})
afterAll(() => engine.close())

const read = (pallet: string, item: string, ...args: unknown[]): unknown =>
  codec.decode(pallet, item, fork.storage.get(codec.key(pallet, item, ...args)) ?? null)
const value = (item: string, ...args: unknown[]) => read(SM, item, ...args)
const entries = (pallet: string, item: string): [args: unknown[], value: unknown][] =>
  [...fork.storage]
    .filter(([key]) => key.startsWith(codec.prefix(pallet, item)))
    .map(([key, raw]) => [codec.decodeKey(pallet, item, key), codec.decode(pallet, item, raw)])
const sum = (amounts: readonly unknown[]): bigint => amounts.reduce<bigint>((total, rao) => total + (rao as bigint), 0n)
/** Sum of TotalHotkeyAlpha of a subnet. */
const stakedRao = (netuid: number) =>
  sum(entries(SM, 'TotalHotkeyAlpha').flatMap(([[, on], rao]) => (on === netuid ? [rao] : [])))

/** Of all but the code, which is the runtime's. */
function hashOf({ storage }: ForkState): string {
  const hash = createHash('sha256')
  for (const [key, raw] of [...storage].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!key.startsWith('0x3a')) hash.update(`${key} ${raw}\n`)
  }
  return hash.digest('hex')
}

async function replay(state: ForkState, epochs: number, mode: ReplayMode = 'blocks'): Promise<Ledger> {
  const arm = await engine.openArm({ name: 'baseline', wasm, storage: state.storage })
  try {
    const plan = { codec, head: state.header, netuids: SMALL_NETUIDS, epochs, mode, feed: { steps: [] } }
    const ledgers: Ledger[] = []
    for await (const record of replayEpochs(arm, plan)) ledgers.push(readEpoch(codec, record))
    return {
      entries: ledgers.flatMap((ledger) => ledger.entries),
      totals: ledgers.flatMap(({ totals }) => totals),
      vectors: ledgers.flatMap(({ vectors }) => vectors),
    }
  } finally {
    await arm.close()
  }
}

describe('the state of small', () => {
  it('is the same for the same seed, on every machine', () => {
    expect(hashOf(forkSmall({ seed: 1, codec, wasm }).fork)).toBe(hashOf(fork))
    expect(hashOf(fork)).toBe('c5512d87328330eb7e674207c2836aeba6e930fa693d532e5ab368432f0a59d4')
    expect(hashOf(forkSmall({ seed: 2, codec, wasm }).fork)).not.toBe(hashOf(fork))
  })

  it('decodes and encodes to itself, key by key', () => {
    expect(misencoded(fork.storage, codec, metadata)).toEqual([])
    expect(fork.storage.size).toBeGreaterThan(1_500)
  })

  it('has the uids that it says, each with its hotkey and an owner', () => {
    for (const [netuid, count] of [
      [1, 64],
      [2, 48],
      [3, 32],
    ] as const) {
      expect(value('SubnetworkN', netuid)).toBe(count)
      const hotkeys = entries(SM, 'Keys').flatMap(([[on, uid], hotkey]) =>
        on === netuid ? [[uid, hotkey] as const] : [],
      )
      expect(new Set(hotkeys.map(([, hotkey]) => hotkey)).size).toBe(count)
      for (const [uid, hotkey] of hotkeys) {
        expect(value('Uids', netuid, hotkey)).toBe(uid)
        expect(value('OwnedHotkeys', value('Owner', hotkey))).toContain(hotkey)
      }
    }
  })

  it('counts every alpha once: staked and pending', () => {
    for (const netuid of SMALL_NETUIDS) {
      const pending = ['Server', 'Validator'].map((pool) => value(`Pending${pool}Emission`, netuid))
      const rest = [value('PendingOwnerCut', netuid), value('PendingRootAlphaDivs', netuid)]
      const out = value('SubnetAlphaOut', netuid) as bigint
      expect(out).toBe(stakedRao(netuid) + sum([...pending, ...rest]))
      expect(read('AlphaAssets', 'TotalAlphaIssuance', netuid)).toBe(out + (value('SubnetAlphaIn', netuid) as bigint))
    }
    // Seven blocks of 1 alpha, but for what rounding loses.
    const pending = ['PendingServerEmission', 'PendingValidatorEmission', 'PendingOwnerCut', 'PendingRootAlphaDivs']
    const after7 = sum(pending.map((item) => value(item, 2)))
    expect(after7 <= 7_000_000_000n && after7 > 6_999_999_970n).toBe(true)
    expect(sum(pending.map((item) => value(item, 1)))).toBe(0n)
  })

  it('counts every TAO once: pools, root and coldkeys', () => {
    const pools = [0, ...SMALL_NETUIDS].map((netuid) => value('SubnetTAO', netuid))
    expect(value('SubnetTAO', 0)).toBe(stakedRao(0))
    expect(value('SubnetAlphaOut', 0)).toBe(stakedRao(0))
    expect(value('TotalStake')).toBe(sum(pools))
    const balances = entries('System', 'Account').map(
      ([, account]) => (account as { data: { free: bigint } }).data.free,
    )
    expect(read('Balances', 'TotalIssuance')).toBe(sum(balances))
    expect(value('TotalIssuance')).toBe(sum(balances))
  })

  it('divides each pool of shares among its holders', () => {
    const raoOf = ({ mantissa, exponent }: { mantissa: bigint; exponent: bigint }) => mantissa / 10n ** -exponent
    const held = new Map<string, bigint>()
    for (const [[hotkey, , netuid], shares] of entries(SM, 'AlphaV2')) {
      const pool = `${String(hotkey)} ${String(netuid)}`
      held.set(pool, (held.get(pool) ?? 0n) + raoOf(shares as { mantissa: bigint; exponent: bigint }))
    }
    const totals = entries(SM, 'TotalHotkeyAlpha').map(([[hotkey, netuid], rao]) => [
      `${String(hotkey)} ${String(netuid)}`,
      rao,
    ])
    expect(new Map(totals as [string, bigint][])).toEqual(held)
    const nominated = entries(SM, 'AlphaV2').filter(([[hotkey, coldkey]]) => value('Owner', hotkey) !== coldkey)
    expect(nominated.length).toBeGreaterThan(100)
  })

  it('has child keys that both sides agree on, of the same and of other owners', () => {
    const children = entries(SM, 'ChildKeys').flatMap(([[parent, netuid], list]) =>
      (list as [bigint, string][]).map(([part, child]) => [netuid, parent, child, part].join()),
    )
    const parents = entries(SM, 'ParentKeys').flatMap(([[child, netuid], list]) =>
      (list as [bigint, string][]).map(([part, parent]) => [netuid, parent, child, part].join()),
    )
    expect(children.sort()).toEqual(parents.sort())
    expect(children).toHaveLength(9)
    const sameOwner = children
      .map((link) => link.split(','))
      .filter(([, parent, child]) => value('Owner', parent) === value('Owner', child))
    expect(sameOwner).toHaveLength(3)
  })

  it('draws every coldkey with root stake for claims', () => {
    const staking = entries(SM, 'AlphaV2').flatMap(([[, coldkey, netuid]]) => (netuid === 0 ? [coldkey] : []))
    const indexed = entries(SM, 'StakingColdkeysByIndex').map(([, coldkey]) => coldkey)
    expect(new Set(indexed)).toEqual(new Set(staking))
    expect(value('NumStakingColdkeys')).toBe(BigInt(indexed.length))
    const kept = entries(SM, 'RootClaimType').length
    expect(kept).toBeGreaterThan(0)
    expect(kept).toBeLessThan(indexed.length)
  })
})

describe('epochs of small on the reference runtime', () => {
  it.each([1, 2, 3])('pay every role and lose nothing, seed %i', async (seed) => {
    const ledger = await replay(forkSmall({ seed, codec, wasm }).fork, 2)
    expect(ledger.totals.map(({ netuid, block }) => [netuid, block])).toEqual([
      // Two epochs in one block.
      [2, 100_017],
      [3, 100_017],
      [1, 100_020],
      [1, 100_040],
      [2, 100_041],
      [3, 100_047],
    ])
    expect(checkConservation({ baseline: ledger, candidate: ledger }).filter(({ level }) => level === 'error')).toEqual(
      [],
    )
    const paid = (netuid: number, role: Role) =>
      sum(ledger.entries.flatMap((entry) => (entry.netuid === netuid && entry.role === role ? [entry.alphaRao] : [])))
    for (const netuid of SMALL_NETUIDS) {
      for (const role of ['miner', 'validator', 'nominator', 'owner', 'root'] as const) {
        expect(paid(netuid, role)).toBeGreaterThan(0n)
      }
      // The owner's hotkey of subnet 3 holds no uid.
      expect(paid(netuid, 'burned') > 0n).toBe(netuid !== 3)
    }
    // A parent without a uid is paid.
    expect(ledger.entries.some(({ uid, role }) => uid === undefined && role === 'nominator')).toBe(true)
  })

  it('run by jumps, too', async () => {
    const ledger = await replay(fork, 2, 'jump')
    expect(ledger.totals).toHaveLength(6)
    expect(checkConservation({ baseline: ledger, candidate: ledger }).filter(({ level }) => level === 'error')).toEqual(
      [],
    )
  })

  it('keep root TAO equal to root stake across jumps, while root dividends are claimed', async () => {
    const arm = await engine.openArm({ name: 'jump', wasm, storage: fork.storage })
    try {
      const root = async () => {
        const staked = (await arm.entries(codec.prefix(SM, 'TotalHotkeyAlpha'))).flatMap(([key, raw]) =>
          codec.decodeKey(SM, 'TotalHotkeyAlpha', key)[1] === 0 ? [codec.decode(SM, 'TotalHotkeyAlpha', raw)] : [],
        )
        const counters = ['SubnetTAO', 'SubnetAlphaOut'] as const
        const values = await arm.read(counters.map((item) => codec.key(SM, item, 0)))
        return [sum(staked), ...counters.map((item, index) => codec.decode(SM, item, values[index] ?? null))]
      }
      const before = await root()
      const plan = { codec, head: fork.header, netuids: SMALL_NETUIDS, epochs: 3, feed: { steps: [] } }
      let skipped = 0
      for await (const { jumps } of replayEpochs(arm, { ...plan, mode: 'jump' })) {
        skipped += jumps.reduce((blocks, jump) => blocks + jump.skipped, 0)
        const [staked, ...counters] = await root()
        expect(counters).toEqual([staked, staked])
      }
      expect(skipped).toBeGreaterThan(0)
      expect((await root())[0] as bigint).toBeGreaterThan(before[0] as bigint)
    } finally {
      await arm.close()
    }
  })
})
