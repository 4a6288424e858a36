import { describe, expect, it } from '@jest/globals'
import { compileHook } from '../../../runtime/hookFile.js'
import { HookFault, hookError, type HookFaultMessage } from './hookFault.js'
import { type HookSources, openSandbox, type Sandbox } from './sandbox.js'

const sources: HookSources = {
  uids: (netuid, put) => put('h', 'c', true, BigInt(netuid)),
  storage: (pallet, item, keys) => {
    if (item === 'Nothing') throw new Error(`${pallet} has no ${item}`)
    return { item, keys, bits: 1n << 64n }
  },
  print: () => undefined,
}

function open(text: string, params = {}, timeLimitMs = 5_000): Sandbox {
  const program = compileHook(`import { definePolicy } from 'epochdiff'\n${text}`, 'my.ts', 'a'.repeat(64))
  return openSandbox(program, params, sources, timeLimitMs)
}

const weights = (body: string, head = '') => `${head}
export const policy = definePolicy({
  name: 'mine',
  stakeWeights(ctx, weights: readonly bigint[]): bigint[] {
    ${body}
  },
})`

function faultOf(run: () => unknown): HookFaultMessage {
  try {
    run()
  } catch (error) {
    if (error instanceof HookFault) return error.fault
    throw error
  }
  throw new Error('nothing was thrown')
}

const faultIn = (body: string, head = '') =>
  faultOf(() => open(weights(body, head), {}, 300).stakeWeights(7, 3, [1n, 2n]))

describe('a hook in its realm', () => {
  it('is called with what it was given, and returns new values', () => {
    const sandbox = open(weights('return weights.map((weight) => weight * BigInt(ctx.params.factor))'), {
      factor: 3,
    })
    expect(sandbox.definition).toEqual({ name: 'mine', members: ['stakeWeights'] })
    expect(sandbox.stakeWeights(7, 3, [1n, 1n << 100n, -5n])).toEqual([3n, 3n << 100n, -15n])
    expect(sandbox.stakeWeights(7, 3, [])).toEqual([])
  })

  it('reads block, netuid, uids and storage', () => {
    const sandbox = open(
      weights(`
        const { keys, bits } = ctx.storage.get('P', 'I', ctx.netuid, 5n, 'x', true) as { keys: unknown[]; bits: bigint }
        if (keys[1] !== 5n || keys[2] !== 'x' || keys[3] !== true) throw new Error('keys')
        return [BigInt(ctx.block), BigInt(keys[0] as number), bits, ctx.uids[0].alphaStakeRao]`),
    )
    expect(sandbox.stakeWeights(7, 3, [0n, 0n, 0n, 0n])).toEqual([7n, 3n, 1n << 64n, 3n])
  })

  it('gets rows of rewards and gives rows of rewards', () => {
    const sandbox = open(`definePolicy({ name: 'r', epochRewards: (_ctx, rows) =>
      rows.map((row) => ({ ...row, serverRao: row.validatorRao, validatorRao: BigInt(row.consensus + row.stakeWeight) })).reverse() })`)
    const returned = sandbox.epochRewards(1, 2, (put) => {
      put('h', 1n, 2n, 3, 4, 5)
      put('h', 1n, (1n << 64n) - 1n, 3, 4, 5)
    })
    expect(returned).toEqual([1, (1n << 64n) - 1n, 8n, 0, 2n, 8n])
  })
})

