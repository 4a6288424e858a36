import type { Engine } from '../engine/engine.js'
import { blake2b256 } from '../engine/native/hashes.js'
import { openStateTrie } from '../engine/native/stateTrie.js'
import { notRehearsable, wholeStateNeeded } from '../errors/rehearsal.js'
import { blockHash } from '../fork/blockHeader.js'
import type { Hex } from '../fork/forkState.js'
import { createRuntimeCalls, type RuntimeCalls, signerOf } from '../fork/runtimeCalls.js'
import type { StorageCodec } from '../fork/storageCodec.js'
import { CODE_KEY } from '../fork/storageParts.js'
import { replayMocks } from '../replay/replayEpochs.js'
import { migratingRuntime, panickingRuntime } from '../runtime/faultyRuntime.js'
import { hooksOf, policiesOf } from '../runtime/patch.js'
import { type EpochPools, movedRao } from '../runtime/movedRao.js'
import { sha256 } from '../runtime/prebuilt.js'
import { raiseSpecVersion } from '../runtime/raiseSpecVersion.js'
import { compressRuntime } from '../runtime/runtimeBlob.js'
import { candidateArms } from '../scenario/candidateArms.js'
import { openFork, type OpenForkOptions, type RunFork } from '../scenario/openFork.js'
import { requireNoneLate } from '../scenario/requireNoneLate.js'
import type { LoadedScenario } from '../scenario/scenario.js'
import { rehearsalGenesis } from './rehearsalGenesis.js'
import { sudoCall, systemCall } from './signer.js'
import { type TrafficAccount, trafficAccounts, trafficStorage } from './traffic.js'
import type { ValidatorKeys } from './validatorKeys.js'

export type Fault = 'kill' | 'late' | 'panic' | 'overweight'

export interface RehearsalPlan {
  readonly validators: readonly ValidatorKeys[]
  readonly tempo: number
  readonly fault: Fault | undefined
  readonly upgrade: 'set-code' | 'authorize'
  /** Transfers and staking calls in every block. */
  readonly traffic: boolean
}

export interface PreparedRehearsal {
  readonly genesis: ReadonlyMap<Hex, Hex>
  readonly genesisHash: Hex
  readonly slotMs: number
  readonly codec: StorageCodec
  readonly calls: RuntimeCalls
  readonly baseline: PreparedRuntime
  readonly candidate: PreparedRuntime
  /** Calls of sudo and of anybody that make the upgrade, one after the other, each in a block of its own. */
  readonly steps: readonly UpgradeStep[]
  readonly traffic: readonly TrafficAccount[]
  readonly movedRao: (epoch: EpochPools) => bigint
  readonly mocks: readonly string[]
}

interface PreparedRuntime {
  readonly specVersion: number
  /** Of the uncompressed wasm. */
  readonly sha256: string
}

export interface UpgradeStep {
  readonly name: string
  readonly call: Uint8Array
  /** Event that says it was done. */
  readonly event: string
}

/** Turns of an empty loop for each slot that the too heavy migration takes: about a nanosecond each. */
const TURNS_PER_MS = 1_000_000n
const HEAVY_SLOTS = 3n

/** The genesis of the rehearsal and what is going to be proposed to it.
 *  @throws what opening a fork and preparing a candidate throw; E371, E803, E804, E815 */
export async function prepareRehearsal(
  engine: Engine,
  loaded: LoadedScenario,
  plan: RehearsalPlan,
  options: OpenForkOptions,
): Promise<PreparedRehearsal> {
  const { scenario } = loaded
  const hooks = hooksOf(scenario.patches)
  if (hooks.length > 0) {
    const instead = 'Rehearse the policy once it is woven as wasm; epochdiff run measures the hook.'
    throw notRehearsable({ what: `TypeScript (${hooks[0]?.file ?? ''}), which only the native engine runs,`, instead })
  }
  if ('rpc' in scenario.fork || 'snapshot' in scenario.fork) throw wholeStateNeeded({ fork: 'a node or a snapshot' })
  const opened = await openFork(engine, loaded, { ...options, reference: 'epochdiff_runtime_node' })
  try {
    return await prepare(engine, loaded, plan, opened, options.signal)
  } finally {
    await opened.chain?.close()
  }
}

