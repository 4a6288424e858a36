import { afterEach, describe, expect, it } from '@jest/globals'
import { failure } from '../../../test/failure.js'
import { type FakeChain, type FakeNode, type Fault, openFakeNode } from '../../../test/fakeNode.js'
import { smallChain } from '../../../test/smallChain.js'
import { neededState } from '../../replay/neededState.js'
import { type BlockHeader, blockHash } from '../blockHeader.js'
import type { Hex } from '../forkState.js'
import { openRpcFork, type RpcForkOptions } from './rpcFork.js'

const options: RpcForkOptions = { cache: undefined, verify: true, attempts: 2, backOffMs: 20 }
const { chain, codec } = await smallChain(1)
const older = (await smallChain(0)).chain
const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close()
})

async function serve(served: FakeChain, fault: FakeNode['fault'] = () => undefined): Promise<FakeNode> {
  const node = await openFakeNode(served)
  node.fault = fault
  open.push(node)
  return node
}

async function prefetched(node: FakeNode, more: Partial<RpcForkOptions> = {}) {
  const fork = await openRpcFork([node.ws], 'finalized', { ...options, ...more })
  open.push(fork)
  await fork.prefetch({ ...neededState(codec), codec })
  return fork
}

const alter =
  (method: string, change: (result: unknown, params: readonly unknown[]) => unknown): FakeNode['fault'] =>
  (): Fault => ({ alter: (request, result) => (request.method === method ? change(result, request.params) : result) })

type Changes = { block: Hex; changes: [Hex, Hex | null][] }[]
const changeValue = (key: Hex, value: Hex | null) =>
  alter('state_queryStorageAt', (result) =>
    (result as Changes).map((set) => ({
      ...set,
      changes: set.changes.map(([each, is]) => [each, each === key ? value : is]),
    })),
  )

describe('with --verify', () => {
  it.each([
    [0, older],
    [1, chain],
  ] as const)(
    'a state of version %i is proven: values, what is absent, and that nothing is left out',
    async (_, served) => {
      const node = await serve(served)
      const fork = await prefetched(node)
      expect(fork.trust()).toEqual({ kind: 'proven' })
      const { storage, remote } = fork.state()
      const keys = [...served.storage.keys()].filter((key) => key.startsWith(codec.prefix('SubtensorModule', 'Keys')))
      expect(keys.map((key) => storage.get(key))).toEqual(keys.map((key) => served.storage.get(key)))
      // And what is read on demand: a value, one that there is not, what follows.
      const account = codec.prefix('System', 'Account')
      const [some = account] = [...served.storage.keys()].filter((key) => key.startsWith(account)).sort()
      const read = await remote?.ask({ kind: 'keys', keys: [some, `${account}ff`] })
      expect(read).toMatchObject({ entries: [[some, served.storage.get(some)]], absent: [`${account}ff`] })
      expect((await remote?.ask({ kind: 'from', key: account }))?.entries[0]?.[0]).toBe(some)
    },
  )

  const kappa = codec.key('SubtensorModule', 'Kappa', 2)
  const leftOut = codec.key('SubtensorModule', 'Keys', 1, 5)
  it.each<[string, FakeNode['fault'], string]>([
    [
      'a value that is not the chain\u2019s',
      changeValue(kappa, '0x0001'),
      'the value it gives for SubtensorModule.Kappa(2)',
    ],
    [
      'a key that is left out of a list',
      alter('state_getKeysPaged', (keys) => (keys as Hex[]).filter((key) => key !== leftOut)),
      'leaves out SubtensorModule.Keys',
    ],
    [
      'a value that is said not to be',
      changeValue(codec.key('System', 'Number'), null),
      'it says that System.Number has no value',
    ],
    [
      'a key that is made up',
      () => ({
        alter: ({ method, params }, result) => {
          const madeUp = codec.key('SubtensorModule', 'Tempo', 9)
          if (method === 'state_getKeysPaged' && params[0] === codec.prefix('SubtensorModule', 'Tempo'))
            return [...(result as Hex[]), madeUp].sort()
          if (method !== 'state_queryStorageAt') return result
          return (result as Changes).map((set) => ({
            ...set,
            changes: set.changes.map(([key, is]) => [key, key === madeUp ? '0x6801' : is]),
          }))
        },
      }),
      'it gives a value for SubtensorModule.Tempo(9), which has none',
    ],
  ])('%s is detected and named: E240', async (_, fault, named) => {
    const node = await serve(chain)
    node.fault = fault
    const error = await failure(prefetched(node))
    expect([error.code, error.exitCode]).toEqual(['E240', 3])
    expect(error.short).toContain(named)
    expect(error.short).toContain(node.ws)
  })

  it('a node without proofs, or with the proof of another state, proves nothing: E241', async () => {
    const refusing = await serve(chain, (requests) =>
      requests.some(({ method }) => method === 'state_getReadProof')
        ? { error: { code: -32_601, message: 'Method not found' } }
        : undefined,
    )
    expect((await failure(prefetched(refusing))).code).toBe('E241')
    const cut = await serve(
      chain,
      alter('state_getReadProof', () => ({ at: blockHash(chain.header), proof: [] })),
    )
    expect((await failure(prefetched(cut))).code).toBe('E241')
  })

  it('a lie goes unnoticed without it: that is what "trusted" says', async () => {
    const node = await serve(chain, changeValue(kappa, '0x0001'))
    const fork = await prefetched(node, { verify: false })
    expect(fork.state().storage.get(kappa)).toBe('0x0001')
    expect(fork.trust().kind).toBe('trusted')
  })
})

