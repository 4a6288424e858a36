import { describe, expect, it } from '@jest/globals'
import {
  assemble,
  openHost,
  readRewards,
  readStakes,
  rewardBytes,
  runtimeText,
  scaleVector,
  stakeBytes,
  subtensorKey,
  writeVecHeader,
  type WasmHost,
} from '../../test/wasmHost.js'
import { checkPolicyParams } from './policies.js'
import { loadPrebuilt, sha256 } from './prebuilt.js'
import { weave } from './weave.js'
import { parseWasm, type WasmModule } from './wasmModule.js'

const runtime = assemble(runtimeText())
const netuid = 31
const result = 6000
const unit = 1n << 64n
const cap = (percentile: number, scope = 'all') => checkPolicyParams('stake-cap', { percentile, scope })
const power = (theta: number) => checkPolicyParams('stake-power', { theta })
const byPerformance = (lambda: number, pool = 'both') => checkPolicyParams('performance-weighted', { lambda, pool })

interface PreparedHost extends WasmHost {
  /** Runs the hook's function through its caller and reads the first vector, in whole rao. */
  readonly stakes: (caller?: string) => bigint[]
  readonly rewards: () => (readonly [server: bigint, validator: bigint])[]
}

const byTrust = (beta: number, pool = 'both') => checkPolicyParams('trust-bonus', { beta, pool })
const roleSplit = (miner: number) => checkPolicyParams('role-split', { miner, validator: 1 - miner })
const composite = (mix: number) => checkPolicyParams('composite', { mix })

/** Four uids with stakes 1, 10, 100, 1000; uid 3 has all of both pools and performed a quarter of it. */
function open(wasm: Uint8Array): PreparedHost {
  const host = openHost(wasm)
  host.storage.set(subtensorKey('SubnetworkN', netuid), Uint8Array.of(4, 0))
  host.storage.set(subtensorKey('ValidatorPermit', netuid), scaleVector([1, 1, 1, 0], 1))
  host.storage.set(subtensorKey('Consensus', netuid), scaleVector([100, 100, 100, 100], 2))
  host.storage.set(subtensorKey('ValidatorTrust', netuid), scaleVector([0, 0, 300, 100], 2))
  const hotkeys = [1, 2, 3, 4]
  hotkeys.forEach((hotkey, uid) => host.storage.set(subtensorKey('Keys', netuid, uid), new Uint8Array(32).fill(hotkey)))
  const stakes = [1n, 10n, 100n, 1000n].map((rao) => rao * unit)
  const vectors = [0, 1, 2].map(() => host.place(stakeBytes(stakes)))
  vectors.forEach((pointer, position) => {
    writeVecHeader(host, 1024 + 12 * position, pointer, 4)
  })
  const rows = host.place(
    rewardBytes(
      hotkeys.map((hotkey, uid) => ({ hotkey, server: uid === 3 ? 400n : 0n, validator: uid === 3 ? 80n : 0n })),
    ),
  )
  writeVecHeader(host, 2048, rows, 4)
  return {
    ...host,
    stakes: (caller = 'run_stake_weights') => {
      host.call(caller, result, netuid)
      const total = host.view().getUint32(result + 4, true)
      for (const other of vectors.slice(1)) expect(readStakes(host, other, 4)).toEqual(stakes)
      return readStakes(host, total, 4).map((bits) => bits / unit)
    },
    rewards: () => {
      host.call('run_epoch', result, netuid, 480n)
      return readRewards(host, host.view().getUint32(result + 4, true), 4).map(
        ({ server, validator }) => [server, validator] as const,
      )
    },
  }
}

/** Other amounts than `open` puts there. */
function setRewards(host: WasmHost, server: readonly bigint[], validator: readonly bigint[]): void {
  const pointer = host.view().getUint32(2052, true)
  server.forEach((rao, uid) => {
    host.view().setBigUint64(pointer + 48 * uid + 32, rao, true)
  })
  validator.forEach((rao, uid) => {
    host.view().setBigUint64(pointer + 48 * uid + 40, rao, true)
  })
}

const unwovenRewards = [
  [0n, 0n],
  [0n, 0n],
  [0n, 0n],
  [400n, 80n],
]

