import { describe, expect, it } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { encodeAddress } from '@polkadot/util-crypto'
import { openEngine } from '../engine/openEngine.js'
import type { Hex } from '../fork/forkState.js'
import { ScaleReader } from '../fork/scaleType.js'
import { createStorageCodec, type StorageCodec } from '../fork/storageCodec.js'
import type { EpochRecord } from '../replay/epochRecord.js'
import { loadPrebuilt } from '../runtime/prebuilt.js'
import { chainState, type ChainState } from './chainState.js'
import { epochEvents } from './epochEvents.js'
import type { Ledger, Role } from './ledger.js'
import { accumulated, storedPendings, sumOfPendings } from './pendings.js'
import { readEpoch } from './readEpoch.js'
import { sharePools, valueOf } from './sharePool.js'

// States before and after one block of the chain's own reward path (spec 425), epochs in it.
const FOLDER = new URL('../../runtime-patches/runtime/tests/vectors/', import.meta.url)

const ss58 = (bytes: Uint8Array): string => encodeAddress(bytes, 42)

/** Bytes of the fields of the events that the vectors have besides the two that matter, by pallet and variant. */
const OTHER_EVENTS: Readonly<Record<string, number | ((reader: ScaleReader) => void)>> = {
  'Balances.02': 72,
  'Balances.05': 8,
  'Balances.07': 40,
  'Balances.08': 40,
  'Balances.0f': 8,
  'Balances.10': 8,
  'SubtensorModule.72': 32,
  'SubtensorModule.84': 18,
  'SubtensorModule.85': 10,
  'SubtensorModule.4c': (reader) => {
    reader.take(34)
    reader.take(40 * reader.length())
  },
}

/** The events of a vector. Their variants are numbered as in the chain's runtime, not as in the reference runtime. */
function vectorEvents(raw: Hex | null): { event: Record<string, unknown> }[] {
  if (raw === null) return []
  const reader = new ScaleReader(Buffer.from(raw.slice(2), 'hex'))
  return Array.from({ length: reader.length() }, () => {
    if (reader.u8() === 0) reader.take(4)
    const pallet = reader.u8() === 5 ? 'Balances' : 'SubtensorModule'
    const variant = reader.u8().toString(16).padStart(2, '0')
    const event = eventFields(`${pallet}.${variant}`, reader)
    reader.take(32 * reader.length())
    return { event: { [pallet]: event } }
  })
}

function eventFields(path: string, reader: ScaleReader): unknown {
  if (path === 'SubtensorModule.6e') {
    const netuid = reader.small(2, false)
    const emissions = Array.from({ length: reader.length() }, () => reader.big(8, false))
    return { IncentiveAlphaEmittedToMiners: { netuid, emissions } }
  }
  if (path === 'SubtensorModule.6d') {
    const netuid = reader.small(2, false)
    const [destination, hotkey, owner] = [reader.take(32), reader.take(32), reader.take(32)].map(ss58)
    return { AutoStakeAdded: { netuid, destination, hotkey, owner, incentive: reader.big(8, false) } }
  }
  const other = OTHER_EVENTS[path]
  if (other === undefined) throw new Error(`event ${path} is unknown`)
  if (typeof other === 'number') reader.take(other)
  else other(reader)
  return path
}

async function codecOfVectors(): Promise<StorageCodec> {
  const engine = await openEngine('native')
  try {
    const { wasm } = loadPrebuilt('epochdiff_runtime')
    const arm = await engine.openArm({ name: 'metadata', wasm, storage: new Map() })
    const codec = createStorageCodec((await arm.call('Metadata_metadata', '0x')).result)
    const decode: StorageCodec['decode'] = (pallet, item, value) =>
      item === 'Events' ? vectorEvents(value) : codec.decode(pallet, item, value)
    return { ...codec, decode }
  } finally {
    await engine.close()
  }
}

const codec = await codecOfVectors()

