import { createContext, Script, type Context } from 'node:vm'
import type { HookProgram, HookDefinition } from '../../../runtime/hookPatch.js'
import { placeInFile } from '../../../runtime/hookFile.js'
import type { HookParam, HookPools, HookReward } from '../../../runtime/hookPolicy.js'
import { HookFault } from './hookFault.js'
import { openRealm, type RealmAnswer, type RealmOutcome, type RealmQuestion, type RealmTask } from './realm.js'
import { fromWire, toWire } from './wire.js'

/** What a hook can learn of the chain. */
export interface HookSources {
  uids(netuid: number): unknown
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
        return toWire(answerOf(() => sources.uids('at' in task ? task.at.netuid : 0)))
      case 'storage':
        return toWire(answerOf(() => sources.storage(question.pallet, question.item, question.keys)))
    }
  }
  const { step } = enterRealm(context, answer, program, params)

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

  const loaded = run({ task: 'load' }, 'as it was loaded')
  if ('notPolicy' in loaded) {
    throw new HookFault({ kind: 'notPolicy', details: { at: file, problem: loaded.notPolicy } })
  }
  if (!('loaded' in loaded)) throw new Error('the realm did not load')
  return {
    definition: loaded.loaded,
    stakeWeights(block, netuid, weights) {
      const outcome = run(
        { task: 'stakeWeights', at: { block, netuid }, weights: weights.join() },
        duringCall('stakeWeights', block, netuid),
      )
      return 'weights' in outcome && outcome.weights !== '' ? outcome.weights.split(',').map(BigInt) : []
    },
    rolePools(block, netuid, pools) {
      const outcome = run({ task: 'rolePools', at: { block, netuid }, pools }, duringCall('rolePools', block, netuid))
      if (!('pools' in outcome)) throw new Error('the realm did not divide the pools')
      return outcome.pools
    },
    epochRewards(block, netuid, rewards) {
      const outcome = run(
        { task: 'epochRewards', at: { block, netuid }, rewards: rewards.map(rowText).join() },
        duringCall('epochRewards', block, netuid),
      )
      const numbers = 'rewards' in outcome && outcome.rewards !== '' ? outcome.rewards.split(',') : []
      return Array.from({ length: numbers.length / 3 }, (_, row) => {
        const [uid = '', serverRao = '', validatorRao = ''] = numbers.slice(3 * row, 3 * row + 3)
        return { uid: Number(uid), serverRao: BigInt(serverRao), validatorRao: BigInt(validatorRao) }
      })
    },
  }
}

function rowText({ hotkey, serverRao, validatorRao, consensus, validatorTrust, stakeWeight }: HookReward): string {
  return `${hotkey},${serverRao},${validatorRao},${consensus},${validatorTrust},${stakeWeight}`
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
): { step: Script } {
  const inside = `"use strict"; ({ openRealm: ${openRealm.toString()}, toWire: ${toWire.toString()}, fromWire: ${fromWire.toString()} })`
  type Inside = { openRealm: typeof openRealm; toWire: typeof toWire; fromWire: typeof fromWire }
  const realm = new Script(inside, { filename: 'epochdiff:realm' }).runInContext(context) as Inside
  const { step, use } = realm.openRealm(answer, program.file, JSON.stringify(params), realm)
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
  return { step: new Script('epochdiffStep()', { filename: 'epochdiff:step' }) }
}

/** The innermost frame that is of the hook's file; others are of what was put into its code when it was compiled. */
function firstPlace(program: HookProgram, stack: string): string | undefined {
  return [...stack.matchAll(/:(\d+):(\d+)\)?$/gm)]
    .map(([, line, column]) => placeInFile(program, Number(line), Number(column)))
    .find((place) => place !== undefined)
}