async function prepare(
  engine: Engine,
  loaded: LoadedScenario,
  { validators, tempo, fault, upgrade, traffic }: RehearsalPlan,
  { fork, feed, wasm, codec, version, metadata, slots }: RunFork,
  signal: AbortSignal,
): Promise<PreparedRehearsal> {
  const { scenario } = loaded
  const accounts = traffic ? trafficAccounts() : []
  const sudo = signerOf('sudo')
  const made = rehearsalGenesis({
    fork,
    codec,
    code: await compressRuntime(wasm),
    codeMock:
      scenario.runtime === 'reference'
        ? "The reference runtime's build for nodes (Aura and Grandpa beside the same pallets) stands for it."
        : undefined,
    validators,
    sudo,
    signers: accounts.map(({ signer }) => signer),
    tempo,
  })
  const genesis = new Map([...made.storage, ...trafficStorage(codec, accounts)])
  const calls = createRuntimeCalls(metadata)

  const replay = {
    ...{ codec, head: fork.header, netuids: scenario.subnets, epochs: 1, mode: 'blocks' as const, feed, slots },
  }
  const arms = candidateArms({
    engine,
    fork,
    plan: replay,
    runtime: { wasm, codec, version },
    loaded,
    hooks: new Map(),
    signal,
  })
  const start = await arms.prepare(scenario.patches, loaded.patchPlaces)
  requireNoneLate('epochdiff rehearse', start.patched)
  const slotMs = await slotDuration(engine, wasm)
  const withFault = faulty(start.wasm, fault, start.patched.runtime.codec, slotMs)
  const from = version.specVersion
  const stated = start.patched.runtime.version.specVersion
  const specVersion = Math.max(stated, from + 1)
  const candidateWasm = specVersion === stated ? withFault : raiseSpecVersion(withFault, specVersion)
  const code: Hex = `0x${Buffer.from(await compressRuntime(candidateWasm)).toString('hex')}`

  const writes = start.patched.writes.filter(([key]) => key !== CODE_KEY)
  return {
    genesis,
    genesisHash: genesisHashOf(genesis),
    slotMs,
    codec,
    calls,
    baseline: { specVersion: from, sha256: sha256(wasm) },
    candidate: { specVersion, sha256: sha256(candidateWasm) },
    steps: [...storageSteps(calls, writes), ...codeSteps(calls, code, upgrade)],
    traffic: accounts,
    movedRao: movedRao(policiesOf(scenario.patches)),
    mocks: [
      ...made.mocks,
      ...(feed.steps.length === 0
        ? []
        : ['The recorded feed is not played: nodes have no place where it could come in.']),
      ...(specVersion === stated
        ? []
        : [
            `The candidate's spec version was raised from ${stated} to ${specVersion}, in what nodes read and in what Core_version answers; its code still takes itself for ${stated}, so signatures cover that and no migration runs.`,
          ]),
      ...start.patched.mocks.filter((mock) => !replayMocks(replay).includes(mock)),
      ...(fault === 'panic' ? ['The candidate was made to stop in every block (fault: panic).'] : []),
      ...(fault === 'overweight'
        ? [
            `The candidate was given a migration that counts ${HEAVY_SLOTS} slots long and fills its block's weight twice (fault: overweight).`,
          ]
        : []),
    ],
  }
}

function faulty(wasm: Uint8Array, fault: Fault | undefined, codec: StorageCodec, slotMs: number): Uint8Array {
  if (fault === 'panic') return panickingRuntime(wasm)
  if (fault !== 'overweight') return wasm
  const nothing = { ref_time: 0n, proof_size: 0n }
  const mandatory = { ref_time: 2n * mostRefTime(codec), proof_size: 0n }
  const bytes = (hex: Hex) => Buffer.from(hex.slice(2), 'hex')
  return migratingRuntime(wasm, {
    marker: Buffer.from(':epochdiff_migrated'),
    turns: BigInt(slotMs) * HEAVY_SLOTS * TURNS_PER_MS,
    writes: {
      key: bytes(codec.key('System', 'BlockWeight')),
      value: bytes(codec.encode('System', 'BlockWeight', { normal: nothing, operational: nothing, mandatory })),
    },
  })
}

/** The most that a block may weigh, in picoseconds of computation. */
export function mostRefTime(codec: StorageCodec): bigint {
  return (codec.constant('System', 'BlockWeights') as { max_block: { ref_time: bigint } }).max_block.ref_time
}

/** What storage and call patches write, as root would set it. */
function storageSteps(calls: RuntimeCalls, writes: readonly (readonly [Hex, Hex | null])[]): UpgradeStep[] {
  const set = writes.filter(([, value]) => value !== null)
  const removed = writes.flatMap(([key, value]) => (value === null ? [key] : []))
  return [
    ...(set.length === 0 ? [] : [['set_storage', { items: set }] as const]),
    ...(removed.length === 0 ? [] : [['kill_storage', { keys: removed }] as const]),
  ].map(([name, args]) => ({
    name: `sudo(${name})`,
    call: sudoCall(calls, systemCall(calls, name, args)),
    event: 'Sudo.Sudid',
  }))
}

function codeSteps(calls: RuntimeCalls, code: Hex, upgrade: RehearsalPlan['upgrade']): UpgradeStep[] {
  const set = { event: 'System.CodeUpdated' }
  if (upgrade === 'set-code') {
    return [{ name: 'sudo(set_code)', call: sudoCall(calls, systemCall(calls, 'set_code', { code })), ...set }]
  }
  const codeHash: Hex = `0x${Buffer.from(blake2b256(Buffer.from(code.slice(2), 'hex'))).toString('hex')}`
  return [
    {
      name: 'sudo(authorize_upgrade)',
      call: sudoCall(calls, systemCall(calls, 'authorize_upgrade', { code_hash: codeHash })),
      event: 'System.UpgradeAuthorized',
    },
    { name: 'apply_authorized_upgrade', call: systemCall(calls, 'apply_authorized_upgrade', { code }), ...set },
  ]
}

async function slotDuration(engine: Engine, wasm: Uint8Array): Promise<number> {
  const arm = await engine.openArm({ name: 'slots', wasm, storage: new Map() })
  try {
    const { result } = await arm.call('AuraApi_slot_duration', '0x')
    return Number(Buffer.from(result.slice(2), 'hex').readBigUInt64LE())
  } finally {
    await arm.close()
  }
}

/** Root of a block without extrinsics. */
const NO_EXTRINSICS: Hex = '0x03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314'

function genesisHashOf(genesis: ReadonlyMap<Hex, Hex>): Hex {
  const stateRoot = openStateTrie(genesis).root(1)
  return blockHash({
    parentHash: `0x${'00'.repeat(32)}`,
    number: 0,
    stateRoot,
    extrinsicsRoot: NO_EXTRINSICS,
    digest: [],
  })
}