const SM = 'SubtensorModule'
const EVENTS: Hex = '0x26aa394eea5630e07c48ae0c9558cef780d41e5e16056765bc8461851072c9d7'

interface Vector {
  name: string
  block: number
  netuids: number[]
  pre: Map<Hex, Hex>
  post: Map<Hex, Hex>
}
function load(name: string): Vector {
  const v = JSON.parse(gunzipSync(readFileSync(new URL(`${name}.json.gz`, FOLDER))).toString())
  const map = (o: Record<string, string>) =>
    new Map(Object.entries(o).map(([k, x]) => [`0x${k}`, `0x${x}`] as [Hex, Hex]))
  return { ...v, pre: map(v.pre), post: map(v.post) }
}
const recordOf = ({ block, pre, post }: Vector, netuid: number): EpochRecord => ({
  epoch: 0,
  netuid,
  block,
  pre,
  post,
  storageDiff: [],
  events: post.get(EVENTS) ?? null,
  jumps: [],
  logs: [],
  mockedHostFunctions: [],
})
const sum = (amounts: Iterable<bigint>) => [...amounts].reduce((total, rao) => total + rao, 0n)
const byRole = (l: Ledger, role: Role) => sum(l.entries.filter((e) => e.role === role).map((e) => e.alphaRao))
const magnitude = (x: bigint) => (x < 0n ? -x : x)

const names = readdirSync(FOLDER)
  .filter((f) => f.endsWith('.json.gz'))
  .map((f) => f.slice(0, -'.json.gz'.length))
const vectors = new Map(names.map((name) => [name, load(name)]))
const vector = (name: string) => {
  const v = vectors.get(name)
  if (v === undefined) throw new Error(name)
  return v
}
const ran = ({ post, block }: Vector, netuid: number) => {
  const state = chainState(codec, post)
  return state.int('LastEpochBlock', netuid) === BigInt(block) && state.int('BlocksSinceLastStep', netuid) === 0n
}
const subnets = [...vectors.values()].flatMap((v) => v.netuids.map((netuid) => [v.name, netuid] as const))
const epochs = subnets.filter(([name, netuid]) => ran(vector(name), netuid))
const others = subnets.filter(([name, netuid]) => !ran(vector(name), netuid))

describe.each(epochs)('%s, subnet %d', (name, netuid) => {
  const v = vector(name)
  const ledger = readEpoch(codec, recordOf(v, netuid))
  const [totals] = ledger.totals

  it('pays what was credited, and all that was drained but for known reasons and rounding', () => {
    if (totals === undefined) throw new Error('no totals')
    expect(totals.paidRao).toBe(totals.creditedRao)
    expect(totals.paidRao).toBe(sum(ledger.entries.map((e) => e.alphaRao)))
    expect(totals.unpaidRao).toBe(totals.drainedRao - totals.paidRao)
    expect(magnitude(totals.unpaidRao - totals.unownedRao)).toBeLessThanOrEqual(totals.slackRao)
    expect(ledger.entries.every((e) => e.alphaRao > 0n)).toBe(true)
  })

  it('gives each coldkey what its stake grew by', () => {
    const [pre, post] = [chainState(codec, v.pre), chainState(codec, v.post)]
    const [before, after] = [sharePools(pre, netuid), sharePools(post, netuid)]
    const paid = new Map<string, bigint>()
    for (const { hotkey, coldkey, role, alphaRao } of ledger.entries) {
      const rootDividend = post.int('RootAlphaDividendsPerSubnet', netuid, hotkey)
      const claimable = role === 'root' && rootDividend <= pre.int('TotalHotkeyAlpha', hotkey, 0)
      if (role === 'burned' || claimable) continue
      paid.set(`${hotkey} ${coldkey}`, (paid.get(`${hotkey} ${coldkey}`) ?? 0n) + alphaRao)
    }
    const wrong: unknown[] = []
    for (const [hotkey, pool] of after) {
      const old = before.get(hotkey)
      for (const coldkey of pool.shares.keys()) {
        const growth = valueOf(pool, coldkey) - (old === undefined ? 0n : valueOf(old, coldkey))
        const difference = growth - (paid.get(`${hotkey} ${coldkey}`) ?? 0n)
        // Each share is rounded by itself.
        if (magnitude(difference) > BigInt(pool.shares.size) + 1n) wrong.push({ hotkey, coldkey, growth, difference })
      }
    }
    expect(wrong).toEqual([])
  })
})

