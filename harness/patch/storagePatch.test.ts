import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Engine, EngineArm, EngineName } from '../engine/engine.js'
import { openEngine } from '../engine/openEngine.js'
import type { ForkState, Hex } from '../fork/forkState.js'
import { forkSmall } from '../fork/small.js'
import { createStorageCodec, type StorageCodec } from '../fork/storageCodec.js'
import { encodeHeader } from '../replay/header.js'
import { loadPrebuilt } from '../runtime/prebuilt.js'
import { applyStoragePatch } from './storagePatch.js'

const SM = 'SubtensorModule'
const ALICE = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY'
const ALICE_HEX = '0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d'

const { wasm } = loadPrebuilt('epochdiff_runtime')
let engines: Readonly<Record<EngineName, Engine>>
let codec: StorageCodec
let fork: ForkState

beforeAll(async () => {
  engines = { native: await openEngine('native'), chopsticks: await openEngine('chopsticks') }
  const arm = await engines.native.openArm({ name: 'metadata', wasm, storage: new Map() })
  codec = createStorageCodec((await arm.call('Metadata_metadata', '0x')).result)
  await arm.close()
  ;({ fork } = forkSmall({ seed: 1, codec, wasm }))
}, 120_000)
afterAll(async () => {
  await engines.native.close()
  await engines.chopsticks.close()
})

async function withArm<T>(engine: EngineName, work: (arm: EngineArm) => Promise<T>): Promise<T> {
  const arm = await engines[engine].openArm({ name: 'patched', wasm, storage: fork.storage })
  try {
    return await work(arm)
  } finally {
    await arm.close()
  }
}

const apply = (arm: EngineArm, set: Record<string, unknown>) => {
  const writes = Object.entries(set).map(([path, value]) => ({ path, value }))
  return applyStoragePatch(arm, codec, { kind: 'storage', set: writes }, () => 'a.yaml:1:1')
}

const zeros: Record<string, unknown> = {
  'SubtensorModule.Kappa(1)': 0,
  'SubtensorModule.TaoWeight': 0,
  'SubtensorModule.Active(1)': [],
  'SubtensorModule.LiquidAlphaOn(1)': false,
  'SubtensorModule.Weights(1, 3)': [],
}

describe('zero, false and empty', () => {
  it('are entries, as both engines read them back and act on them', async () => {
    const diffs = []
    for (const engine of ['native', 'chopsticks'] as const) {
      const { read, keys, diff } = await withArm(engine, async (arm) => {
        const { changes } = await apply(arm, zeros)
        const written = changes.map(({ key }) => key)
        const header = encodeHeader({ number: fork.header.number + 1, parentHash: fork.header.hash })
        const block = await arm.call('Core_initialize_block', header)
        return { read: await arm.read(written), keys: written, diff: block.storageDiff }
      })
      expect(keys).toHaveLength(5)
      expect(read).toEqual(['0x0000', '0x0000000000000000', '0x00', '0x00', '0x00'])
      diffs.push(diff)
    }
    expect(diffs[1]).toEqual(diffs[0])
    const untouched = await withArm('native', async (arm) => {
      const header = encodeHeader({ number: fork.header.number + 1, parentHash: fork.header.hash })
      return (await arm.call('Core_initialize_block', header)).storageDiff
    })
    expect(diffs[0]).not.toEqual(untouched)
  }, 120_000)

  it('are told from no entry, which null makes', async () => {
    await withArm('native', async (arm) => {
      const path = 'SubtensorModule.Kappa(1)'
      const shown = async (value: unknown) => (await apply(arm, { [path]: value })).applied.writes[0]
      const before = { stored: true, value: 32_767 }
      expect(await shown(0)).toEqual({ item: `${SM}.Kappa`, keys: [1], before, after: { stored: true, value: 0 } })
      const removed = await shown(null)
      expect(removed?.before).toEqual({ stored: true, value: 0 })
      expect(removed?.after).toEqual({ stored: false, value: 32_767 })
      expect(await arm.read([codec.key(SM, 'Kappa', 1)])).toEqual([null])
    })
  })
})