describe('the chain of headers', () => {
  const from = chain.header.number
  const later: BlockHeader[] = []
  // More than are asked for at once.
  for (let parent = chain.header; later.length < 620; parent = later.at(-1) ?? parent)
    later.push({ ...parent, parentHash: blockHash(parent), number: parent.number + 1 })
  const hashOf = (number: number): Hex => blockHash(later[number - from - 1] ?? chain.header)
  const trusting = (trustedHash: Hex, fault?: FakeNode['fault']) =>
    serve({ ...chain, later }, fault).then((node) => prefetched(node, { verify: false, trustedHash }))

  it.each([0, 1, 2, 620])('leads to the forked block from one that is %i later', async (blocks) => {
    expect((await trusting(hashOf(from + blocks))).block.hash).toBe(blockHash(chain.header))
  })

  it.each([
    ['a header that was altered', 300],
    ['one of the second message', 50],
    ['the forked block\u2019s child', 1],
  ])('%s is detected and named: E242', async (_, blocks) => {
    const forged = alter('chain_getHeader', (header, [at]) =>
      at === hashOf(from + blocks) ? { ...(header as object), stateRoot: `0x${'66'.repeat(32)}` } : header,
    )
    const error = await failure(trusting(hashOf(from + 620), forged))
    expect([error.code, error.exitCode]).toEqual(['E242', 3])
    expect(error.short).toContain(`the header before block ${from + blocks + 1} is not the one it states`)
  })

  it('another branch, whose headers do not begin with the forked block, is refused: E242', async () => {
    const [first] = later
    const branch = [{ ...(first ?? chain.header), parentHash: hashOf(from + 7) }]
    for (let parent = branch[0] ?? chain.header; branch.length < 5; parent = branch.at(-1) ?? parent)
      branch.push({ ...parent, parentHash: blockHash(parent), number: parent.number + 1 })
    const node = await serve({ ...chain, later: branch })
    const error = await failure(prefetched(node, { trustedHash: blockHash(branch.at(-1) ?? chain.header) }))
    expect([error.code, error.short.includes(`the header before block ${from + 1} is not`)]).toEqual(['E242', true])
  })

  it('E242 from a block that is not known', async () => {
    const error = await failure(trusting(`0x${'55'.repeat(32)}`))
    expect([error.code, error.short.includes('the trusted block is not known')]).toEqual(['E242', true])
  })
})