describe.each(others)('%s, subnet %d, without an epoch', (name, netuid) => {
  it('keeps the pendings that the ledger computes', () => {
    const [pre, post] = [vector(name).pre, vector(name).post].map((s) => chainState(codec, s)) as [
      ChainState,
      ChainState,
    ]
    const expected = sumOfPendings(storedPendings(pre, netuid), accumulated(pre, post, netuid, pre.netuids()))
    expect(storedPendings(post, netuid)).toEqual(expected)
  })
})

/** The same record with the epoch's event saying other incentives than were paid, as when a policy pays others. */
function withEventReversed(): StorageCodec {
  return {
    ...codec,
    decode: (pallet, item, value) => {
      const decoded = codec.decode(pallet, item, value)
      if (item !== 'Events') return decoded
      return (
        decoded as { event: { SubtensorModule?: { IncentiveAlphaEmittedToMiners?: { emissions: bigint[] } } } }[]
      ).map((r) => {
        const found = r.event.SubtensorModule?.IncentiveAlphaEmittedToMiners
        return found === undefined
          ? r
          : {
              event: {
                SubtensorModule: {
                  IncentiveAlphaEmittedToMiners: { ...found, emissions: [...found.emissions].reverse() },
                },
              },
            }
      })
    },
  }
}
describe('incentives that differ from the event', () => {
  it.each([
    ['a_8uids_plain', 2],
    ['b_64uids_rich', 2],
    ['c_256uids_liquid', 2],
    ['v08_childkeys', 3],
  ] as const)('are read from the states all the same (%s)', (name, netuid) => {
    const record = recordOf(vector(name), netuid)
    const as = (l: Ledger) => new Map(l.entries.map((e) => [`${e.hotkey} ${e.coldkey} ${e.role}`, e.alphaRao]))
    const told = as(readEpoch(codec, record)),
      read = as(readEpoch(withEventReversed(), record))
    const far = [...new Set([...told.keys(), ...read.keys()])].filter(
      (at) => magnitude((told.get(at) ?? 0n) - (read.get(at) ?? 0n)) > 1n,
    )
    expect(far).toEqual([])
  })
})

const setIn = (state: ReadonlyMap<Hex, Hex>, ...changes: [Hex, Hex][]) => new Map([...state, ...changes])
const u64 = (value: bigint): Hex => {
  const b = Buffer.alloc(8)
  b.writeBigUInt64LE(value)
  return `0x${b.toString('hex')}`
}

