import { describe, expect, it } from '@jest/globals'
import { createHash } from 'node:crypto'
import type { CallResult, EngineArm, StorageDiff } from '../engine/engine.js'
import { defineError } from '../errors/epochdiffError.js'
import { outsideSnapshot } from '../errors/chain.js'
import type { Feed, FeedWrite } from '../fork/feed.js'
import type { Hex } from '../fork/forkState.js'
import type { StorageCodec } from '../fork/storageCodec.js'
import type { EpochRecord } from './epochRecord.js'
import { describeJump, replayEpochs, type ReplayPlan } from './replayEpochs.js'

const SM = 'SubtensorModule'

/** Bytes of the items of a chain small enough to be written here; all keys are netuids. */
const BYTES: Readonly<Record<string, number>> = {
  'SubtensorModule.NetworksAdded': 1,
  'SubtensorModule.Tempo': 2,
  'SubtensorModule.LastEpochBlock': 8,
  'SubtensorModule.PendingEpochAt': 8,
  'SubtensorModule.BlocksSinceLastStep': 8,
  'SubtensorModule.PendingServerEmission': 8,
  'SubtensorModule.SubnetAlphaOut': 8,
  'SubtensorModule.SubnetAlphaOutEmission': 8,
  'SubtensorModule.SubnetProtocolFlow': 8,
  'SubtensorModule.SubnetMovingPrice': 16,
  'SubtensorModule.TotalHotkeyAlpha': 8,
  'SubtensorModule.LoadedEmission': 8,
  'SubtensorModule.EmissionValues': 8,
  'SubtensorModule.TotalHotkeyStake': 8,
  'System.Number': 4,
  'System.ParentHash': 32,
  'System.Events': 8,
}

const littleEndian = (value: bigint, bytes: number): string => {
  const hex = BigInt.asUintN(8 * bytes, value).toString(16)
  return Buffer.from(hex.padStart(2 * bytes, '0'), 'hex')
    .reverse()
    .toString('hex')
}
const integer = (raw: Hex | null): bigint =>
  raw === null ? 0n : BigInt(`0x${Buffer.from(raw.slice(2), 'hex').reverse().toString('hex')}`)
const prefix = (pallet: string, item: string): Hex =>
  `0x${createHash('sha256').update(`${pallet}.${item}`).digest('hex')}`

const codec: StorageCodec = {
  has: (pallet, item) => `${pallet}.${item}` in BYTES,
  prefix,
  key: (pallet, item, ...args) =>
    `${prefix(pallet, item)}${args.map((arg) => littleEndian(BigInt(arg as number), 2)).join('')}`,
  encode: (pallet, item, value) =>
    `0x${littleEndian(BigInt(value as number | bigint), BYTES[`${pallet}.${item}`] ?? 0)}`,
  decode: (_pallet, _item, value) => integer(value),
  decodeKey: (_pallet, _item, key) => [Number(integer(`0x${key.slice(66)}`))],
  constant: () => null,
  items: () => Object.keys(BYTES),
  keyCount: () => 1,
  keyTypes: () => ['U16'],
  itemOf: () => undefined,
}
const key = (item: string, netuid: number) => codec.key(SM, item, netuid)
/** Before dynamic TAO. */
const olderCodec: StorageCodec = { ...codec, has: (...path) => path[1] !== 'TotalHotkeyAlpha' && codec.has(...path) }

const runtimePanicked = defineError('E401', {
  title: 'panic',
  exitCode: 1,
  short: () => 'The runtime panicked.',
  fix: 'none',
})

/** A chain whose blocks add 7 to what waits for the epoch and take 3 from a signed counter, and whose epochs move it to the
 *  stake of the subnet. */
interface Chain extends EngineArm {
  readonly storage: Map<Hex, Hex>
  readonly executed: number[]
}

interface Quirks {
  /** Blocks that skip every epoch, as with a duplicate hotkey. */
  readonly skips?: boolean
  readonly defers?: boolean
  readonly ignores?: boolean
  readonly panicsAt?: number
  /** Whether what stops it there is the state's source instead. */
  readonly unread?: boolean
  /** Emission of each block from this one on is halved. */
  readonly halvesAt?: number
  /** An epoch only loads what the next block pays. */
  readonly paysLater?: boolean
}

