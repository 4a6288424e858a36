import type { HookMember } from '../../../runtime/hookPatch.js'
import type { HookContext, HookPolicy, HookPools, HookReward, HookUid } from '../../../runtime/hookPolicy.js'

/** What a hook's realm is told to do. */
export type RealmTask =
  | { readonly task: 'load' }
  /** What the member is given lies in the inbox. */
  | { readonly task: HookMember; readonly at: RealmPlace }

interface RealmPlace {
  readonly block: number
  readonly netuid: number
}

/** What crosses by the inbox and the outbox, as it is: to write each amount as text would cost more than most hooks. In the
 *  inbox lie weights; or epoch, server and validator rao of the pools; or of each row of rewards hotkey, both amounts, and
 *  the three scores; in answer to `uids`, of each uid hotkey, coldkey, permit and stake. In the outbox lie weights; or server and
 *  validator rao of the pools; or of each row uid and both amounts. */
export type Primitive = bigint | number | string | boolean

/** What it asks while it is at it. */
export type RealmQuestion =
  | { readonly ask: 'task' }
  | { readonly ask: 'uids' }
  | { readonly ask: 'storage'; readonly pallet: string; readonly item: string; readonly keys: readonly unknown[] }
  | { readonly ask: 'print'; readonly line: string }

/** What the host answers to all but `task`. */
export type RealmAnswer = { readonly value: unknown } | { readonly problem: string }

/** What it did. `stack` is of an error, for its place in the file. */
export type RealmOutcome =
  | { readonly loaded: { readonly name: string; readonly members: readonly HookMember[] } }
  /** What the member returned lies in the outbox, of the right types. */
  | { readonly returned: HookMember }
  | { readonly forbidden: string; readonly stack: string }
  | { readonly threw: string; readonly stack: string }
  | { readonly notPolicy: string; readonly stack: string }
  | { readonly badResult: string }

/** The program as a function of what CommonJS gives it. */
type Program = (exports: object, require: (name: string) => unknown, module: object) => void

/** The inside of a hook's realm. Its text is compiled there, so it can use nothing of this file but its arguments: only
 *  primitives come from the host and go to it, and a hook never meets an object of the host's, nor the inbox and the outbox.
 *
 *  @param ask the host: a question as `toWire` gives it, an answer likewise
 *  @param file the hook's, as in stacks
 *  @param wire as in `wire.ts`, but of this realm
 *  @returns the step that does one task, for the host to call with a time limit */
