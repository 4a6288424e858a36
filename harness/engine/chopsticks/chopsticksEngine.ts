import { callOverLimit, runtimeTrapped } from '../../errors/engine.js'
import { hookEngine } from '../../errors/hooks.js'
import type { Hex, StateQuestion } from '../../fork/forkState.js'
import { KnownState, requireNews } from '../../fork/knownState.js'
import type { ArmSpec, CallResult, Engine, EngineArm, StorageDiff } from '../engine.js'
import type { EngineOptions } from '../engineOptions.js'
import { levelName, maxLevelOf } from '../logLevel.js'
import { joinExecutor, leaveExecutor, runInTurn, TaskOverTime, type TaskHandler } from './executorQueue.js'

/** The cross-check: runtimes run in the executor of Chopsticks, an interpreter in WebAssembly, whose host functions are not ours. Its answers
 *  come from the arm's own state, so there is no chain, no network and no layer that grows with the blocks.
 *  What it does not tell: which host functions a call reached, and the logs of a call that failed (it prints them on stderr). */
export function openChopsticksEngine(options: EngineOptions): Engine {
  const arms = new Set<EngineArm>()
  let open = true
  joinExecutor()
  return {
    name: 'chopsticks',
    openArm: async (spec) => {
      if (spec.hooks) throw hookEngine({ files: spec.hooks.programs.map(({ program }) => program.file) })
      const arm = openChopsticksArm(spec, options)
      arms.add(arm)
      return Promise.resolve(arm)
    },
    close: async () => {
      if (!open) return
      open = false
      await Promise.all([...arms].map((arm) => arm.close()))
      await leaveExecutor()
    },
  }
}

function openChopsticksArm(spec: ArmSpec, options: EngineOptions): EngineArm {
  const { remote } = spec
  const state = new KnownState<Hex>(spec.storage, remote && { ranges: remote.ranges, zero: '00' })
  const wasm: Hex = `0x${Buffer.from(spec.wasm).toString('hex')}`
  const acceptSignatures = options.signatures === 'accept'
  let closed = false
  let last: Promise<unknown> = Promise.resolve()

  /** Reads until the state can answer the question. */
  const settle = async (question: StateQuestion): Promise<void> => {
    for (let open = state.open(question); open !== undefined && remote !== undefined; open = state.open(question)) {
      state.learn(await remote.ask(open as StateQuestion))
      requireNews(open, state.open(question))
    }
  }

  /** @param unreadable aborted with the reason when the state cannot be read: the executor itself has no way to say it */
  const handlerFor = (unreadable: AbortController): Partial<TaskHandler> => {
    const settled = (question: StateQuestion): Promise<void> =>
      settle(question).catch((error: unknown) => {
        unreadable.abort(error)
        throw error
      })
    return {
      getStorage: async (key) => {
        await settled({ kind: 'keys', keys: [key] })
        return state.get(key)
      },
      getNextKey: async (prefix, key) => {
        await settled({ kind: 'from', key: `${key}00` })
        const next = state.nextKey(key)
        return next?.startsWith(prefix) ? (next as Hex) : undefined
      },
    }
  }

  const call = async (fn: string, args: Hex, commit: boolean): Promise<CallResult> => {
    const unreadable = new AbortController()
    const signal = AbortSignal.any([unreadable.signal, ...(options.signal ? [options.signal] : [])])
    const task = {
      wasm,
      calls: [[fn, [args]]] as [string, Hex[]][],
      mockSignatureHost: acceptSignatures,
      allowUnresolvedImports: true,
      runtimeLogLevel: maxLevelOf(options.logLevel),
    }
    const bounds = { timeLimitMs: options.timeLimitMs, signal }
    const response = await runInTurn(task, handlerFor(unreadable), acceptSignatures, bounds).catch((error: unknown) => {
      if (!(error instanceof TaskOverTime)) throw error
      throw callOverLimit({ arm: spec.name, fn, limit: `over ${options.timeLimitMs} ms`, option: 'timeLimitMs' })
    })
    if ('Error' in response) throw runtimeTrapped({ arm: spec.name, fn, reason: response.Error, lastLogs: [] })
    const { result, storageDiff, runtimeLogs } = response.Call
    await settle({ kind: 'keys', keys: storageDiff.map(([key]) => key) })
    const changed = changesOf(storageDiff, state)
    if (commit) state.apply(changed)
    return {
      result,
      storageDiff: changed,
      logs: runtimeLogs.map(({ level = 0, target = '', message }) => ({ level: levelName(level), target, message })),
      mockedHostFunctions: acceptSignatures ? ['ext_crypto_*_verify'] : [],
    }
  }

  /** One request at a time, as they came. */
  const inTurn = <T>(work: () => T | Promise<T>): Promise<T> => {
    const turn = async (): Promise<T> => {
      if (closed) throw new Error(`Arm "${spec.name}" is closed.`)
      return await work()
    }
    const result = last.then(turn, turn)
    last = result.catch(() => undefined)
    return result
  }

  return {
    call: (fn, args, { commit = false } = {}) => inTurn(() => call(fn, args, commit)),
    write: (diff) => inTurn(() => state.apply(diff)),
    read: (keys) =>
      inTurn(async () => {
        await settle({ kind: 'keys', keys })
        return keys.map((key) => state.get(key) ?? null)
      }),
    entries: (prefix) =>
      inTurn(async () => {
        await settle({ kind: 'below', prefix })
        return state.entries(prefix) as [Hex, Hex][]
      }),
    close: () => {
      closed = true
      return Promise.resolve()
    },
  }
}

/** The writes that change something, ascending by key. The executor's `None` arrives as `undefined`, whatever its types say. */
function changesOf(written: readonly [Hex, (Hex | null)?][], state: KnownState<Hex>): StorageDiff {
  return written
    .map(([key, value]) => [key, value ?? null] as const)
    .filter(([key, value]) => (state.get(key) ?? null) !== value)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}
