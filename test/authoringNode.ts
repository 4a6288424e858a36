import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import type { Engine, EngineArm } from '../harness/engine/engine.js'
import { openStateTrie } from '../harness/engine/native/stateTrie.js'
import { type BlockHeader, blockHash } from '../harness/fork/blockHeader.js'
import type { Hex } from '../harness/fork/forkState.js'
import { ScaleReader } from '../harness/fork/scaleType.js'
import { lowerBound } from '../harness/fork/sortedKeys.js'
import { CODE_KEY } from '../harness/fork/storageParts.js'
import type { Network } from '../harness/rehearsal/network.js'
import type { ChainBlock } from '../harness/rehearsal/nodeRpc.js'
import { encodeHeader } from '../harness/replay/header.js'
import { slotDigest, slotInherents, type Slots } from '../harness/replay/slots.js'
import { expandRuntime } from '../harness/runtime/runtimeBlob.js'
import { specVersionOf } from '../harness/runtime/specVersion.js'

/** Stands for a network of nodes: one chain, authored by the native engine without signatures, served to all of them. */
export interface AuthoringNetwork extends Network {
  /** The nodes that are asked to be started and killed, in order. */
  readonly asked: string[]
}

interface Stored {
  readonly block: ChainBlock
  readonly state: ReadonlyMap<Hex, Hex>
  readonly specVersion: number
}

const FINALITY_LAG = 2
const blockMs = 60
const pauseMs = 30