function fakeChain(subnets: Readonly<Record<number, number>>, quirks: Quirks = {}): Chain {
  const storage = new Map<Hex, Hex>()
  const executed: number[] = []
  const put = (to: Map<Hex, Hex>, item: string, netuid: number, value: bigint) =>
    to.set(key(item, netuid), codec.encode(SM, item, value))
  for (const [netuid, tempo] of Object.entries(subnets)) {
    put(storage, 'NetworksAdded', Number(netuid), 1n)
    put(storage, 'Tempo', Number(netuid), BigInt(tempo))
    put(storage, 'LastEpochBlock', Number(netuid), 1000n)
  }

  const run = (header: Hex): Map<Hex, Hex> => {
    const after = new Map(storage)
    const block = integer(`0x${header.slice(66, 74)}`) >> 2n
    executed.push(Number(block))
    after.set(codec.key('System', 'Number'), codec.encode('System', 'Number', block))
    after.set(codec.key('System', 'ParentHash'), `0x${header.slice(2, 66)}`)
    for (const netuid of Object.keys(subnets).map(Number)) {
      const read = (item: string) => integer(after.get(key(item, netuid)) ?? null)
      const emission = quirks.halvesAt !== undefined && block >= quirks.halvesAt ? 4n : 7n
      put(after, 'SubnetAlphaOutEmission', netuid, emission)
      put(after, 'SubnetAlphaOut', netuid, read('SubnetAlphaOut') + emission)
      put(after, 'PendingServerEmission', netuid, read('PendingServerEmission') + emission)
      put(after, 'SubnetProtocolFlow', netuid, read('SubnetProtocolFlow') - 3n)
      put(after, 'SubnetMovingPrice', netuid, read('SubnetMovingPrice') / 2n + block)
      put(after, 'BlocksSinceLastStep', netuid, read('BlocksSinceLastStep') + 1n)
      if (quirks.paysLater === true) {
        put(after, 'EmissionValues', netuid, emission)
        put(after, 'TotalHotkeyStake', netuid, read('TotalHotkeyStake') + read('LoadedEmission'))
        put(after, 'LoadedEmission', netuid, 0n)
      }
      const due =
        read('Tempo') !== 0n &&
        (block - read('LastEpochBlock') >= read('Tempo') ||
          (read('PendingEpochAt') > 0n && block >= read('PendingEpochAt')))
      if (!due || quirks.ignores === true) continue
      if (quirks.defers === true) {
        put(after, 'PendingEpochAt', netuid, block + 1n)
        continue
      }
      put(after, 'LastEpochBlock', netuid, block)
      put(after, 'PendingEpochAt', netuid, 0n)
      if (quirks.skips === true) continue
      put(after, 'BlocksSinceLastStep', netuid, 0n)
      if (quirks.paysLater === true) put(after, 'LoadedEmission', netuid, read('PendingServerEmission'))
      else put(after, 'TotalHotkeyAlpha', netuid, read('TotalHotkeyAlpha') + read('PendingServerEmission'))
      put(after, 'PendingServerEmission', netuid, 0n)
      after.set(codec.key('System', 'Events'), codec.encode('System', 'Events', block))
    }
    return after
  }

  const assign = (diff: StorageDiff) => {
    for (const [entry, value] of diff) {
      if (value === null) storage.delete(entry)
      else storage.set(entry, value)
    }
  }
  return {
    storage,
    executed,
    call(fn, header, { commit = false } = {}): Promise<CallResult> {
      expect(fn).toBe('Core_initialize_block')
      if (Number(integer(`0x${header.slice(66, 74)}`) >> 2n) === quirks.panicsAt)
        return Promise.reject(
          quirks.unread === true ? outsideSnapshot({ file: 'a.snapshot', key: '0x01' }) : runtimePanicked({}),
        )
      const storageDiff: StorageDiff = [...run(header)].filter(([entry, value]) => storage.get(entry) !== value)
      if (commit) assign(storageDiff)
      return Promise.resolve({ result: '0x', storageDiff, logs: [], mockedHostFunctions: [] })
    },
    write: (diff) => Promise.resolve(assign(diff)),
    read: (keys) => Promise.resolve(keys.map((entry) => storage.get(entry) ?? null)),
    entries: (from) => Promise.resolve([...storage].filter(([entry]) => entry.startsWith(from)).sort()),
    close: () => Promise.resolve(),
  }
}

const plan = (more: Partial<ReplayPlan> = {}): ReplayPlan => ({
  codec,
  head: { number: 100_000, hash: `0x${'11'.repeat(32)}` },
  netuids: [31],
  epochs: 3,
  mode: 'blocks',
  feed: { steps: [] },
  ...more,
})