describe('what the reward path does not do', () => {
  const v = vector('a_8uids_plain')
  const record = recordOf(v, 2)
  const post = chainState(codec, v.post)
  const grow = (hotkey: string, rao: bigint) =>
    setIn(v.post, [codec.key(SM, 'TotalHotkeyAlpha', hotkey, 2), u64(post.int('TotalHotkeyAlpha', hotkey, 2) + rao)])
  const validator = readEpoch(codec, record).entries.find((e) => e.role === 'validator')?.hotkey ?? ''

  it('is refused: alpha for a hotkey without a uid', () => {
    const stranger = ss58(Buffer.alloc(32, 7))
    expect(() => readEpoch(codec, { ...record, post: grow(stranger, 1_000n) })).toThrow(
      /E511.*1000 rao instead of 0 rao of incentive/,
    )
  })

  it('is refused: alpha taken from a validator', () => {
    expect(() => readEpoch(codec, { ...record, post: grow(validator, -(10n ** 10n)) })).toThrow(/E511/)
  })

  it('shows beyond the slack: alpha made for a miner', () => {
    const miner = readEpoch(codec, record).entries.find((e) => e.role === 'miner')?.hotkey ?? ''
    const [totals] = readEpoch(codec, { ...record, post: grow(miner, 10_000n) }).totals
    expect(magnitude((totals?.unpaidRao ?? 0n) - (totals?.unownedRao ?? 0n))).toBeGreaterThan(totals?.slackRao ?? 0n)
  })

  it('is no payment: root claims that were kept as stake', () => {
    const coldkey = post.account('Owner', validator) ?? ''
    const claimed: [Hex, Hex] = [codec.key(SM, 'RootClaimed', 2, validator, coldkey), `${u64(5_000n)}0000000000000000`]
    const keep: [Hex, Hex] = [codec.key(SM, 'RootClaimType', coldkey), '0x01']
    const kept = { ...record, pre: setIn(v.pre, keep), post: setIn(grow(validator, 5_000n), keep, claimed) }
    expect(readEpoch(codec, kept)).toEqual(readEpoch(codec, record))
    const sold = { ...kept, pre: setIn(v.pre), post: setIn(kept.post, [keep[0], '0x00']) }
    expect(readEpoch(codec, sold).entries).not.toEqual(readEpoch(codec, record).entries)
  })
})

describe('the vectors of an epoch', () => {
  it.each(['a_8uids_plain', 'b_64uids_rich', 'c_256uids_liquid', 'v08_childkeys'])(
    'agree with the stake weights of %s',
    (name) => {
      const [vectors] = readEpoch(codec, recordOf(vector(name), 2)).vectors
      if (vectors === undefined) throw new Error('no vectors')
      const total = Number(sum(vectors.stakeRao))
      const far = vectors.stakeRao.filter(
        (rao, at) => Math.abs(Number(rao) / total - (vectors.stakeWeight[at] ?? 0) / 65_535) > 2 / 65_535,
      )
      expect(far).toEqual([])
      expect(vectors.hotkeys).toHaveLength(vectors.active.length)
      expect(vectors.incentive.some((x) => x > 0)).toBe(true)
    },
  )
})

describe('by name', () => {
  it('autostaked incentives are paid at their destination to the owner of the miner', () => {
    const v = vector('v10_owner_autostake')
    const ledger = readEpoch(codec, recordOf(v, 2))
    const { autoStakes } = epochEvents(codec, v.post.get(EVENTS) ?? null, 2)
    expect(autoStakes.filter(({ rao }) => rao > 0n).length).toBeGreaterThan(0)
    for (const { miner, destination, coldkey } of autoStakes) {
      const rao = sum(
        autoStakes.filter((a) => a.destination === destination && a.coldkey === coldkey).map((a) => a.rao),
      )
      const paid = ledger.entries.find((e) => e.hotkey === destination && e.coldkey === coldkey && e.role === 'miner')
      expect(paid?.alphaRao ?? 0n).toBe(rao)
      expect(ledger.entries.some((e) => e.hotkey === miner && miner !== destination && e.role === 'miner')).toBe(false)
    }
  })
  it.each([
    [2, 'AlphaBurned'],
    [3, 'AlphaRecycled'],
    [4, 'AlphaBurned'],
  ] as const)('withheld incentives of subnet %d are what %s grew by', (netuid, item) => {
    const v = vector('v10_owner_autostake')
    const [pre, post] = [chainState(codec, v.pre), chainState(codec, v.post)]
    const grown = post.int(`AlphaAssets.${item}`, netuid) - pre.int(`AlphaAssets.${item}`, netuid)
    const recycled = item === 'AlphaRecycled' ? accumulated(pre, post, netuid, pre.netuids()).rootRecycledRao : 0n
    expect(byRole(readEpoch(codec, recordOf(v, netuid)), 'burned')).toBe(grown - recycled)
    expect(grown).toBeGreaterThan(0n)
  })
})