describe('a woven runtime', () => {
  it('caps what the hook hands to its callers, and only the first vector', () => {
    expect(open(runtime).stakes()).toEqual([1n, 10n, 100n, 1000n])
    expect(open(weave(runtime, [cap(50)]).wasm).stakes()).toEqual([1n, 10n, 10n, 10n])
    expect(open(weave(runtime, [cap(50, 'permitted')]).wasm).stakes()).toEqual([1n, 10n, 10n, 10n])
    expect(open(weave(runtime, [cap(75)]).wasm).stakes()).toEqual([1n, 10n, 100n, 100n])
  })

  it('pays by stake and performance together', () => {
    const host = open(weave(runtime, [composite(1)]).wasm)
    host.storage.set(subtensorKey('StakeWeight', netuid), scaleVector([9, 9, 1, 2], 2))
    expect(host.rewards()).toEqual([
      [100n, 0n],
      [100n, 0n],
      [100n, 48n], // 1 * 300 of 500
      [100n, 32n], // 2 * 100 of 500
    ])
  })

  it('pays by performance what the epoch pays, and hands the original its own parameters', () => {
    const host = open(weave(runtime, [byPerformance(0.5)]).wasm)
    expect(host.rewards()).toEqual([
      [50n, 0n],
      [50n, 0n],
      [50n, 30n],
      [250n, 50n],
    ])
    expect(host.view().getBigUint64(3072, true)).toBe(480n)
  })

  it('counts large stakes for less, before or after a cap as the order says', () => {
    // 1000 (1/1000)^(1/3) would be 100: 1/3 is no decimal, so a third less 1/3 billionth gives a little more.
    expect(open(weave(runtime, [power(0.333333333)]).wasm).stakes()).toEqual([100n, 215n, 464n, 1000n])
    expect(open(weave(runtime, [cap(75), power(0.5)]).wasm).stakes()).toEqual([10n, 31n, 100n, 100n])
    expect(open(weave(runtime, [power(0.5), cap(75)]).wasm).stakes()).toEqual([31n, 100n, 316n, 316n])
  })

  it('changes nothing with neutral policies', () => {
    const host = open(
      weave(runtime, [cap(100, 'permitted'), power(1), byPerformance(0), composite(0), byTrust(0)]).wasm,
    )
    expect(host.stakes()).toEqual([1n, 10n, 100n, 1000n])
    expect(host.rewards()).toEqual(unwovenRewards)
  })

  it('changes one hook alone when no policy is at the other', () => {
    expect(open(weave(runtime, [cap(50)]).wasm).rewards()).toEqual(unwovenRewards)
    expect(open(weave(runtime, [byPerformance(1)]).wasm).stakes()).toEqual([1n, 10n, 100n, 1000n])
  })

  it('runs several policies at a hook in the order stated', () => {
    const both = open(weave(runtime, [cap(75), cap(50)]).wasm)
    expect(both.stakes()).toEqual([1n, 10n, 10n, 10n])
    const inOrder = weave(runtime, [byPerformance(0.5, 'miner'), byPerformance(1, 'validator')])
    expect(open(inOrder.wasm).rewards()).toEqual([
      [50n, 0n],
      [50n, 0n],
      [50n, 60n],
      [250n, 20n],
    ])
    // The bonus of 10 * 300 / 65535 of uid 2 takes effect on what performance pays it, and on nothing before that.
    expect(open(weave(runtime, [byPerformance(0.5), byTrust(10, 'validator')]).wasm).rewards()[2]).toEqual([50n, 31n])
    expect(open(weave(runtime, [byTrust(10, 'validator'), byPerformance(0.5)]).wasm).rewards()[2]).toEqual([50n, 30n])
    const calls = asked(open(weave(runtime, [byPerformance(0.5, 'miner'), byPerformance(0.5, 'validator')]).wasm))
    const reversed = asked(open(weave(runtime, [byPerformance(0.5, 'validator'), byPerformance(0.5, 'miner')]).wasm))
    expect(calls).toEqual(['Consensus', 'ValidatorTrust'])
    expect(reversed).toEqual(['ValidatorTrust', 'Consensus'])
  })

  it('moves rao between the pools, and hands the epoch its own amount', () => {
    // 480 to divide, 240 each way today; miners get 400 (the test's epoch says so), and 48 more.
    const host = open(weave(runtime, [roleSplit(0.6)]).wasm)
    expect(host.rewards()[3]).toEqual([448n, 80n])
    expect(host.view().getBigUint64(3072, true)).toBe(480n) // what the epoch was told to divide
    expect(host.view().getBigUint64(3080, true)).toBe(384n) // alpha: half of it is 48 less
    const back = open(weave(runtime, [roleSplit(0.25)]).wasm)
    expect(back.rewards()[3]).toEqual([280n, 80n])
    expect(back.view().getBigUint64(3080, true)).toBe(720n)
    expect(back.call('stack_pointer')).toBe(open(runtime).call('stack_pointer'))
  })

  it('pays no epoch but the one that was run first', () => {
    const calls = '(local.get 0) (i64.add (local.get 1) (local.get 3))'
    expect(runtimeText()).toContain(calls)
    const [anotherAmount, anotherSubnet] = ['(local.get 0) (i64.const 5)', calls.replace('local.get 0', 'i32.const 7')]
    for (const instead of [anotherAmount, anotherSubnet]) {
      const host = open(weave(assemble(runtimeText().replace(calls, instead)), [roleSplit(0.6)]).wasm)
      expect(() => host.rewards()).toThrow(/unreachable/)
    }
    const payout = '(i64.store (i32.const 3080) (local.get 1))'
    expect(runtimeText()).toContain(payout)
    const skipping = assemble(runtimeText().replace(payout, `${payout} (if (i64.eqz (local.get 2)) (then (return)))`))
    expect(() => open(weave(skipping, [roleSplit(0.6)]).wasm).rewards()).toThrow(/unreachable/)
  })

  it('moves nothing at one half, nor where nobody is a miner or a validator', () => {
    const neutral = open(weave(runtime, [roleSplit(0.5)]).wasm)
    expect(neutral.rewards()).toEqual(unwovenRewards)
    const alone = open(weave(runtime, [roleSplit(0.6)]).wasm)
    setRewards(alone, [0n, 0n, 0n, 0n], [0n, 0n, 0n, 80n])
    expect(alone.rewards()[3]).toEqual([0n, 80n])
    expect(alone.view().getBigUint64(3080, true)).toBe(480n)
    const nobody = open(weave(runtime, [roleSplit(0.6)]).wasm)
    setRewards(nobody, [0n, 0n, 0n, 400n], [0n, 0n, 0n, 0n])
    expect(nobody.rewards()[3]).toEqual([400n, 0n])
  })

  /** The example that AIArena's platform publishes: gamma 0, validators of 3000, 6000, 3000, all in consensus, nodes of 3000 and
   *  4500, the first ranked first; here with a decay of one half. The reward in hundredths. */
  function openPublished(wasm: Uint8Array): WasmHost & { readonly pay: () => (readonly [bigint, bigint])[] } {
    const host = openHost(wasm)
    const store = (item: string, values: readonly number[], bytes: 1 | 2) =>
      host.storage.set(subtensorKey(item, netuid), scaleVector(values, bytes))
    host.storage.set(subtensorKey('SubnetworkN', netuid), Uint8Array.of(5, 0))
    store('ValidatorPermit', [1, 1, 1, 0, 0], 1)
    store('StakeWeight', [3000, 6000, 3000, 3000, 4500], 2)
    store('Consensus', [0, 0, 0, 9000, 8000], 2)
    store('ValidatorTrust', [65_535, 65_535, 65_535, 0, 0], 2)
    const reward = 30_915_768n
    const uids = [0, 1, 2, 3, 4]
    for (const uid of uids) host.storage.set(subtensorKey('Keys', netuid, uid), new Uint8Array(32).fill(uid + 1))
    const rows = uids.map((uid) => {
      return { hotkey: uid + 1, server: uid === 3 ? reward / 2n : 0n, validator: uid === 0 ? reward / 2n : 0n }
    })
    writeVecHeader(host, 2048, host.place(rewardBytes(rows)), 5)
    const pay = () => {
      host.call('run_epoch', result, netuid, reward)
      const paid = readRewards(host, host.view().getUint32(result + 4, true), 5)
      return paid.map(({ server, validator }) => [server, validator] as const)
    }
    return { ...host, pay }
  }
  const aiarena = (params: Record<string, unknown>) => checkPolicyParams('aiarena', params)
  const published = { gamma: 0, alpha: 1, alphaMiner: 1, decay: 0.5 }

  it('pays the example that AIArena publishes', () => {
    const host = openPublished(weave(runtime, [aiarena(published)]).wasm)
    expect(host.pay()).toEqual([
      [0n, 3_864_471n], // a quarter, a half and a quarter of what the epoch gives
      [0n, 7_728_942n],
      [0n, 3_864_471n],
      [6_794_674n, 0n], // 4/7 and 3/7 of 5/13 of the reward
      [5_096_006n, 0n],
    ])
    // Half of what the payout is told is the validators': 8/13 of the reward, 190,250.88.
    expect(host.view().getBigUint64(3080, true)).toBe(2n * 19_025_088n)
    expect(host.view().getBigUint64(3072, true)).toBe(30_915_768n)
  })

  it('keeps what the epoch did where AIArena moves nothing, and the pools where it is for one', () => {
    const neutral = openPublished(weave(runtime, [aiarena({ ...published, mix: 0 })]).wasm)
    expect(neutral.pay()).toEqual(openPublished(runtime).pay())
    expect(neutral.view().getBigUint64(3080, true)).toBe(30_915_768n)
    const miners = openPublished(weave(runtime, [aiarena({ ...published, pool: 'miner' })]).wasm)
    expect(miners.pay().slice(3)).toEqual([
      [8_833_077n, 0n],
      [6_624_807n, 0n],
    ])
    expect(miners.view().getBigUint64(3080, true)).toBe(30_915_768n)
  })

  it('splits by role before or after other policies', () => {
    const first = open(weave(runtime, [roleSplit(0.6), byPerformance(1, 'miner')]).wasm)
    expect(first.rewards().map(([server]) => server)).toEqual([112n, 112n, 112n, 112n])
    const second = open(weave(runtime, [byPerformance(1, 'miner'), roleSplit(0.6)]).wasm)
    expect(second.rewards().map(([server]) => server)).toEqual([112n, 112n, 112n, 112n])
  })

  it('says why it stops', () => {
    const host = open(weave(runtime, [cap(50)]).wasm)
    host.storage.set(subtensorKey('SubnetworkN', netuid), Uint8Array.of(5, 0))
    expect(() => host.stakes()).toThrow(/unreachable/)
    expect(host.logged).toEqual(['epochdiff: E332'])
    const rewards = open(weave(runtime, [byPerformance(1)]).wasm)
    rewards.storage.set(subtensorKey('Keys', netuid, 2), new Uint8Array(32).fill(9))
    expect(() => rewards.rewards()).toThrow(/unreachable/)
    expect(rewards.logged).toEqual(['epochdiff: E331'])
  })

  it('leaves what other callers get as it is, when told to redirect only the epoch', () => {
    const everywhere = open(weave(runtime, [cap(50)]).wasm)
    expect(everywhere.stakes('ask_stake_weights')).toEqual([1n, 10n, 10n, 10n])
    const epochOnly = open(weave(runtime, [cap(50)], { callSites: 'epoch' }).wasm)
    expect(epochOnly.stakes('ask_stake_weights')).toEqual([1n, 10n, 100n, 1000n])
    expect(epochOnly.stakes()).toEqual([1n, 10n, 10n, 10n])
  })

  it('leaves what the hooks find in storage when it is to be probed', () => {
    const host = open(weave(runtime, [cap(100), byPerformance(0)], { probe: true }).wasm)
    expect(host.stakes()).toEqual([1n, 10n, 100n, 1000n])
    expect(host.rewards()).toEqual(unwovenRewards)
    const probed = [...host.storage].filter(([key]) => key.startsWith(Buffer.from(':epochdiff:probe').toString('hex')))
    expect(probed.map(([key]) => key.slice(32))).toEqual(
      [0, 1].flatMap((hook) => [0, 1, 2, 3].map((uid) => `0${hook}00${netuid.toString(16)}000${uid}00`)),
    )
    const bytes = (hook: number) => Buffer.from(probed[4 * hook + 3]?.[1] ?? [])
    expect([0, 16, 32].map((at) => bytes(0).readBigUInt64LE(at + 8))).toEqual([1000n, 1000n, 1000n])
    expect(bytes(1).subarray(0, 32)).toEqual(Buffer.alloc(32, 4))
    expect(bytes(1).length).toBe(32 + 48)
    expect(bytes(1).readBigUInt64LE(64)).toBe(400n)
  })

  it('traps instead of going on when the result is not as assumed', () => {
    const host = open(weave(runtime, [cap(50)]).wasm)
    host.storage.set(subtensorKey('SubnetworkN', netuid), Uint8Array.of(5, 0))
    expect(() => host.stakes()).toThrow(/unreachable/)
  })

  it('leaves the stack pointer, the table, the data and all other functions as they were', () => {
    const host = open(weave(runtime, [cap(50), byPerformance(0.5)]).wasm)
    host.stakes()
    host.rewards()
    expect(host.call('stack_pointer')).toBe(131_072)
    expect(host.call('use_table', 7n)).toBe(7n)
    expect(Buffer.from(host.view().buffer, 4096, 4).toString()).toBe('kept')
    expect(host.live.size).toBe(0)
  })
})