/** The block numbers of the tests take four compact bytes in a header; the chain starts where an epoch is just over. */
const chainAt = (head: number, subnets: Readonly<Record<number, number>>, quirks?: Quirks): Chain => {
  const chain = fakeChain(subnets, quirks)
  for (const netuid of Object.keys(subnets).map(Number)) {
    chain.storage.set(key('LastEpochBlock', netuid), codec.encode(SM, 'LastEpochBlock', head))
  }
  return chain
}
const HEAD = 100_000

async function all(records: AsyncGenerator<EpochRecord>): Promise<EpochRecord[]> {
  const out: EpochRecord[] = []
  for await (const record of records) out.push(record)
  return out
}
const paid = ({ pre, post, netuid }: EpochRecord) =>
  integer(post.get(key('TotalHotkeyAlpha', netuid)) ?? null) - integer(pre.get(key('TotalHotkeyAlpha', netuid)) ?? null)

describe('epochs', () => {
  it('are found where they are due and recorded with the states around their block', async () => {
    const chain = chainAt(HEAD, { 31: 10 })
    const records = await all(replayEpochs(chain, plan()))
    expect(records.map(({ epoch, netuid, block }) => [epoch, netuid, block])).toEqual([
      [0, 31, HEAD + 10],
      [1, 31, HEAD + 20],
      [2, 31, HEAD + 30],
    ])
    expect(records.map(paid)).toEqual([70n, 70n, 70n])
    expect(records.map(({ events }) => integer(events))).toEqual([100_010n, 100_020n, 100_030n])
    expect(records.flatMap(({ jumps }) => jumps)).toEqual([])
    expect(chain.executed).toHaveLength(30)
  })

  it('of several subnets come in the order of their blocks, each as often as asked', async () => {
    const records = await all(replayEpochs(chainAt(HEAD, { 1: 4, 2: 6 }), plan({ netuids: [1, 2], epochs: 2 })))
    expect(records.map(({ netuid, block, epoch }) => [netuid, block - HEAD, epoch])).toEqual([
      [1, 4, 0],
      [2, 6, 0],
      [1, 8, 1],
      [2, 12, 1],
    ])
  })

  it('start at once when one is overdue or triggered', async () => {
    const chain = fakeChain({ 31: 360 })
    expect((await all(replayEpochs(chain, plan({ epochs: 1 }))))[0]?.block).toBe(HEAD + 1)
    const triggered = chainAt(HEAD, { 31: 360 })
    triggered.storage.set(key('PendingEpochAt', 31), codec.encode(SM, 'PendingEpochAt', HEAD + 5))
    expect((await all(replayEpochs(triggered, plan({ epochs: 1 }))))[0]?.block).toBe(HEAD + 5)
  })
})

it.each(['blocks', 'jump'] as const)(
  '%s: what acts after the first block does so once, and is not seen by an epoch in it',
  async (mode) => {
    const chain = fakeChain({ 31: 10 })
    const opened: number[] = []
    const afterFirst = async (arm: EngineArm): Promise<StorageDiff> => {
      opened.push(chain.executed.length)
      const entry = key('PendingServerEmission', 31)
      const [now = null] = await arm.read([entry])
      const diff = [[entry, codec.encode(SM, 'PendingServerEmission', integer(now) + 1000n)]] as const
      await arm.write(diff)
      return diff
    }
    const records = await all(replayEpochs(chain, plan({ epochs: 2, mode, creditFrom: HEAD + 2, afterFirst })))
    expect(records.map(({ block }) => block)).toEqual([HEAD + 1, HEAD + 11])
    expect(records.map(paid)).toEqual([7n, 1070n])
    expect(opened).toEqual([1])
  },
)

it('blocks name the one before by the header that it was opened with, whatever an engine makes of its root', async () => {
  const slots = { consensus: 'aura', durationMs: 1000n, headSlot: 7n, babe: undefined } as const
  const parents = async (closed: Hex) => {
    const chain = fakeChain({ 31: 2 })
    const answers: Readonly<Record<string, Hex>> = {
      BlockBuilder_inherent_extrinsics: '0x00',
      BlockBuilder_finalize_block: closed,
    }
    const call: EngineArm['call'] = (fn, args, options) => {
      const result = answers[fn]
      if (result === undefined) return chain.call(fn, args, options)
      return Promise.resolve({ result, storageDiff: [], logs: [], mockedHostFunctions: [] })
    }
    const records = replayEpochs({ ...chain, call }, plan({ slots, completesBlocks: true }))
    return (await all(records)).map(({ storageDiff }) =>
      storageDiff.find(([entry]) => entry === codec.key('System', 'ParentHash')),
    )
  }
  expect(await parents('0x01')).toHaveLength(3)
  expect(await parents('0x01')).toEqual(await parents('0x02'))
})