describe('what a hook may not', () => {
  it.each([
    ['Date.now()', 'Date.now'],
    ['new Date()', 'new Date()'],
    ['Math.random()', 'Math.random()'],
    ['fetch("http://x")', 'fetch()'],
    ['process.exit(1)', 'process.exit'],
    ['setTimeout(() => 1, 1)', 'setTimeout()'],
    ['performance.now()', 'performance.now'],
    ['crypto.randomUUID()', 'crypto.randomUUID'],
    ['new Uint8Array(9)', 'new Uint8Array()'],
    ['new Intl.NumberFormat()', 'Intl.NumberFormat'],
    ['(5).toLocaleString()', 'toLocaleString()'],
    ['new WeakRef({})', 'new WeakRef()'],
    ['require("node:fs")', 'the module "node:fs"'],
    ['void import("node:fs")', 'Promise.resolve'],
    ['void (async () => { for (;;) await 1 })()', 'new Promise()'],
    ['eval("1")', 'eval()'],
    ['new Function("return 1")', 'new Function()'],
    ['weights.map.constructor("return process")()', 'Function()'],
    ['ctx.storage.get.constructor("return process")()', 'Function()'],
    ['(async () => {}).constructor("return process")()', 'Function()'],
  ])('%s', (text, what) => {
    expect(faultIn(`\n\n    ${text}; return [...weights]`)).toEqual({
      kind: 'forbidden',
      details: { at: expect.stringMatching(/^my\.ts:8:\d+$/), what },
    })
  })

  it('is told even if the hook catches it', () => {
    expect(faultIn('try { Date.now() } catch {} return [...weights]')).toMatchObject({ kind: 'forbidden' })
  })

  it('is told of modules when the file is loaded', () => {
    const fault = faultOf(() => open(weights('return [readFileSync("x")]', "import { readFileSync } from 'node:fs'")))
    expect(fault).toEqual({ kind: 'forbidden', details: { at: 'my.ts:2:1', what: 'the module "node:fs"' } })
  })

  it('has no way to the host', () => {
    const escapes = [
      'globalThis.constructor.constructor("return process")()',
      'ctx.constructor.constructor("return process")()',
      'Reflect.getPrototypeOf(ctx.storage.get).constructor("return process")()',
      'try { ctx.storage.get("P", "Nothing") } catch (error) { error.constructor.constructor("return process")() }',
    ]
    for (const escape of escapes) expect(faultIn(`${escape}; return []`).kind).toBe('forbidden')
    expect(faultIn('throw typeof epochdiffStep + typeof arguments[2]')).toMatchObject({
      details: { message: 'undefinedundefined' },
    })
  })

  it('cannot change what is given to it, nor what it shares', () => {
    for (const change of [
      '(weights as bigint[])[0] = 5n',
      'ctx.block = 9',
      'ctx.params.factor = 9',
      'Array.prototype.map = () => []',
      'Object.prototype.toJSON = () => 1',
      'JSON.stringify = () => ""',
      'ctx.uids[0].hotkey = "x"',
    ]) {
      expect(faultIn(`${change}; return [...weights]`)).toMatchObject({ kind: 'threw' })
    }
  })
})

describe('a hook that fails', () => {
  it('is told with line and message', () => {
    expect(faultIn('\n    throw new RangeError("too few.")')).toEqual({
      kind: 'threw',
      details: { at: 'my.ts:7:11', during: 'in stakeWeights at block 7, subnet 3', message: 'too few' },
    })
    expect(faultIn('type T = { x: number }\n    const t: T | null = null\n    return t!.x')).toMatchObject({
      details: { at: expect.stringMatching(/^my\.ts:8:/), message: expect.stringContaining('null') },
    })
    expect(faultIn('throw 5')).toMatchObject({ kind: 'threw', details: { at: 'my.ts', message: '5' } })
    expect(faultIn('const f = (): bigint => f() + 1n; return [f()]')).toMatchObject({ kind: 'threw' })
    expect(faultIn('ctx.storage.get("P", "Nothing"); return []')).toMatchObject({
      kind: 'threw',
      details: { message: 'P has no Nothing', at: 'my.ts:6:17' },
    })
  })

  it.each([
    ['return undefined', /an array was expected, not undefined/],
    ['return [1n]', /1 weights for 2 uids/],
    ['return [1n, 2]', /uid 1 is number, not a bigint/],
    ['return new Array(2)', /uid 0 is undefined, not a bigint/],
  ])('%s', (body, problem) => {
    expect(faultIn(body)).toMatchObject({
      kind: 'badResult',
      details: { problem: expect.stringMatching(problem) },
    })
  })

  it.each([
    ['in a getter of its error', 'throw { get message() { for (;;); }, toString() { for (;;); } }'],
    ['in a result', 'return { get length() { for (;;); } } as never', 'badResult'],
  ])('that never ends %s', (_, body, kind = 'overTime') => {
    expect(faultIn(body)).toMatchObject({ kind })
  })

  it('that never ends is told with its limit', () => {
    expect(String(hookError(faultIn('for (;;);')))).toMatch(
      /E346: The hook my\.ts was ended in stakeWeights at block 7, subnet 3: it took over 300 ms/,
    )
  })

  it.each([
    ['', /not at all/],
    ["definePolicy({ name: 'a', stakeWeights: (_: unknown, w: bigint[]) => w }); ".repeat(2), /2 times/],
    ["definePolicy({ name: 'A b', stakeWeights: () => [] })", /needs a name/],
    ["definePolicy({ name: 'a' })", /none of/],
    ["definePolicy({ name: 'a', stakeWeight: () => [] })", /no member "stakeWeight"/],
    ["definePolicy({ name: 'a', epochRewards: 5 })", /epochRewards is not a function/],
    ['definePolicy(null)', /not given an object/],
  ])('to define a policy: %s', (text, problem) => {
    expect(faultOf(() => open(text))).toMatchObject({
      kind: 'notPolicy',
      details: { problem: expect.stringMatching(problem) },
    })
  })
})
