import { serialize } from 'node:v8'
import { parentPort, workerData } from 'node:worker_threads'
import type { Hex } from '../../fork/forkState.js'
import type { ArmHooks } from '../engine.js'
import { KnownState } from '../../fork/knownState.js'
import { createExecutor } from './executor.js'
import { GuestTrap, LimitExceeded } from './guestFault.js'
import { HookFault } from './hooks/hookFault.js'
import type { HookCalls } from './hooks/hookCalls.js'
import type { HostContext } from './host/context.js'
import type { PackedResponse, PackedResult, WorkerRequest, WorkerResponse, WorkerStart } from './protocol.js'
import { packDiff } from './packedDiff.js'
import { readThrough } from './readThrough.js'
import { bytesFromHex, bytesToHex, keyFromHex, keyToHex, type StorageKey } from './storageKey.js'
import { wasm } from './webassembly.js'

// One arm: its committed state, and the runtime that runs over it. Requests are answered one after the other.

const port = parentPort
if (!port) throw new Error('This file runs as a worker.')
const { module, initialPages, storage, committed, options, hooks, hookClock, unread } = workerData as WorkerStart
const reply = hooks === undefined ? send : sendPacked
const state = new KnownState<Uint8Array>(
  decode(storage),
  unread && readThrough(unread, (question) => reply({ kind: 'reading', question })),
)
state.apply(decode(committed))
const executor = createExecutor(module, initialPages, state, options, hooks && (await hookOpener(hooks)))

port.on('message', (request: WorkerRequest) => reply(answer(request)))
reply({ kind: 'ready' })

function send(response: WorkerResponse): void {
  port?.postMessage(response)
}

/** To whom only hands it on. */
function sendPacked(response: WorkerResponse): void {
  const bytes = serialize(response)
  const packed: PackedResponse = { reading: response.kind === 'reading', bytes }
  port?.postMessage(packed, [bytes.buffer as ArrayBuffer])
}

function answer(request: WorkerRequest): WorkerResponse {
  try {
    switch (request.kind) {
      case 'call':
        return { kind: 'called', result: call(request.fn, request.args, request.commit) }
      case 'write':
        state.apply(decode(request.diff))
        return { kind: 'written' }
      case 'read':
        return { kind: 'values', values: read(request.keys.map(keyFromHex)) }
      case 'entries':
        return {
          kind: 'found',
          entries: state.entries(keyFromHex(request.prefix)).map(([key, value]) => [keyToHex(key), bytesToHex(value)]),
        }
    }
  } catch (error) {
    return failure(error)
  }
}

function read(keys: readonly StorageKey[]): (Hex | null)[] {
  state.settle({ kind: 'keys', keys })
  return keys.map((key) => valueToHex(state.get(key)))
}

function call(fn: string, args: Hex, commit: boolean): PackedResult {
  const { result, changes, logs, mocked, poolMoves } = executor.run(fn, bytesFromHex(args))
  if (commit) state.apply(changes)
  return { result: bytesToHex(result), packedDiff: packDiff(changes), logs, mockedHostFunctions: mocked, poolMoves }
}

/** Loaded only where there are hooks: to decode storage takes a library. */
async function hookOpener({ programs, metadata }: ArmHooks): Promise<(host: HostContext) => HookCalls> {
  const { openHookCalls } = await import('./hooks/hookCalls.js')
  const { createStorageCodec } = await import('../../fork/storageCodec.js')
  const codec = createStorageCodec(metadata)
  return (host) => openHookCalls(host, programs, codec, hookClock)
}

/** A runtime's fault, told apart from a defect of the engine: V8 throws RuntimeError for a trap and RangeError for a stack too deep. */
function failure(error: unknown): WorkerResponse {
  if (error instanceof HookFault) return { kind: 'hookFailed', fault: error.fault }
  if (error instanceof LimitExceeded) return { kind: 'overMemory', limitBytes: error.limitBytes }
  if (error instanceof GuestTrap || error instanceof wasm.RuntimeError || error instanceof RangeError)
    return { kind: 'trapped', reason: error.message, logs: executor.logs() }
  return { kind: 'defect', message: error instanceof Error ? (error.stack ?? error.message) : String(error) }
}

function decode<Value extends Hex | null>(entries: Iterable<readonly [Hex, Value]>) {
  type Bytes = Value extends null ? Uint8Array | null : Uint8Array
  return [...entries].map(([key, value]): [StorageKey, Bytes] => [
    keyFromHex(key),
    (value === null ? null : bytesFromHex(value)) as Bytes,
  ])
}

function valueToHex(value: Uint8Array | undefined): Hex | null {
  return value ? bytesToHex(value) : null
}