/** @param tamper what the node claims of its state at a block instead of what is so */
export async function openAuthoringNetwork(
  engine: Engine,
  genesis: ReadonlyMap<Hex, Hex>,
  {
    names,
    slotMs,
    tamper,
  }: { names: readonly string[]; slotMs: number; tamper?: (header: BlockHeader) => BlockHeader },
): Promise<AuthoringNetwork> {
  const trie = openStateTrie(genesis)
  const start = async (): Promise<{ arm: EngineArm; specVersion: number }> => {
    const wasm = expandRuntime(Buffer.from((trie.entries.get(CODE_KEY) ?? '0x').slice(2), 'hex'))
    const arm = await engine.openArm({ name: 'author', wasm, storage: new Map(trie.entries) })
    return { arm, specVersion: specVersionOf((await arm.call('Core_version', '0x')).result).specVersion }
  }
  let runtime = await start()
  const zero: Hex = `0x${'00'.repeat(32)}`
  const first: BlockHeader = {
    parentHash: zero,
    number: 0,
    stateRoot: trie.root(1),
    extrinsicsRoot: '0x03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314',
    digest: [],
  }
  const stored = (header: BlockHeader, extrinsics: readonly Hex[]): Stored => ({
    block: { hash: blockHash(header), header, extrinsics },
    state: new Map(trie.entries),
    specVersion: runtime.specVersion,
  })
  const chain: Stored[] = [stored(first, [])]
  const pool: Hex[] = []
  const slots: Slots = {
    consensus: 'aura',
    durationMs: BigInt(slotMs),
    headSlot: BigInt(Math.floor(Date.now() / slotMs)),
    babe: undefined,
  }

  const author = async (): Promise<void> => {
    const { arm } = runtime
    const parent = (chain.at(-1) as Stored).block
    const number = parent.header.number + 1
    const slot = slots.headSlot + BigInt(number)
    const changes = new Map<Hex, Hex | null>()
    const call = async (fn: string, args: Hex): Promise<Hex> => {
      const { result, storageDiff } = await arm.call(fn, args, { commit: true })
      for (const [key, value] of storageDiff) changes.set(key, value)
      return result
    }
    const opening = slotDigest(slots, slot)
    await call('Core_initialize_block', encodeHeader({ number, parentHash: parent.hash, digest: opening }))
    const extrinsics = extrinsicsIn(await call('BlockBuilder_inherent_extrinsics', slotInherents(slots, slot)))
    extrinsics.push(...pool.splice(0))
    for (const extrinsic of extrinsics) await call('BlockBuilder_apply_extrinsic', extrinsic)
    const closed = await call('BlockBuilder_finalize_block', '0x')
    trie.apply([...changes])
    const { extrinsicsRoot, digest } = readHeader(closed)
    const honest = { parentHash: parent.hash, number, stateRoot: trie.root(1), extrinsicsRoot, digest }
    if (changes.has(CODE_KEY)) {
      await arm.close()
      runtime = await start()
    }
    chain.push(stored(tamper?.(honest) ?? honest, extrinsics))
  }

  const running = new Set<string>()
  const asked: string[] = []
  let closed = false
  let failed: string | undefined
  const authoring = (async () => {
    while (!closed) {
      const startedAt = performance.now()
      try {
        if (failed === undefined && running.size > 0) await author()
      } catch (error) {
        failed = (error as Error).message
      }
      await new Promise((resolve) => setTimeout(resolve, Math.max(pauseMs, blockMs - (performance.now() - startedAt))))
    }
  })()

  const best = () => chain.at(-1) as Stored
  const at = (hash: unknown): Stored => {
    const found = hash === undefined ? best() : chain.find(({ block }) => block.hash === hash)
    if (found === undefined) throw new Error('UnknownBlock')
    return found
  }
  const shown = ({ number, digest, ...header }: BlockHeader) => {
    return { ...header, number: `0x${number.toString(16)}`, digest: { logs: digest } }
  }
  const methods: Readonly<Record<string, (params: readonly unknown[]) => unknown>> = {
    chain_getHeader: ([hash]) => shown(at(hash).block.header),
    chain_getFinalizedHead: () => chain[Math.max(0, chain.length - 1 - FINALITY_LAG)]?.block.hash,
    chain_getBlockHash: ([number]) => chain[number as number]?.block.hash ?? null,
    chain_getBlock: ([hash]) => {
      const { header, extrinsics } = at(hash).block
      return { block: { header: shown(header), extrinsics }, justifications: null }
    },
    state_getRuntimeVersion: () => ({ specVersion: best().specVersion }),
    system_health: () => ({ peers: names.length - 1, isSyncing: false, shouldHavePeers: true }),
    state_getStorage: ([key, hash]) => at(hash).state.get(key as Hex) ?? null,
    state_queryStorageAt: ([keys, hash]) => [
      { block: hash, changes: (keys as Hex[]).map((key) => [key, at(hash).state.get(key) ?? null]) },
    ],
    state_getKeysPaged: ([prefix, count, after, hash]) => {
      const sorted = [...at(hash).state.keys()].filter((key) => key.startsWith(prefix as string)).sort()
      const from = after === null || after === undefined ? 0 : lowerBound(sorted, `${after as string}0`)
      return sorted.slice(from, from + (count as number))
    },
    author_submitExtrinsic: ([extrinsic]) => {
      pool.push(extrinsic as Hex)
      return zero
    },
  }
  const answer = ({ id, method, params }: { id: number; method: string; params: unknown[] }) => {
    try {
      return { jsonrpc: '2.0', id, result: methods[method]?.(params) }
    } catch (error) {
      return { jsonrpc: '2.0', id, error: { code: -32_000, message: (error as Error).message } }
    }
  }
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', maxPayload: 2 ** 28 })
  server.on('connection', (socket) => {
    socket.on('error', () => undefined)
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString('utf8')) as Parameters<typeof answer>[0] | Parameters<typeof answer>[0][]
      socket.send(JSON.stringify(Array.isArray(message) ? message.map(answer) : answer(message)))
    })
  })
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  return {
    asked,
    nodes: names.map((name) => ({ name, rpc: `ws://127.0.0.1:${port}` })),
    start: async (name) => {
      running.add(name)
      asked.push(`start ${name}`)
    },
    kill: async (name) => {
      running.delete(name)
      asked.push(`kill ${name}`)
    },
    failure: () => undefined,
    logs: async () => new Map(names.map((name) => [name, failed ?? 'all is well'])),
    async close() {
      closed = true
      await authoring
      for (const client of server.clients) client.terminate()
      await new Promise((resolve) => server.close(resolve))
      asked.push('close')
    },
  }
}

function extrinsicsIn(result: Hex): Hex[] {
  const reader = new ScaleReader(Buffer.from(result.slice(2), 'hex'))
  return Array.from({ length: reader.length() }, () => {
    const from = reader.offset
    reader.take(reader.length())
    return `0x${Buffer.from(reader.bytes.subarray(from, reader.offset)).toString('hex')}` as Hex
  })
}

/** Extrinsics root and digest items of a header; the items are Aura's slot and what a runtime adds without data. */
function readHeader(header: Hex): Pick<BlockHeader, 'extrinsicsRoot' | 'digest'> {
  const reader = new ScaleReader(Buffer.from(header.slice(2), 'hex'))
  const hex = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString('hex')}`
  reader.take(32)
  reader.compact()
  reader.take(32)
  const extrinsicsRoot = hex(reader.take(32))
  const digest = Array.from({ length: reader.length() }, () => {
    const from = reader.offset
    const runtimeUpdated = 8
    if (reader.u8() !== runtimeUpdated) {
      reader.take(4)
      reader.take(reader.length())
    }
    return hex(reader.bytes.subarray(from, reader.offset))
  })
  return { extrinsicsRoot, digest }
}
