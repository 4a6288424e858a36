import { createContext, Script, type Context } from 'node:vm'
import type { HookDefinition, HookProgram } from '../../../runtime/hookPatch.js'
import { placeInFile } from '../../../runtime/hookFile.js'
import type { HookParam, HookPools } from '../../../runtime/hookPolicy.js'
import { defaultEngineOptions } from '../../engineOptions.js'
import { type CallMarks, duringTask } from './callClock.js'
import { HookFault } from './hookFault.js'
import {
  openRealm,
  type Primitive,
  type RealmAnswer,
  type RealmOutcome,
  type RealmQuestion,
  type RealmTask,
} from './realm.js'
import { fromWire, toWire } from './wire.js'

/** Takes the next uid. */
type PutUid = (hotkey: string, coldkey: string, validatorPermit: boolean, alphaStakeRao: bigint) => void
/** Takes the next uid's rewards. */
type PutReward = (
  hotkey: string,
  serverRao: bigint,
  validatorRao: bigint,
  consensus: number,
  validatorTrust: number,
  stakeWeight: number,
) => void

/** What a hook can learn of the chain. */
export interface HookSources {
  uids(netuid: number, put: PutUid): void
  /** @throws Error with what is wrong with the request */
  storage(pallet: string, item: string, keys: readonly unknown[]): unknown
  print(line: string): void
}

export interface Sandbox {
  readonly definition: HookDefinition
  /** @throws HookFault, as do the others */
  stakeWeights(block: number, netuid: number, weights: readonly bigint[]): bigint[]
  rolePools(block: number, netuid: number, pools: HookPools): Pick<HookPools, 'serverRao' | 'validatorRao'>
  /** @returns of each row uid, server and validator rao, one after the other; until the next call */
  epochRewards(block: number, netuid: number, give: (put: PutReward) => void): readonly (number | bigint)[]
}

/** Runs a hook's file in a realm of its own: other intrinsics, all frozen, no clock, chance, input or output, no code from
 *  text, a time limit. That keeps a hook from depending on what it must not, and from a mistake's harm. It is no boundary
 *  against malice: Node's documentation says so of node:vm.
 *  @param limit of a call, and of loading the file: ms, or marks for whoever watches this thread and ends it
 *  @throws HookFault when the file cannot be run or defines no policy */