export function openRealm(
  ask: (question: string) => string,
  file: string,
  params: string,
  { toWire, fromWire }: { toWire(value: unknown): string; fromWire(text: string): unknown },
): {
  readonly step: () => string
  readonly use: (program: Program) => void
  readonly inbox: Primitive[]
  readonly outbox: Primitive[]
} {
  const inbox: Primitive[] = []
  const outbox: Primitive[] = []
  // Locals: a global of a vm realm is looked up through the host, each time anew.
  const { Array, BigInt, Number, String } = globalThis
  const { freeze } = Object
  // Failures that the host must hear of even if the hook catches them.
  const refused: { forbidden: string; stack: string }[] = []
  let program: Program | undefined
  let policy: HookPolicy | undefined
  let definitions = 0

  class Refused extends Error {}
  const refuse = (what: string): never => {
    const error = new Refused(`${what} is not available in a hook`)
    if (refused.length === 0) refused.push({ forbidden: what, stack: String(error.stack) })
    throw error
  }
  const question = (text: RealmQuestion): unknown => {
    let answer: RealmAnswer
    try {
      answer = fromWire(ask(toWire(text))) as RealmAnswer
    } catch {
      // An error of the host's realm must not reach the hook.
      throw new Error('the host could not answer')
    }
    if ('problem' in answer) throw new Error(answer.problem)
    return answer.value
  }

  // What is frozen, or must not be looked into.
  const frozen = new Set<unknown>([globalThis])
  const trap = (name: string): object => {
    const made = new Proxy(function () {}, {
      get: (_, property) =>
        typeof property === 'symbol' ? undefined : property === 'prototype' ? {} : refuse(`${name}.${property}`),
      set: () => refuse(name),
      apply: () => refuse(`${name}()`),
      construct: () => refuse(`new ${name}()`),
      has: () => refuse(name),
    })
    frozen.add(made)
    return made
  }
  const refusedNames = [
    ...['Date', 'Intl', 'Atomics', 'SharedArrayBuffer', 'WebAssembly', 'WeakRef', 'FinalizationRegistry'],
    ...['ArrayBuffer', 'DataView', 'Uint8Array', 'Int8Array', 'Uint8ClampedArray', 'Uint16Array', 'Int16Array'],
    ...['Uint32Array', 'Int32Array', 'Float32Array', 'Float64Array', 'BigUint64Array', 'BigInt64Array'],
    ...['process', 'global', 'Buffer', 'fetch', 'XMLHttpRequest', 'WebSocket', 'performance', 'crypto', 'navigator'],
    ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'structuredClone', 'eval', 'Function'],
    // What is left to later would have no limit of its own.
    'Promise',
  ]
  const print = (...parts: unknown[]): void => {
    const shown = (part: unknown) => (typeof part === 'object' ? toWire(part) : String(part))
    ask(toWire({ ask: 'print', line: parts.map(shown).join(' ') } satisfies RealmQuestion))
  }
  const put = (target: object, name: string, value: unknown): void => {
    Object.defineProperty(target, name, { value, writable: false, configurable: false, enumerable: false })
  }
  // The constructors of functions would compile text; they are reached through any function.
  const constructors = [function () {}, async function () {}, function* () {}, async function* () {}]
  for (const made of constructors) put(Object.getPrototypeOf(made) as object, 'constructor', trap('Function'))
  for (const name of refusedNames) put(globalThis, name, trap(name))
  put(Math, 'random', () => refuse('Math.random()'))
  put(Array, 'fromAsync', () => refuse('Array.fromAsync()'))
  for (const name of ['toLocaleString', 'toLocaleUpperCase', 'toLocaleLowerCase', 'localeCompare']) {
    for (const { prototype } of [Number, BigInt, String, Array, Object]) {
      if (Object.hasOwn(prototype, name)) put(prototype, name, () => refuse(`${name}()`))
    }
  }
  put(globalThis, 'console', { log: print, info: print, warn: print, error: print, debug: print })
  // Of a stack only the hook's own frames: the others would show paths of the machine.
  put(Error, 'prepareStackTrace', (_: unknown, frames: { getFileName(): string | null; toString(): string }[]) =>
    frames
      .filter((frame) => frame.getFileName() === file)
      .map((frame) => frame.toString())
      .join('\n'),
  )

  // Nothing that the hook and this function share can be changed.
  const freezeAll = (value: unknown): void => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || frozen.has(value)) return
    frozen.add(value)
    freeze(value)
    for (const key of Reflect.ownKeys(value)) {
      const property = Reflect.getOwnPropertyDescriptor(value, key)
      freezeAll(property?.value)
      freezeAll(property?.get)
      freezeAll(property?.set)
    }
    freezeAll(Reflect.getPrototypeOf(value))
  }
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (!refusedNames.includes(name)) freezeAll(Reflect.get(globalThis, name))
  }
  for (const made of constructors) freezeAll(Object.getPrototypeOf(made))
  for (const iterable of [[], '', new Map(), new Set(), /x/[Symbol.matchAll]('')] as Iterable<unknown>[]) {
    freezeAll(Object.getPrototypeOf(iterable[Symbol.iterator]()))
  }

  const frozenParams = freeze(JSON.parse(params) as HookContext['params'])
  const definePolicy = (defined: HookPolicy): HookPolicy => {
    definitions += 1
    policy = defined
    return defined
  }
  const require = (name: string): unknown => (name === 'epochdiff' ? { definePolicy } : refuse(`the module "${name}"`))

  const notPolicy = (problem: string): RealmOutcome => ({ notPolicy: problem, stack: '' })
  const load = (): RealmOutcome => {
    const module = { exports: {} }
    program?.(module.exports, require, module)
    const defined: unknown = policy
    if (definitions !== 1) {
      return notPolicy(`it calls definePolicy ${definitions === 0 ? 'not at all' : `${definitions} times`}`)
    }
    if (typeof defined !== 'object' || defined === null) return notPolicy('definePolicy was not given an object')
    const known = ['stakeWeights', 'rolePools', 'epochRewards'] as const
    const stray = Object.keys(defined).find((key) => !['name', ...known].includes(key))
    if (stray !== undefined) return notPolicy(`a policy has no member "${stray}"`)
    const { name } = defined as { name?: unknown }
    if (typeof name !== 'string' || !/^[a-z0-9][a-z0-9-]{0,63}$/.test(name)) {
      return notPolicy('the policy needs a name of lower-case letters, digits and hyphens, at most 64')
    }
    const members = known.filter((member) => (defined as Partial<Record<string, unknown>>)[member] !== undefined)
    const other = members.find((member) => typeof (defined as Partial<Record<string, unknown>>)[member] !== 'function')
    if (other !== undefined) return notPolicy(`${other} is not a function`)
    if (members.length === 0) return notPolicy('the policy has none of stakeWeights, rolePools and epochRewards')
    policy = freeze({ ...(defined as HookPolicy) })
    return { loaded: { name, members } }
  }

  /** The rows of the last time: to freeze new ones costs more than to see that they are the same. */
  let lastUids: readonly HookUid[] = []
  const readUids = (): HookContext['uids'] => {
    question({ ask: 'uids' })
    const rows: HookUid[] = []
    for (let at = 0; at < inbox.length; at += 4) {
      const uid = rows.length
      const [hotkey, coldkey] = [inbox[at] as string, inbox[at + 1] as string]
      const [validatorPermit, alphaStakeRao] = [inbox[at + 2] as boolean, inbox[at + 3] as bigint]
      const last = lastUids[uid]
      const isSame =
        last !== undefined &&
        last.hotkey === hotkey &&
        last.coldkey === coldkey &&
        last.validatorPermit === validatorPermit &&
        last.alphaStakeRao === alphaStakeRao
      rows.push(isSame ? last : freeze({ uid, hotkey, coldkey, validatorPermit, alphaStakeRao }))
    }
    lastUids = freeze(rows)
    return lastUids
  }
  const contextAt = ({ block, netuid }: RealmPlace): HookContext => {
    let uids: HookContext['uids'] | undefined
    return freeze({
      block,
      netuid,
      params: frozenParams,
      get uids() {
        uids ??= readUids()
        return uids
      },
      storage: freeze({
        get: (pallet: string, item: string, ...keys: readonly unknown[]) =>
          question({ ask: 'storage', pallet: String(pallet), item: String(item), keys }),
      }),
    })
  }

  const badResult = (problem: string): RealmOutcome => ({ badResult: problem })
  const kindOf = (value: unknown): string =>
    value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value
  const stakeWeights = (at: RealmPlace): RealmOutcome => {
    const given = freeze(inbox.slice() as bigint[])
    const returned: unknown = policy?.stakeWeights?.(contextAt(at), given)
    if (!Array.isArray(returned)) return badResult(`an array was expected, not ${kindOf(returned)}`)
    if (returned.length !== given.length) {
      return badResult(`it has ${returned.length} weights for ${given.length} uids`)
    }
    for (let uid = 0; uid < given.length; uid += 1) {
      const weight: unknown = returned[uid]
      if (typeof weight !== 'bigint') return badResult(`the weight of uid ${uid} is ${kindOf(weight)}, not a bigint`)
      outbox.push(weight)
    }
    return { returned: 'stakeWeights' }
  }
  const rolePools = (at: RealmPlace): RealmOutcome => {
    const [epoch, server, validator] = inbox as [bigint, bigint, bigint]
    const given = freeze({ epochRao: epoch, serverRao: server, validatorRao: validator })
    const returned: unknown = policy?.rolePools?.(contextAt(at), given)
    if (typeof returned !== 'object' || returned === null) {
      return badResult(`an object was expected, not ${kindOf(returned)}`)
    }
    const { serverRao, validatorRao } = returned as Partial<Record<keyof HookPools, unknown>>
    if (typeof serverRao !== 'bigint') return badResult(`serverRao is ${kindOf(serverRao)}, not a bigint`)
    if (typeof validatorRao !== 'bigint') return badResult(`validatorRao is ${kindOf(validatorRao)}, not a bigint`)
    outbox.push(serverRao, validatorRao)
    return { returned: 'rolePools' }
  }
  const readRewards = (): readonly HookReward[] => {
    const rows: HookReward[] = []
    for (let at = 0; at < inbox.length; at += 6) {
      const [hotkey, serverRao, validatorRao] = [inbox[at] as string, inbox[at + 1] as bigint, inbox[at + 2] as bigint]
      const [consensus, validatorTrust] = [inbox[at + 3] as number, inbox[at + 4] as number]
      const stakeWeight = inbox[at + 5] as number
      const uid = rows.length
      rows.push(freeze({ uid, hotkey, serverRao, validatorRao, consensus, validatorTrust, stakeWeight }))
    }
    return freeze(rows)
  }
  const epochRewards = (at: RealmPlace): RealmOutcome => {
    const given = readRewards()
    const returned: unknown = policy?.epochRewards?.(contextAt(at), given)
    if (!Array.isArray(returned)) return badResult(`an array was expected, not ${kindOf(returned)}`)
    for (let index = 0; index < returned.length; index += 1) {
      const row: unknown = returned[index]
      if (typeof row !== 'object' || row === null) return badResult(`row ${index} is ${kindOf(row)}, not an object`)
      const { uid, serverRao, validatorRao } = row as Partial<Record<keyof HookReward, unknown>>
      if (typeof uid !== 'number') return badResult(`the uid of row ${index} is ${kindOf(uid)}, not a number`)
      if (typeof serverRao !== 'bigint') {
        return badResult(`serverRao of uid ${uid} is ${kindOf(serverRao)}, not a bigint`)
      }
      if (typeof validatorRao !== 'bigint') {
        return badResult(`validatorRao of uid ${uid} is ${kindOf(validatorRao)}, not a bigint`)
      }
      outbox.push(uid, serverRao, validatorRao)
    }
    return { returned: 'epochRewards' }
  }

  const run = (task: RealmTask): RealmOutcome => {
    switch (task.task) {
      case 'load':
        return load()
      case 'stakeWeights':
        return stakeWeights(task.at)
      case 'rolePools':
        return rolePools(task.at)
      case 'epochRewards':
        return epochRewards(task.at)
    }
  }
  const textOf = (read: () => unknown): string => {
    try {
      return String(read()).slice(0, 2000)
    } catch {
      return 'an error that cannot be shown'
    }
  }
  const step = (): string => {
    refused.length = 0
    outbox.length = 0
    let outcome: RealmOutcome
    try {
      outcome = run(fromWire(ask(toWire({ ask: 'task' }))) as RealmTask)
    } catch (error) {
      const isError = error instanceof Error
      const threw = textOf(() => (isError ? error.message || error.name : error))
      outcome = { threw, stack: isError ? textOf(() => error.stack) : '' }
    }
    return toWire(refused[0] ?? outcome)
  }
  return { step, use: (given) => (program = given), inbox, outbox }
}
