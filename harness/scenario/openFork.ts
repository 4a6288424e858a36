import type { Engine } from '../engine/engine.js'
import { slotsMissing, subnetNeverDue } from '../errors/replay.js'
import { runtimeNotOnChain } from '../errors/run.js'
import { openBuiltInFork, type OpenedFork } from '../fork/builtInFork.js'
import { type ChainSpecFork, genesisStorage, readChainSpec, readStorageFile } from '../fork/chainSpec.js'
import type { ChainFork } from '../fork/chainFork.js'
import type { PrefetchProgress } from '../fork/rpc/nodeState.js'
import { openRpcFork } from '../fork/rpc/rpcFork.js'
import { openSnapshotFork } from '../fork/snapshot/snapshotFork.js'
import { requireReadableFork } from '../ledger/knownLayout.js'
import { neededState } from '../replay/neededState.js'
import type { ForkState, Hex } from '../fork/forkState.js'
import { readFork } from '../fork/readFork.js'
import { createStorageCodec, type StorageCodec } from '../fork/storageCodec.js'
import { CODE_KEY, madeUpHash } from '../fork/storageParts.js'
import { encodeHeader, headerHash } from '../replay/header.js'
import type { ReplayPlan } from '../replay/replayEpochs.js'
import { type Slots, slotsOf } from '../replay/slots.js'
import type { PrebuiltName } from '../runtime/prebuilt.js'
import { expandRuntime } from '../runtime/runtimeBlob.js'
import { type SpecVersion, specVersionOf } from '../runtime/specVersion.js'
import { underOwnRules } from './ownRules.js'
import { readRuntime } from './readRuntime.js'
import type { LoadedScenario, RpcForkSpec, SnapshotForkSpec } from './scenario.js'

/** Where a run starts: the state, the runtime of the baseline with what it says of itself, and what its blocks are made of. */
export interface RunFork extends OpenedFork, Pick<ReplayPlan, 'slots' | 'completesBlocks'> {
  /** Uncompressed. */
  readonly wasm: Uint8Array
  readonly codec: StorageCodec
  /** What the runtime says of itself. */
  readonly version: SpecVersion
  /** The chain, when the fork is one of a chain; it is open until it is closed. */
  readonly chain: ChainFork | undefined
  /** The runtime's metadata as it returns it. */
  readonly metadata: Hex
  /** What was written to the state for the runtime to run it; for the list of what was mocked. */
  readonly mocks: readonly string[]
}

export interface OpenForkOptions {
  readonly progress: {
    step(title: string): void
    /** Keys fetched of those known to be needed, and their bytes. */
    fetched?(progress: PrefetchProgress): void
  }
  readonly signal: AbortSignal
  /** Where state read from nodes is kept; nowhere when `undefined`. */
  readonly cache?: string | undefined
  /** Check what nodes say against the block's state root. */
  readonly verify?: boolean | undefined
  /** Hash of a block that is trusted: the forked one has to be an ancestor of it. */
  readonly trustedHash?: Hex | undefined
  /** Refuse a chain of whose layout no ledger is read, or without the scenario's subnets. */
  readonly readsRewards?: boolean
  /** Which build of the reference runtime; the one without consensus if left out. */
  readonly reference?: PrebuiltName
}

/** @throws E1xx, E2xx and E52x (E502 and E527 if `readsRewards`) about what the fork stands on, E105 and E316 about the runtime */
export async function openFork(engine: Engine, loaded: LoadedScenario, options: OpenForkOptions): Promise<RunFork> {
  const { fork, runtime, replay } = loaded.scenario
  if ('builtIn' in fork) {
    const makeFork = await openBuiltInFork(fork, loaded.dataFile)
    const wasm = await readRuntime(loaded.runtimeFile, options.reference)
    const asked = await askRuntime(engine, wasm)
    const made = makeFork(asked.codec, wasm, replay.epochs)
    // A built-in state has no clock: unless asked for, its blocks are only opened.
    const blocks = replay.inherents === 'apply' ? await blocksOf(engine, made.fork, wasm, asked.codec, 'apply') : {}
    return { ...made, wasm, ...asked, ...blocks, mocks: [], chain: undefined }
  }
  if ('rpc' in fork || 'snapshot' in fork) return openChain(engine, fork, loaded, options)
  const { storage, ...source } = await openChainSpec(engine, fork, loaded)
  const wasm =
    runtime === 'on-chain' ? onChainRuntime(storage) : await readRuntime(loaded.runtimeFile, options.reference)
  const asked = await askRuntime(engine, wasm)
  const numberKey = asked.codec.key('System', 'Number')
  const number = Number(asked.codec.decode('System', 'Number', storage.get(numberKey) ?? null))
  // A spec does not hold the header: the root of its state is not computed.
  const hash =
    number === 0
      ? headerHash(encodeHeader({ number: 0, parentHash: `0x${'00'.repeat(32)}` }))
      : madeUpHash(`chain-spec/block/${number}`)
  const state: ForkState = { source, header: { number, hash }, storage }
  const own = await underOwnRules(state, asked.codec, () => specOf(engine, storage.get(CODE_KEY)))
  const blocks = await blocksOf(engine, own.fork, wasm, asked.codec, replay.inherents)
  return { ...own, feed: { steps: [] }, wasm, ...asked, ...blocks, chain: undefined }
}

/** What the blocks of a runtime carry, and whether they are completed.
 *  @throws E526 when inherents are asked for that no slots make */
