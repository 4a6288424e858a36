import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Engine, EngineArm, EngineName } from '../engine/engine.js'
import { openEngine } from '../engine/openEngine.js'
import { genesisStorage, readChainSpec } from '../fork/chainSpec.js'
import type { Hex } from '../fork/forkState.js'
import { createRuntimeCalls, type RuntimeCalls } from '../fork/runtimeCalls.js'
import { forkSmall } from '../fork/small.js'
import { createStorageCodec, type StorageCodec } from '../fork/storageCodec.js'
import { encodeHeader } from '../replay/header.js'
import { loadPrebuilt } from '../runtime/prebuilt.js'
import { specVersionOf } from '../runtime/specVersion.js'
import { applyPatches } from './applyPatches.js'
import { applyCallPatch } from './callPatch.js'

const ALICE = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY'
const BOB = '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty'

interface Chain {
  readonly wasm: Uint8Array
  readonly codec: StorageCodec
  readonly calls: RuntimeCalls
  readonly storage: ReadonlyMap<Hex, Hex>
}

let engines: Readonly<Record<EngineName, Engine>>
beforeAll(async () => {
  engines = { native: await openEngine('native'), chopsticks: await openEngine('chopsticks') }
})
afterAll(async () => {
  await engines.native.close()
  await engines.chopsticks.close()
})

async function chainOf(wasm: Uint8Array, storageOf: (codec: StorageCodec) => ReadonlyMap<Hex, Hex>): Promise<Chain> {
  const arm = await engines.native.openArm({ name: 'metadata', wasm, storage: new Map() })
  const { result } = await arm.call('Metadata_metadata', '0x')
  await arm.close()
  const codec = createStorageCodec(result)
  return { wasm, codec, calls: createRuntimeCalls(result), storage: storageOf(codec) }
}

async function withArm<T>(
  { wasm, storage }: Chain,
  work: (arm: EngineArm) => Promise<T>,
  engine: EngineName = 'native',
) {
  const arm = await engines[engine].openArm({ name: 'called', wasm, storage })
  try {
    return await work(arm)
  } finally {
    await arm.close()
  }
}

const apply = (arm: EngineArm, { codec, calls }: Chain, call: string, args: Record<string, unknown> = {}) =>
  applyCallPatch(arm, codec, calls, { kind: 'call', call, args }, 'a.yaml:1:1', 'before the first block')

/** What differs between the arm's state and the chain's. */
async function differences(arm: EngineArm, { storage }: Chain): Promise<[Hex, Hex | null][]> {
  const now = new Map(await arm.entries('0x'))
  const keys = [...new Set([...now.keys(), ...storage.keys()])].sort()
  return keys.filter((key) => now.get(key) !== storage.get(key)).map((key) => [key, now.get(key) ?? null])
}

/** Tests of a runtime that has Balances, on any state. */
function tests(chain: () => Chain) {
  const items = (keys: readonly [Hex, Hex | null][]) => keys.map(([key]) => chain().codec.itemOf(key)?.item).sort()

  it('changes what the call changes, the same in both engines, and nothing else', async () => {
    const call = ['Balances.force_set_balance', { who: ALICE, new_free: '12345678901234567' }] as const
    const [native, chopsticks] = await Promise.all(
      (['native', 'chopsticks'] as const).map((engine) =>
        withArm(
          chain(),
          async (arm) => {
            const { applied, changes, mocks } = await apply(arm, chain(), ...call)
            return { applied, changes, mocks, differing: await differences(arm, chain()) }
          },
          engine,
        ),
      ),
    )
    expect(chopsticks).toEqual(native)
    expect(native?.differing).toEqual(native?.changes.map(({ key, after }) => [key, after]))
    expect(items(native?.differing ?? [])).toEqual(['Account', 'TotalIssuance'])
    const account = native?.applied.changes.find(({ item }) => item === 'System.Account')?.entries[0]
    expect(account?.keys).toEqual([ALICE])
    expect(account?.after).toMatchObject({ stored: true, value: { data: { free: '12345678901234567' } } })
    expect(account?.before.stored).toBe(chain().storage.has(chain().codec.key('System', 'Account', ALICE)))
    expect(native?.applied).toMatchObject({
      call: call[0],
      args: { who: { Id: ALICE } },
      through: 'Sudo.sudo_unchecked_weight',
    })
    expect(native?.applied.events).toContain('Balances.BalanceSet')
    expect(native?.applied.events).not.toContain('Sudo.Sudid')
    expect(native?.mocks).toHaveLength(1)
  }, 240_000)

  it('leaves nothing behind when the call fails, and says why', async () => {
    await withArm(chain(), async (arm) => {
      const failing = apply(arm, chain(), 'Balances.force_transfer', {
        source: `0x${'07'.repeat(32)}`,
        dest: BOB,
        value: '1000000000000',
      })
      await expect(failing).rejects.toMatchObject({ code: 'E365', exitCode: 1 })
      await expect(failing).rejects.toThrow(
        /Balances\.force_transfer was dispatched as root and failed: .*(Funds|Balance)/,
      )
      expect(await differences(arm, chain())).toEqual([])
    })
  }, 120_000)

  it('changes nothing with a call that does nothing', async () => {
    await withArm(chain(), async (arm) => {
      const { changes } = await apply(arm, chain(), 'system.remark', { remark: '0x00' })
      expect(changes).toEqual([])
      expect(await differences(arm, chain())).toEqual([])
    })
  }, 120_000)

  it('keeps a sudo key that the call itself sets', async () => {
    await withArm(chain(), async (arm) => {
      const { changes } = await apply(arm, chain(), 'Sudo.setKey', { new: BOB })
      expect(items(changes.map(({ key, after }) => [key, after]))).toEqual(['Key'])
      expect(await differences(arm, chain())).toHaveLength(1)
      expect(chain().codec.decode('Sudo', 'Key', changes[0]?.after ?? null)).toBe(BOB)
    })
  }, 120_000)

  it.each<[string, Record<string, unknown>, string, RegExp, RegExp]>([
    ['Balances.force_set_balanse', {}, 'E363', /no call Balances\.force_set_balanse/, /"Balances\.force_set_balance"/],
    ['Balance.force_set_balance', {}, 'E363', /no call/, /"Balances\.force_set_balance"/],
    ['Nothing.at_all', {}, 'E363', /no call Nothing/, /Balances\.\*/],
    ['Balances.force_set_balance', { who: ALICE }, 'E364', /"new_free" is missing/, /who, new_free/],
    [
      'Balances.force_set_balance',
      { who: ALICE, new_fre: 1 },
      'E364',
      /no field "new_fre", did you mean "new_free"/,
      /by name/,
    ],
    ['Balances.force_set_balance', { who: 'x', new_free: 1 }, 'E364', /who: Id: "x" is no account/, /SS58/],
    ['Balances.force_set_balance', { who: ALICE, new_free: -1 }, 'E364', /new_free: -1 does not fit u64/, /range/],
    ['Balances.force_set_balance', { who: ALICE, new_free: '18446744073709551616' }, 'E364', /new_free: /, /range/],
    ['Sudo.remove_key', { x: 1 }, 'E364', /takes no arguments/, /takes none/],
  ])('refuses %s %j', async (call, args, code, short, fix) => {
    await withArm(chain(), async (arm) => {
      const error = await apply(arm, chain(), call, args).then(
        () => Promise.reject(new Error('was taken')),
        (thrown: { code: string; short: string; fix: string; exitCode: number }) => thrown,
      )
      expect(error).toMatchObject({ code, exitCode: 2 })
      expect(error.short).toMatch(short)
      expect(error.short).toMatch(/^a\.yaml:1:1: /)
      expect(error.fix).toMatch(fix)
    })
  })
}

