import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { failure } from '../../../test/failure.js'
import { type FakeChain, type FakeNode, type Fault, openFakeNode } from '../../../test/fakeNode.js'
import { smallChain } from '../../../test/smallChain.js'
import { neededState } from '../../replay/neededState.js'
import { blockHash } from '../blockHeader.js'
import type { Hex } from '../forkState.js'
import type { StorageCodec } from '../storageCodec.js'
import type { BlockChoice } from './pinBlock.js'
import { openRpcFork, type RpcFork, type RpcForkOptions } from './rpcFork.js'

const quick: RpcForkOptions = { cache: undefined, timeoutMs: 2_000, attempts: 3, backOffMs: 20 }

let chain: FakeChain
let codec: StorageCodec
let node: FakeNode
let other: FakeNode
let folder: string
const open: RpcFork[] = []

beforeAll(async () => {
  ;({ chain, codec } = await smallChain())
})
beforeEach(async () => {
  node = await openFakeNode(chain)
  other = await openFakeNode(chain)
  folder = mkdtempSync(join(tmpdir(), 'epochdiff-'))
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((fork) => fork.close()))
  await Promise.all([node.close(), other.close()])
  rmSync(folder, { recursive: true })
})

async function openFork(endpoints: string[], options = quick, choice: BlockChoice = 'finalized'): Promise<RpcFork> {
  const fork = await openRpcFork(endpoints, choice, options)
  open.push(fork)
  return fork
}

/** Everything that a replay needs, fetched, and one map more on demand. */
async function readAll(fork: RpcFork): Promise<ReadonlyMap<Hex, Hex>> {
  await fork.prefetch(neededState(codec))
  const { storage, remote } = fork.state()
  const account = codec.prefix('System', 'Account')
  const part = await remote?.ask({ kind: 'below', prefix: account })
  return new Map([...storage, ...(part?.entries ?? [])])
}

function expectWhole(read: ReadonlyMap<Hex, Hex>): void {
  const { keys, prefixes } = neededState(codec)
  const wanted = new Set<string>([...keys, '0x3a636f6465'])
  const below = [...prefixes, codec.prefix('System', 'Account')]
  const expected = [...chain.storage].filter(
    ([key]) => wanted.has(key) || below.some((prefix) => key.startsWith(prefix)),
  )
  expect(new Map([...read].sort())).toEqual(new Map(expected.sort()))
}

describe.each(['ws', 'http'] as const)('over %s', (transport) => {
  it('reads what a replay needs in few messages, and the block by its hash', async () => {
    const fork = await openFork([node[transport]])
    expect(fork.block).toMatchObject({ chain: 'Small', genesisHash: chain.genesisHash, hash: blockHash(chain.header) })
    expect(fork.code).toBe(chain.storage.get('0x3a636f6465'))
    expectWhole(await readAll(fork))
    expect(node.messages.length).toBeLessThan(25)
    expect(fork.trust()).toEqual({ kind: 'trusted', endpoints: [node[transport]] })
  })

  const once = (fault: Fault) => {
    let left = 3
    return (_: unknown, count: number): Fault | undefined => (count % 3 === 1 && left-- > 0 ? fault : undefined)
  }
  it.each<[string, Fault]>([
    ['drops connections', 'drop'],
    ['stalls', { stallMs: 5_000 }],
    ['answers 429', { status: 429 }],
    ['cuts its JSON short', 'truncate'],
    ['answers with a web page', 'malform'],
    ['says that it is busy', { error: { code: -32_005, message: 'Rate limit exceeded' } }],
    ['has an internal error', { error: { code: -32_603, message: 'Internal error' } }],
    ['answers with another shape', { alter: () => ({ a: 1 }) }],
    ['leaves out a value', { alter: ({ method }, result) => (method === 'state_queryStorageAt' ? [] : result) }],
  ])('goes on when a node now and then %s', async (_, fault) => {
    node.fault = once(fault)
    // Only who stalls is waited for in vain; a busy machine may take long, too.
    const timeoutMs = typeof fault === 'object' && 'stallMs' in fault ? 1_000 : 10_000
    expectWhole(await readAll(await openFork([node[transport]], { ...quick, attempts: 9, timeoutMs })))
  })
})

it('goes on with another endpoint when one dies, and says that it used both', async () => {
  const fork = await openFork([node.ws, other.http])
  node.fault = () => 'drop'
  expectWhole(await readAll(fork))
  expect(fork.trust()).toEqual({ kind: 'trusted', endpoints: [other.http, node.ws].sort() })
})

it('E221, exit 3, when all are dead; what was read is kept, and the next run goes on with it', async () => {
  const options = { ...quick, cache: folder }
  const fork = await openFork([node.ws, other.ws], options)
  // Both die after some values.
  const dieAfter = (messages: number) => (_: unknown, count: number) =>
    count > messages ? ('drop' as const) : undefined
  node.fault = dieAfter(8)
  other.fault = () => 'drop'
  const error = await failure(readAll(fork))
  expect([error.code, error.exitCode]).toEqual(['E221', 3])
  expect(error.short).toContain(node.ws)
  expect(error.short).toContain(other.ws)
  await fork.close()

  node.fault = () => undefined
  const before = node.messages.length
  const again = await openFork([node.ws], options)
  expect(again.state().storage.size).toBeGreaterThan(1)
  expectWhole(await readAll(again))
  await again.close()
  const resumed = node.messages.length - before
  const third = await openFork([node.ws], options)
  expectWhole(await readAll(third))
  // Nothing but the block is asked for a third time, as another chain would have another.
  expect(node.messages.slice(before + resumed).flat()).toEqual([
    'system_chain',
    'chain_getBlockHash',
    'chain_getFinalizedHead',
    'chain_getHeader',
  ])
})