describe('a jump', () => {
  const REPLAYED = [
    'PendingServerEmission',
    'SubnetAlphaOut',
    'SubnetProtocolFlow',
    'BlocksSinceLastStep',
    'TotalHotkeyAlpha',
  ]

  it('leaves the same counters and pays the same as every block', async () => {
    const blocks = chainAt(HEAD, { 31: 10, 32: 17 })
    const jump = chainAt(HEAD, { 31: 10, 32: 17 })
    const every = await all(replayEpochs(blocks, plan({ netuids: [31, 32] })))
    const some = await all(replayEpochs(jump, plan({ netuids: [31, 32], mode: 'jump' })))
    expect(some.map(paid)).toEqual(every.map(paid))
    for (const [index, record] of some.entries()) {
      for (const item of REPLAYED) {
        for (const netuid of [31, 32]) {
          const at = (state: ReadonlyMap<Hex, Hex> | undefined) => state?.get(key(item, netuid))
          expect([item, at(record.pre)]).toEqual([item, at(every[index]?.pre)])
          expect([item, at(record.post)]).toEqual([item, at(every[index]?.post)])
        }
      }
    }
    const flow = BigInt.asIntN(64, integer(jump.storage.get(key('SubnetProtocolFlow', 31)) ?? null))
    expect(flow).toBe(-3n * 51n)
    expect(jump.executed.length).toBeLessThan(blocks.executed.length / 3)
  })

  it('keeps the chain of parent hashes and the block number', async () => {
    const blocks = chainAt(HEAD, { 31: 10 })
    const jump = chainAt(HEAD, { 31: 10 })
    await all(replayEpochs(blocks, plan()))
    await all(replayEpochs(jump, plan({ mode: 'jump' })))
    for (const item of ['ParentHash', 'Number']) {
      expect(jump.storage.get(codec.key('System', item))).toBe(blocks.storage.get(codec.key('System', item)))
    }
  })

  it('says what it credited and what it left out', async () => {
    const [first] = await all(replayEpochs(chainAt(HEAD, { 31: 10 }), plan({ mode: 'jump', epochs: 1 })))
    expect(first?.jumps).toEqual([
      {
        skipped: 8,
        credited: expect.arrayContaining([`${SM}.PendingServerEmission`, `${SM}.SubnetAlphaOut`]),
        notReplayed: [`${SM}.SubnetMovingPrice`],
      },
    ])
    expect(describeJump(first?.jumps[0] ?? { skipped: 0, credited: [], notReplayed: [] })).toMatch(
      /^8 of 10 blocks up to an epoch's were credited .*PendingServerEmission.*; not replayed in them: .*SubnetMovingPrice\..*approximate\.$/,
    )
  })

  it('is exact when nothing moves its increments', () => {
    expect(describeJump({ skipped: 358, credited: ['A.B'], notReplayed: [`${SM}.AlphaV2MapLastKey`] })).not.toMatch(
      /approximate/,
    )
  })

  it('skips nothing when epochs are two blocks apart', async () => {
    const chain = chainAt(HEAD, { 31: 2 })
    await all(replayEpochs(chain, plan({ mode: 'jump' })))
    expect(chain.executed).toHaveLength(6)
  })

  it('refuses to cross a change of the emission', async () => {
    const jump = replayEpochs(chainAt(HEAD, { 31: 10 }, { halvesAt: HEAD + 6 }), plan({ mode: 'jump' }))
    await expect(all(jump)).rejects.toThrow(/E505.*subnet 31/)
    const blocks = await all(replayEpochs(chainAt(HEAD, { 31: 10 }, { halvesAt: HEAD + 6 }), plan({ epochs: 1 })))
    expect(blocks.map(paid)).toEqual([55n])
  })
})