async function blocksOf(
  engine: Engine,
  fork: ForkState,
  wasm: Uint8Array,
  codec: StorageCodec,
  inherents: 'apply' | 'omit' | undefined,
): Promise<{ slots: Slots | undefined; completesBlocks: boolean }> {
  const arm = await engine.openArm({ name: 'slots', wasm, storage: new Map() })
  try {
    const slots = await slotsOf(
      codec,
      (fn) => arm.call(fn, '0x'),
      (keys) => readFork(fork, keys),
    )
    if (slots === undefined && inherents === 'apply') throw slotsMissing({})
    return { slots, completesBlocks: slots !== undefined && inherents !== 'omit' }
  } finally {
    await arm.close()
  }
}

async function openChain(
  engine: Engine,
  spec: RpcForkSpec | SnapshotForkSpec,
  { scenario, dataFile = '', runtimeFile }: LoadedScenario,
  { progress, signal, cache, verify = false, trustedHash, readsRewards = false }: OpenForkOptions,
): Promise<RunFork> {
  const chain =
    'rpc' in spec
      ? await openRpcFork(spec.rpc, spec.block, { cache, signal, verify, trustedHash })
      : await openSnapshotFork(dataFile)
  try {
    const wasm = scenario.runtime === 'on-chain' ? expandRuntime(bytes(chain.code)) : await readRuntime(runtimeFile)
    const asked = await askRuntime(engine, wasm)
    // What cannot be run or read is refused before the state is fetched.
    if (readsRewards) {
      await requireReadableFork(chain.state(), asked.codec, scenario.subnets)
      await requireSubnets(chain.state(), asked.codec, scenario.subnets)
    }
    await underOwnRules(chain.state(), asked.codec, () => specOf(engine, chain.code))
    if ('rpc' in spec) {
      progress.step(`Fetching the state of ${chain.block.chain} after block ${chain.block.header.number}`)
      await chain.prefetch({ ...neededState(asked.codec), codec: asked.codec }, (fetched) =>
        progress.fetched?.(fetched),
      )
    }
    const own = await underOwnRules(chain.state(), asked.codec, () => specOf(engine, chain.code))
    const blocks = await blocksOf(engine, own.fork, wasm, asked.codec, scenario.replay.inherents)
    return { ...own, feed: { steps: [] }, wasm, ...asked, ...blocks, chain }
  } catch (error) {
    await chain.close()
    throw error
  }
}

/** @throws E502 */
async function requireSubnets(fork: ForkState, codec: StorageCodec, netuids: readonly number[]): Promise<void> {
  const keys = netuids.map((netuid) => codec.key('SubtensorModule', 'NetworksAdded', netuid))
  const added = await readFork(fork, keys)
  const missing = netuids.find((_, index) => added[index] === null)
  if (missing !== undefined) throw subnetNeverDue({ netuid: missing, reason: 'the fork has no such subnet' })
}

async function openChainSpec(
  engine: Engine,
  fork: ChainSpecFork,
  { dataFile = '', storageFile }: LoadedScenario,
): Promise<ForkState['source'] & Pick<ForkState, 'storage'>> {
  const spec = await readChainSpec(dataFile, fork.sha256)
  const written = storageFile === undefined ? undefined : await readStorageFile(storageFile)
  const { genesis } = spec
  const arm =
    genesis.kind === 'plain'
      ? await engine.openArm({ name: 'genesis', wasm: expandRuntime(bytes(genesis.code)), storage: new Map() })
      : undefined
  try {
    const built = await genesisStorage(spec, fork.preset, async (fn, args) => {
      if (arm === undefined) throw new Error('A raw spec needs no runtime.')
      return arm.call(fn, args)
    })
    const storage = new Map(built)
    for (const [key, value] of written ?? []) {
      if (value === null) storage.delete(key)
      else storage.set(key, value)
    }
    const how = genesis.kind === 'raw' ? 'raw' : "plain: the state is what the runtime's GenesisBuilder makes of it"
    return {
      kind: 'chain-spec',
      name: `${spec.name}: genesis of ${spec.file}`,
      recorded: [`Chain spec ${spec.file}, ${how}; sha256 ${spec.sha256}.`],
      assumed: [
        ...(written === undefined ? [] : [`${written.size} entries of ${fork.storage ?? ''} are written over it.`]),
        ...spec.leftOut.map((what) => `Left out: ${what}.`),
        'The hash of the block that the replay builds on is made up: a spec holds no header.',
      ],
      storage,
    }
  } finally {
    await arm?.close()
  }
}

function onChainRuntime(storage: ReadonlyMap<Hex, Hex>): Uint8Array {
  const code = storage.get(CODE_KEY)
  if (code === undefined) throw runtimeNotOnChain({})
  return expandRuntime(bytes(code))
}

/** Spec version of a runtime as `:code` holds it. */
async function specOf(engine: Engine, code: Hex | undefined): Promise<number | undefined> {
  if (code === undefined) return undefined
  const { version } = await askRuntime(engine, expandRuntime(bytes(code)))
  return version.specVersion
}

const bytes = (value: Hex): Uint8Array => Buffer.from(value.slice(2), 'hex')

/** Metadata and version, from the runtime itself on an empty state. */
async function askRuntime(engine: Engine, wasm: Uint8Array): Promise<Pick<RunFork, 'codec' | 'version' | 'metadata'>> {
  const arm = await engine.openArm({ name: 'metadata', wasm, storage: new Map() })
  try {
    const metadata = await arm.call('Metadata_metadata', '0x')
    const version = await arm.call('Core_version', '0x')
    const codec = createStorageCodec(metadata.result)
    return { codec, metadata: metadata.result, version: specVersionOf(version.result) }
  } finally {
    await arm.close()
  }
}