it('E222 when the state was discarded, unless another endpoint is an archive', async () => {
  const discarded: Fault = { error: { code: 4003, message: 'Client error: State already discarded for 0x00' } }
  node.fault = (requests) => (requests.some(({ method }) => method.startsWith('state_')) ? discarded : undefined)
  const error = await failure(openFork([node.ws]))
  expect([error.code, error.exitCode]).toEqual(['E222', 3])
  expect(error.fix).toContain('archive')
  expectWhole(await readAll(await openFork([node.ws, other.ws])))
})

it('E223 for a block that the chain has not', async () => {
  expect((await failure(openFork([node.ws], quick, 7))).code).toBe('E223')
  expect((await failure(openFork([node.ws], quick, `0x${'77'.repeat(32)}`))).code).toBe('E223')
  expect((await openFork([node.ws], quick, chain.header.number)).block.hash).toBe(blockHash(chain.header))
})

it('E224 for an endpoint of another chain, which is not believed after a failover either', async () => {
  const stranger = await openFakeNode({ ...chain, genesisHash: `0x${'cd'.repeat(32)}` })
  try {
    const fork = await openFork([node.ws, stranger.ws])
    node.fault = () => 'drop'
    const error = await failure(readAll(fork))
    expect(error.code).toBe('E221')
    expect(error.short).toContain(`serves the chain of genesis 0x${'cd'.repeat(32)}`)
  } finally {
    await stranger.close()
  }
})

it('E226 for a header of another block, E221 for values of another', async () => {
  node.fault = () => ({
    alter: ({ method }, result) =>
      method === 'chain_getHeader' ? { ...(result as object), parentHash: `0x${'99'.repeat(32)}` } : result,
  })
  const error = await failure(openFork([node.ws]))
  expect(error.code).toBe('E226')
  expect(error.short).toContain('has the hash')
  node.fault = () => ({
    alter: ({ method }, result) =>
      method === 'state_queryStorageAt'
        ? (result as object[]).map((set) => ({ ...set, block: `0x${'99'.repeat(32)}` }))
        : result,
  })
  const fork = await openFork([node.ws])
  const misled = await failure(readAll(fork))
  expect(misled.code).toBe('E221')
  expect(misled.short).toContain('values of another block')
})

it('takes nodes that answer no batches, and answers that are too large for one message', async () => {
  node.fault = (requests) => {
    if (requests.length > 1) return 'refuseBatch'
    const [{ method, params } = { method: '', params: [] }] = requests
    const large = method === 'state_queryStorageAt' && (params[0] as unknown[]).length > 300
    return large ? { error: { code: -32_702, message: 'Response is too big' } } : undefined
  }
  expectWhole(await readAll(await openFork([node.ws])))
})

it('refuses answers beyond the bound unread', async () => {
  const error = await failure(openFork([node.http], { ...quick, maxAnswerBytes: 10_000 }))
  expect(error.code).toBe('E221')
  expect(error.short).toContain('more than 10000 bytes')
})

it('reads on demand what was not fetched, ahead along the map, and each thing once', async () => {
  const fork = await openFork([node.ws])
  const { remote } = fork.state()
  const prefix = codec.prefix('SubtensorModule', 'Keys')
  const keys = [...chain.storage.keys()].filter((key) => key.startsWith(prefix)).sort()
  const read = await Promise.all([
    remote?.ask({ kind: 'keys', keys: [keys[0] ?? '0x'] }),
    remote?.ask({ kind: 'keys', keys: [keys[0] ?? '0x'] }),
  ])
  expect(read.map((part) => part?.entries[0]?.[1])).toEqual([
    chain.storage.get(keys[0] ?? '0x'),
    chain.storage.get(keys[0] ?? '0x'),
  ])
  for (const key of keys) {
    const part = await remote?.ask({ kind: 'keys', keys: [key] })
    expect(part?.entries).toEqual([[key, chain.storage.get(key)]])
  }
  const absent: Hex = `${prefix}ffff`
  expect(await remote?.ask({ kind: 'keys', keys: [absent] })).toMatchObject({ entries: [], absent: [absent] })
  expect(node.messages.length).toBeLessThan(20)
  let last: Hex = prefix
  const walked: Hex[] = []
  for (;;) {
    const part = await remote?.ask({ kind: 'from', key: `${last}00` })
    const next = part?.entries.map(([key]) => key).filter((key) => key.startsWith(prefix)) ?? []
    if (next.length === 0) break
    walked.push(...next)
    last = next.at(-1) ?? prefix
  }
  expect(walked).toEqual(keys)
  // Who walked through a map knows all of it, also by its prefix.
  const before = node.messages.length
  expect((await remote?.ask({ kind: 'below', prefix }))?.entries.map(([key]) => key)).toEqual(keys)
  expect(node.messages).toHaveLength(before)
})

it('E227 for child tries, of which a node tells nothing here', async () => {
  const { remote } = (await openFork([node.ws])).state()
  const key: Hex = `0x${Buffer.from(':child_storage:default:x').toString('hex')}`
  expect((await failure(Promise.resolve(remote?.ask({ kind: 'keys', keys: [key] })))).code).toBe('E227')
})