describe('before dynamic TAO', () => {
  const stake = (entries: EpochRecord['post'] | undefined, netuid: number) =>
    integer(entries?.get(key('TotalHotkeyStake', netuid)) ?? null)

  it.each(['blocks', 'jump'] as const)('%s: an epoch is followed to the block that pays it', async (mode) => {
    // Epochs of one subnet are paid in a block of the other's, and the last one in a block of its own.
    const chain = chainAt(HEAD, { 1: 10, 2: 11 }, { paysLater: true, halvesAt: HEAD + 11 })
    const records = await all(replayEpochs(chain, plan({ codec: olderCodec, netuids: [1, 2], epochs: 1, mode })))
    expect(records.map(({ netuid, block }) => [netuid, block - HEAD])).toEqual([
      [1, 10],
      [2, 11],
    ])
    expect(records.map(({ post, settled, netuid }) => stake(settled, netuid) - stake(post, netuid))).toEqual([70n, 74n])
    expect(records.map(({ emissions }) => [...(emissions ?? [])])).toEqual([
      [[7n, 10]],
      [
        [7n, 10],
        [4n, 1],
      ],
    ])
    expect(chain.executed.at(-1)).toBe(HEAD + 12)
    expect(records[0]?.jumps).toHaveLength(mode === 'jump' ? 1 : 0)
  })

  it("root's own epochs are executed in a jump", async () => {
    const chain = chainAt(HEAD, { 0: 5, 1: 10 }, { paysLater: true })
    await all(replayEpochs(chain, plan({ codec: olderCodec, netuids: [1], epochs: 1, mode: 'jump' })))
    expect(chain.executed.map((block) => block - HEAD)).toContain(5)
  })
})

describe('a feed', () => {
  const put = (item: string, value: number): FeedWrite => {
    return { kind: 'put', key: key(item, 31), value: codec.encode(SM, item, value) }
  }
  const feed = (...blocks: number[]): Feed => ({
    steps: blocks.map((block, index) => {
      return { block, writes: [put('PendingServerEmission', 1000 * (index + 1))], weightRows: 0, registrations: [] }
    }),
  })

  it.each(['blocks', 'jump'] as const)('is written right before its block (%s)', async (mode) => {
    const chain = chainAt(HEAD, { 31: 10 })
    const records = await all(replayEpochs(chain, plan({ mode, feed: feed(HEAD + 10, HEAD + 20) })))
    expect(records.map(paid)).toEqual([1007n, 2007n, 70n])
    expect(records.map(({ pre }) => integer(pre.get(key('PendingServerEmission', 31)) ?? null))).toEqual([
      1000n,
      2000n,
      63n,
    ])
  })

  it('that is behind the replay or out of order is refused', async () => {
    const chain = chainAt(HEAD, { 31: 10 })
    await expect(all(replayEpochs(chain, plan({ feed: feed(HEAD) })))).rejects.toThrow(/E504.*100000/)
    await expect(all(replayEpochs(chain, plan({ feed: feed(HEAD + 9, HEAD + 9) })))).rejects.toThrow(/E504/)
    expect(chain.executed).toEqual([])
  })
})

describe('a replay stops with a reason', () => {
  it.each([
    ['skipped', { skips: true }, /E501.*100010.*same hotkey/],
    ['deferred', { defers: true }, /E501.*deferred/],
    ['not due for the runtime', { ignores: true }, /E501.*did not find it due/],
    ['without a state', { panicsAt: HEAD + 7, unread: true }, /^E231: Snapshot a.snapshot/],
    ['after a panic', { panicsAt: HEAD + 7 }, /E503.*block 100007 \(epoch 0\): The runtime panicked/],
  ])('when an epoch is %s', async (_, quirks, message) => {
    await expect(all(replayEpochs(chainAt(HEAD, { 31: 10 }, quirks), plan()))).rejects.toThrow(message)
  })

  it('when a subnet never has an epoch', async () => {
    await expect(all(replayEpochs(chainAt(HEAD, { 31: 0 }), plan()))).rejects.toThrow(/E502.*tempo is 0/)
    await expect(all(replayEpochs(chainAt(HEAD, { 3: 10 }), plan()))).rejects.toThrow(/E502.*no such subnet/)
  })

  it('when it is cancelled, between two blocks', async () => {
    const controller = new AbortController()
    const chain = chainAt(HEAD, { 31: 10 })
    const stop = ({ block }: { block: number }) => {
      if (block === HEAD + 4) controller.abort(new Error('enough'))
    }
    await expect(all(replayEpochs(chain, plan(), stop, controller.signal))).rejects.toThrow('enough')
    expect(chain.executed.at(-1)).toBe(HEAD + 4)
  })
})

it('reports progress by epochs and blocks', async () => {
  const seen: string[] = []
  const note = ({ epochs, block }: { epochs: number; block: number }) => seen.push(`${epochs} ${block - HEAD}`)
  await all(replayEpochs(chainAt(HEAD, { 31: 3 }), plan({ epochs: 2 }), note))
  expect(seen).toEqual(['0 1', '0 2', '0 3', '1 4', '1 5', '1 6'])
})