/** Which of the two score vectors the policies of an epoch read, in order. */
function asked(host: PreparedHost): string[] {
  host.rewards()
  const scores = ['Consensus', 'ValidatorTrust']
  return host.asked.flatMap((key) => scores.filter((item) => subtensorKey(item, netuid) === key))
}

describe('weaving', () => {
  const woven = weave(runtime, [cap(88, 'permitted'), byPerformance(0.25, 'miner')])
  const before = parseWasm(runtime, 'runtime')
  const after = parseWasm(woven.wasm, 'woven')

  it('adds functions at the end and shifts no index', () => {
    const hooks = woven.manifest.patches.map(({ functionIndex }) => functionIndex)
    before.functions.forEach((type, index) => {
      expect(after.functions[index]).toBe(type)
      const body = bodyOf(before, index)
      if (body !== undefined && !hooks.includes(index)) expect(bodyOf(after, index)).toEqual(body)
    })
    expect(after.types.slice(0, before.types.length)).toEqual(before.types)
    expect(after.functionImports).toEqual(before.functionImports)
    expect(after.functionExports).toEqual(before.functionExports)
    for (const { functionIndex, originalIndex } of woven.manifest.patches) {
      expect(bodyOf(after, originalIndex)).toEqual(bodyOf(before, functionIndex))
    }
  })

  it('keeps and extends the names', () => {
    for (const [index, name] of before.functionNames) expect(after.functionNames.get(index)).toBe(name)
    const [stakeCap, performance] = woven.manifest.patches
    expect(after.functionNames.get(stakeCap?.originalIndex ?? -1)).toBe(`${stakeCap?.symbol}.unwoven`)
    expect(after.functionNames.get(stakeCap?.policyIndex ?? -1)).toBe('epochdiff::stake-cap')
    expect(after.functionNames.get(performance?.policyIndex ?? -1)).toBe('epochdiff::performance-weighted')
    expect(after.functionNames.size).toBe(after.functions.length)
    expect([...after.functionNames.keys()]).toEqual([...after.functionNames.keys()].sort((a, b) => a - b))
    expect(after.globalNames).toEqual(before.globalNames)
  })

  it('says in the manifest what was done', () => {
    const patchModule = loadPrebuilt('patch_module')
    expect(woven.manifest).toMatchObject({
      inputSha256: sha256(runtime),
      outputSha256: sha256(woven.wasm),
      patchModuleSha256: patchModule.sha256,
      bytesAdded: woven.wasm.length - runtime.length,
      patches: [
        {
          policy: 'stake-cap',
          hook: 'stake_weights',
          params: { percentile: 88, scope: 'permitted' },
          signature: '(i32, i32) -> ()',
          layout: 'vectors',
          callers: [
            { name: 'run_coinbase', sites: 1 },
            { name: 'get_subnet_state', sites: 1 },
          ],
        },
        {
          policy: 'performance-weighted',
          hook: 'epoch_rewards',
          params: { lambda: 0.25, pool: 'miner' },
          signature: '(i32, i32, i64) -> ()',
          callers: [{ name: 'drain_pending_emission', sites: 1 }],
        },
      ],
    })
    const brought = woven.manifest.patches.reduce((sum, { bytesAdded }) => sum + bytesAdded, 0)
    expect(brought).toBeGreaterThan(1000)
    expect(brought).toBeLessThan(woven.manifest.bytesAdded)
  })

  it('says in the blob what was done', () => {
    const section = after.sections.at(-1)
    expect(section?.name).toBe('epochdiff')
    const json = Buffer.from(section?.content.subarray(1 + 'epochdiff'.length) ?? []).toString()
    expect(JSON.parse(json)).toEqual({
      format: 1,
      patchModuleSha256: woven.manifest.patchModuleSha256,
      callSites: 'all',
      patches: [
        { policy: 'stake-cap', params: { percentile: 88, scope: 'permitted' } },
        { policy: 'performance-weighted', params: { lambda: 0.25, pool: 'miner' } },
      ],
    })
  })

  it('brings the functions of a policy once, and only those needed', () => {
    const once = weave(runtime, [cap(50)])
    const twice = weave(runtime, [cap(50), cap(60)])
    expect(twice.manifest.patches.map(({ bytesAdded }) => bytesAdded)).toEqual([
      once.manifest.patches[0]?.bytesAdded,
      0,
    ])
    expect(parseWasm(once.wasm, 'once').functions.length).toBe(parseWasm(twice.wasm, 'twice').functions.length)
    expect(once.manifest.bytesAdded).toBeLessThan(weave(runtime, [byPerformance(0.5)]).manifest.bytesAdded)
  })

  it('gives the same bytes every time', () => {
    expect(sha256(weave(runtime, [cap(88)]).wasm)).toBe(sha256(weave(runtime, [cap(88)]).wasm))
  })
})

function bodyOf(module: WasmModule, index: number): Uint8Array | undefined {
  return module.bodies[index - module.functionImports.length]?.content
}