export function openSandbox(
  program: HookProgram,
  params: Readonly<Record<string, HookParam>>,
  sources: HookSources,
  limit: number | CallMarks = defaultEngineOptions.hookTimeLimitMs,
): Sandbox {
  // Without a prototype: the realm's global object would inherit the host's.
  const context = createContext(Object.create(null) as object, {
    codeGeneration: { strings: false, wasm: false },
  })
  const { file } = program
  let task: RealmTask = { task: 'load' }

  const answer = (text: string): string => {
    const question = fromWire(text) as RealmQuestion
    switch (question.ask) {
      case 'task':
        return toWire(task)
      case 'print':
        sources.print(question.line)
        return toWire({ value: null })
      case 'uids':
        return toWire(answerOf(putUids))
      case 'storage':
        return toWire(answerOf(() => sources.storage(question.pallet, question.item, question.keys)))
    }
  }
  const { step, inbox, outbox } = enterRealm(context, answer, program, params)
  const stepInTime = typeof limit === 'number' ? ownLimit(context, step, limit) : watched(step, limit)
  const putUids = (): null => {
    inbox.length = 0
    sources.uids('at' in task ? task.at.netuid : 0, (hotkey, coldkey, validatorPermit, alphaStakeRao) => {
      inbox.push(hotkey, coldkey, validatorPermit, alphaStakeRao)
    })
    return null
  }

  const run = (next: RealmTask): RealmOutcome => {
    task = next
    let text: string
    try {
      text = stepInTime(task)
    } catch (error) {
      const during = duringTask(task)
      if (typeof limit === 'number' && (error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
        throw new HookFault({ kind: 'overTime', details: { file, during, limitMs: limit } })
      }
      // Such as a stack too deep in the realm's own code.
      throw new HookFault({ kind: 'threw', details: { at: file, during, message: String(error) } })
    }
    const outcome = fromWire(text) as RealmOutcome
    if ('returned' in outcome || 'loaded' in outcome) return outcome
    const during = duringTask(task)
    const at = (stack: string): string => firstPlace(program, stack) ?? file
    if ('forbidden' in outcome) {
      throw new HookFault({ kind: 'forbidden', details: { at: at(outcome.stack), what: outcome.forbidden } })
    }
    if ('threw' in outcome) {
      const message = outcome.threw.replace(/\.$/, '')
      throw new HookFault({ kind: 'threw', details: { at: at(outcome.stack), during, message } })
    }
    if ('badResult' in outcome) {
      throw new HookFault({ kind: 'badResult', details: { at: file, during, problem: outcome.badResult } })
    }
    return outcome
  }

  const call = (called: RealmTask): void => {
    if (!('returned' in run(called))) throw new Error('the realm did not do its task')
  }

  const loaded = run({ task: 'load' })
  if ('notPolicy' in loaded) {
    throw new HookFault({ kind: 'notPolicy', details: { at: file, problem: loaded.notPolicy } })
  }
  if (!('loaded' in loaded)) throw new Error('the realm did not load')
  return {
    definition: loaded.loaded,
    stakeWeights(block, netuid, weights) {
      inbox.length = 0
      for (const weight of weights) inbox.push(weight)
      call({ task: 'stakeWeights', at: { block, netuid } })
      return outbox.slice() as bigint[]
    },
    rolePools(block, netuid, { epochRao, serverRao, validatorRao }) {
      inbox.length = 0
      inbox.push(epochRao, serverRao, validatorRao)
      call({ task: 'rolePools', at: { block, netuid } })
      const [server, validator] = outbox as [bigint, bigint]
      return { serverRao: server, validatorRao: validator }
    },
    epochRewards(block, netuid, give) {
      inbox.length = 0
      give((hotkey, serverRao, validatorRao, consensus, validatorTrust, stakeWeight) => {
        inbox.push(hotkey, serverRao, validatorRao, consensus, validatorTrust, stakeWeight)
      })
      call({ task: 'epochRewards', at: { block, netuid } })
      return outbox as (number | bigint)[]
    },
  }
}

function answerOf(read: () => unknown): RealmAnswer {
  try {
    return { value: read() }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}

/** Compiles the realm's inside and the hook in the realm. */
function enterRealm(
  context: Context,
  answer: (text: string) => string,
  program: HookProgram,
  params: Readonly<Record<string, HookParam>>,
): { step: () => string; inbox: Primitive[]; outbox: Primitive[] } {
  const inside = `"use strict"; ({ openRealm: ${openRealm.toString()}, toWire: ${toWire.toString()}, fromWire: ${fromWire.toString()} })`
  type Inside = { openRealm: typeof openRealm; toWire: typeof toWire; fromWire: typeof fromWire }
  const realm = new Script(inside, { filename: 'epochdiff:realm' }).runInContext(context) as Inside
  const { step, use, inbox, outbox } = realm.openRealm(answer, program.file, JSON.stringify(params), realm)
  const head = '(function (exports, require, module, epochdiffStep) { "use strict";'
  let compiled: Script
  try {
    compiled = new Script(`${head}${program.code}\n})`, { filename: program.file, columnOffset: -head.length })
  } catch (error) {
    const problem = `it does not compile: ${error instanceof Error ? error.message : String(error)}`
    throw new HookFault({ kind: 'notPolicy', details: { at: program.file, problem } })
  }
  use(compiled.runInContext(context) as Parameters<typeof use>[0])
  return { step, inbox, outbox }
}

/** A step that ends itself after a time, at the price of a thread for each. */
function ownLimit(context: Context, step: () => string, limitMs: number): () => string {
  // A name that the hook cannot reach: its own function has a parameter of that name.
  const take = new Script('let epochdiffStep; (step) => { epochdiffStep = step }').runInContext(context) as (
    taken: () => string,
  ) => void
  take(step)
  const script = new Script('epochdiffStep()', { filename: 'epochdiff:step' })
  return () => script.runInContext(context, { timeout: limitMs }) as string
}

function watched(step: () => string, marks: CallMarks): (task: RealmTask) => string {
  return (task) => {
    marks.begin(task)
    try {
      return step()
    } finally {
      marks.end()
    }
  }
}

/** The innermost frame that is of the hook's file; others are of what was put into its code when it was compiled. */
function firstPlace(program: HookProgram, stack: string): string | undefined {
  return [...stack.matchAll(/:(\d+):(\d+)\)?$/gm)]
    .map(([, line, column]) => placeInFile(program, Number(line), Number(column)))
    .find((place) => place !== undefined)
}