describe('a call on the reference runtime', () => {
  let chain: Chain
  beforeAll(async () => {
    const { wasm } = loadPrebuilt('epochdiff_runtime')
    chain = await chainOf(wasm, (codec) => forkSmall({ seed: 1, codec, wasm }).fork.storage)
  }, 60_000)
  tests(() => chain)

  it('that waits for an upgrade is done in every arm as it was tried, or refused', async () => {
    const { wasm, codec } = chain
    const path = ['System', 'LastRuntimeUpgrade'] as const
    const upgrade = { spec_name: 'node-subtensor', spec_version: 424 }
    const storage = new Map(chain.storage).set(codec.key(...path), codec.encode(...path, upgrade))
    const openArm = () => engines.native.openArm({ name: 'late', wasm, storage })
    const number = 100_001
    const header = encodeHeader({ number, parentHash: `0x${'11'.repeat(32)}` })
    const kappa = codec.key('SubtensorModule', 'Kappa', 1)
    const execute = async (arm: EngineArm) => (await arm.call('Core_initialize_block', header, { commit: true })).result
    const arm = await openArm()
    const version = specVersionOf((await arm.call('Core_version', '0x')).result)
    const stage: Parameters<typeof applyPatches>[0] = {
      openArm,
      runtime: { wasm, codec, version },
      patches: [
        { kind: 'code', wasm: 'a.wasm', allow: ['same-version'] },
        { kind: 'call', call: 'System.set_storage', args: { items: [[kappa, '0x0102']] } },
      ],
      places: ['a.yaml:1:1', 'a.yaml:2:1'].map((at) => ({ at, entries: {} })),
      readBlob: () => Promise.resolve(wasm),
      first: { number, header, execute },
    }
    const { writes, late, withoutEffect } = await applyPatches(stage)
    expect(writes.map(([key]) => key)).not.toContain(kappa)
    expect(late?.writes).toEqual([[kappa, '0x0102']])
    expect(withoutEffect).toEqual([true, false])
    await execute(arm)
    expect(await late?.apply(arm)).toEqual(late?.writes)
    expect(await arm.read([kappa])).toEqual(['0x0102'])
    // It is there already: the arm is not the one that was tried.
    await expect(late?.apply(arm)).rejects.toThrow(
      /E373: a\.yaml:2:1: call System\.set_storage.* at the end of block 100001 changes something else/,
    )
    await arm.close()
    const goesOn = { number, header, execute: () => Promise.resolve('0x01' as const) }
    await expect(applyPatches({ ...stage, first: goesOn })).rejects.toThrow(/E366: a\.yaml:2:1: .* takes no call until/)
  }, 60_000)
})

const folder = process.env['EPOCHDIFF_RUNTIMES'] ?? ''
const blob = join(folder, 'spec293.wasm')
const present = existsSync(blob)
const describeHere = present ? describe : describe.skip
describeHere(`a call on spec 293${present ? '' : ' (skipped: no runtime)'}`, () => {
  let chain: Chain
  beforeAll(async () => {
    const wasm = readFileSync(blob)
    const spec = await readChainSpec(join(folder, 'aura-dev-293.json'), undefined)
    const arm = await engines.native.openArm({ name: 'genesis', wasm, storage: new Map() })
    const genesis = new Map(await genesisStorage(spec, undefined, (fn, args) => arm.call(fn, args)))
    await arm.close()
    chain = await chainOf(wasm, () => genesis)
  }, 240_000)
  tests(() => chain)
})
