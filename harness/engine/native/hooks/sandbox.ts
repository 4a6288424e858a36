import { createContext, Script, type Context } from 'node:vm'
import type { HookDefinition, HookMember, HookProgram } from '../../../runtime/hookPatch.js'
import { placeInFile } from '../../../runtime/hookFile.js'
import type { HookParam, HookPools, HookReward, HookUid } from '../../../runtime/hookPolicy.js'
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

/** What a hook can learn of the chain. */
export interface HookSources {
  uids(netuid: number): readonly HookUid[]
  /** @throws Error with what is wrong with the request */
  storage(pallet: string, item: string, keys: readonly unknown[]): unknown
  print(line: string): void
}

export interface Sandbox {
  readonly definition: HookDefinition
  /** @throws HookFault, as do the others */
  stakeWeights(block: number, netuid: number, weights: readonly bigint[]): bigint[]
  rolePools(block: number, netuid: number, pools: HookPools): Pick<HookPools, 'serverRao' | 'validatorRao'>
  epochRewards(
    block: number,
    netuid: number,
    rewards: readonly HookReward[],
  ): { uid: number; serverRao: bigint; validatorRao: bigint }[]
}

/** Of a call, and of loading the file. */
const hookTimeLimitMs = 10_000

/** Runs a hook's file in a realm of its own: other intrinsics, all frozen, no clock, chance, input or output, no code from
 *  text, a time limit. That keeps a hook from depending on what it must not, and from a mistake's harm. It is no boundary
 *  against malice: Node's documentation says so of node:vm.
 *  @throws HookFault when the file cannot be run or defines no policy */
export function openSandbox(
  program: HookProgram,
  params: Readonly<Record<string, HookParam>>,
  sources: HookSources,
  timeLimitMs = hookTimeLimitMs,
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
        return toWire(answerOf(() => putUids(sources.uids('at' in task ? task.at.netuid : 0))))
      case 'storage':
        return toWire(answerOf(() => sources.storage(question.pallet, question.item, question.keys)))
    }
  }
  const { step, inbox, outbox } = enterRealm(context, answer, program, params)
  const putUids = (rows: readonly HookUid[]): null => {
    inbox.length = 0
    for (const { hotkey, coldkey, validatorPermit, alphaStakeRao } of rows) {
      inbox.push(hotkey, coldkey, validatorPermit, alphaStakeRao)
    }
    return null
  }

  const run = (next: RealmTask, during: string): RealmOutcome => {
    task = next
    let text: unknown
    try {
      text = step.runInContext(context, { timeout: timeLimitMs })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
        throw new HookFault({ kind: 'overTime', details: { file, during, limitMs: timeLimitMs } })
      }
      // Such as a stack too deep in the realm's own code.
      throw new HookFault({ kind: 'threw', details: { at: file, during, message: String(error) } })
    }
    const outcome = fromWire(text as string) as RealmOutcome
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

  const call = (member: HookMember, block: number, netuid: number): void => {
    const outcome = run({ task: member, at: { block, netuid } }, duringCall(member, block, netuid))
    if (!('returned' in outcome)) throw new Error('the realm did not do its task')
  }

  const loaded = run({ task: 'load' }, 'as it was loaded')
  if ('notPolicy' in loaded) {
    throw new HookFault({ kind: 'notPolicy', details: { at: file, problem: loaded.notPolicy } })
  }
  if (!('loaded' in loaded)) throw new Error('the realm did not load')
  return {
    definition: loaded.loaded,
    stakeWeights(block, netuid, weights) {
      inbox.length = 0
      for (const weight of weights) inbox.push(weight)
      call('stakeWeights', block, netuid)
      return outbox.slice() as bigint[]
    },
    rolePools(block, netuid, { epochRao, serverRao, validatorRao }) {
      inbox.length = 0
      inbox.push(epochRao, serverRao, validatorRao)
      call('rolePools', block, netuid)
      const [server, validator] = outbox as [bigint, bigint]
      return { serverRao: server, validatorRao: validator }
    },
    epochRewards(block, netuid, rewards) {
      inbox.length = 0
      for (const { hotkey, serverRao, validatorRao, consensus, validatorTrust, stakeWeight } of rewards) {
        inbox.push(hotkey, serverRao, validatorRao, consensus, validatorTrust, stakeWeight)
      }
      call('epochRewards', block, netuid)
      return Array.from({ length: outbox.length / 3 }, (_, row) => ({
        uid: outbox[3 * row] as number,
        serverRao: outbox[3 * row + 1] as bigint,
        validatorRao: outbox[3 * row + 2] as bigint,
      }))
    },
  }
}

export function duringCall(member: string, block: number, netuid: number): string {
  return `in ${member} at block ${block}, subnet ${netuid}`
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
): { step: Script; inbox: Primitive[]; outbox: Primitive[] } {
  const inside = `"use strict"; ({ openRealm: ${openRealm.toString()}, toWire: ${toWire.toString()}, fromWire: ${fromWire.toString()} })`
  type Inside = { openRealm: typeof openRealm; toWire: typeof toWire; fromWire: typeof fromWire }
  const realm = new Script(inside, { filename: 'epochdiff:realm' }).runInContext(context) as Inside
  const { step, use, inbox, outbox } = realm.openRealm(answer, program.file, JSON.stringify(params), realm)
  // A name that the hook cannot reach: its own function has a parameter of that name.
  const take = new Script('let epochdiffStep; (step) => { epochdiffStep = step }').runInContext(context) as (
    step: () => string,
  ) => void
  take(step)
  const head = '(function (exports, require, module, epochdiffStep) { "use strict";'
  let compiled: Script
  try {
    compiled = new Script(`${head}${program.code}\n})`, { filename: program.file, columnOffset: -head.length })
  } catch (error) {
    const problem = `it does not compile: ${error instanceof Error ? error.message : String(error)}`
    throw new HookFault({ kind: 'notPolicy', details: { at: program.file, problem } })
  }
  use(compiled.runInContext(context) as Parameters<typeof use>[0])
  return { step: new Script('epochdiffStep()', { filename: 'epochdiff:step' }), inbox, outbox }
}

/** The innermost frame that is of the hook's file; others are of what was put into its code when it was compiled. */
function firstPlace(program: HookProgram, stack: string): string | undefined {
  return [...stack.matchAll(/:(\d+):(\d+)\)?$/gm)]
    .map(([, line, column]) => placeInFile(program, Number(line), Number(column)))
    .find((place) => place !== undefined)
}