it('writes maps of several keys, accounts either way, structs, enums, options and lists', async () => {
  await withArm('native', async (arm) => {
    const { applied, changes } = await apply(arm, {
      [`SubtensorModule.AlphaV2(${ALICE}, ${ALICE_HEX}, 1)`]: { mantissa: '123456789012345678901', exponent: -3 },
      [`SubtensorModule.Owner(${ALICE_HEX})`]: ALICE,
      'SubtensorModule.RecycleOrBurn(1)': 'Recycle',
      'SubtensorModule.Weights(1, 3)': [
        [0, 65_535],
        [1, 1],
      ],
      'SubtensorModule.TaoWeight': '18446744073709551615',
      'Sudo.Key': ALICE,
    })
    expect(applied.writes.map(({ keys, after }) => [keys, after.value])).toEqual([
      [[ALICE, ALICE, 1], { mantissa: '123456789012345678901', exponent: '-3' }],
      [[ALICE], ALICE],
      [[1], 'Recycle'],
      [
        [1, 3],
        [
          [0, 65_535],
          [1, 1],
        ],
      ],
      [[], '18446744073709551615'],
      [[], ALICE],
    ])
    const read = await arm.read(changes.map(({ key }) => key))
    expect(read).toEqual(changes.map(({ after }) => after))
  })
})

it('makes the writes in the order stated', async () => {
  await withArm('native', async (arm) => {
    const writes = [1, 2].map((value) => ({ path: 'SubtensorModule.Kappa(1)', value }))
    const { applied } = await applyStoragePatch(arm, codec, { kind: 'storage', set: writes }, () => 'x')
    expect(applied.writes.map(({ before, after }) => [before.value, after.value])).toEqual([
      [32_767, 1],
      [1, 2],
    ])
  })
})

describe('refuses', () => {
  it.each<[string, unknown, string, RegExp, RegExp]>([
    [
      'SubtensorModule.Kapa(1)',
      1,
      'E360',
      /a\.yaml:1:1: .* no storage item SubtensorModule\.Kapa/,
      /"SubtensorModule\.Kappa"/,
    ],
    ['SubtensorModul.Kappa(1)', 1, 'E360', /no storage item SubtensorModul\.Kappa/, /"SubtensorModule\.Kappa"/],
    ['Nothing.Kappa(1)', 1, 'E360', /no storage item/, /System\.\*/],
    ['SubtensorModule.Kappa', 1, 'E361', /has 1 key, 0 given/, /as many keys/],
    ['SubtensorModule.Kappa(1, 2)', 1, 'E361', /has 1 key, 2 given/, /as many keys/],
    ['SubtensorModule.Kappa(65536)', 1, 'E361', /65536 does not fit u16/, /type/],
    ['SubtensorModule.Owner(5Grw)', ALICE, 'E361', /"5Grw" is no account/, /SS58/],
    ['SubtensorModule.Kappa(1)', 65_536, 'E362', /65536 does not fit u16/, /null removes/],
    ['SubtensorModule.Kappa(1)', -1, 'E362', /-1 does not fit u16/, /range/],
    ['SubtensorModule.Kappa(1)', 1.5, 'E362', /1\.5 is no u16/, /range/],
    ['SubtensorModule.Kappa(1)', 'half', 'E362', /"half" is no u16/, /range/],
    ['SubtensorModule.Kappa(1)', true, 'E362', /true is no u16/, /range/],
    ['SubtensorModule.LiquidAlphaOn(1)', 0, 'E362', /0 is no bool/, /JSON/],
    ['SubtensorModule.RecycleOrBurn(1)', 'Keep', 'E362', /one of Burn, Recycle/, /JSON/],
    ['SubtensorModule.TaoWeight', 2 ** 60, 'E362', /write it in quotes/, /in quotes/],
    ['System.Account(' + ALICE + ')', { nonce: 0 }, 'E362', /consumers/, /JSON/],
  ])('%s: %j', async (path, value, code, short, fix) => {
    await withArm('native', async (arm) => {
      const error = await apply(arm, { 'SubtensorModule.Tempo(1)': 7, [path]: value }).then(
        () => Promise.reject(new Error('was taken')),
        (thrown: { code: string; short: string; fix: string; exitCode: number }) => thrown,
      )
      expect(error).toMatchObject({ code, exitCode: 2 })
      expect(error.short).toMatch(short)
      expect(error.fix).toMatch(fix)
      // Nothing was written, not even what came before.
      const [tempo] = await arm.read([codec.key(SM, 'Tempo', 1)])
      expect(tempo).toBe(fork.storage.get(codec.key(SM, 'Tempo', 1) as Hex))
    })
  })
})
