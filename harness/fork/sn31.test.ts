import { beforeAll, describe, expect, it } from '@jest/globals'
import { encodeAddress } from '@polkadot/util-crypto'
import { fileURLToPath } from 'node:url'
import { misencoded } from '../../test/storageItems.js'
import { openEngine } from '../engine/openEngine.js'
import { replayEpochs } from '../replay/replayEpochs.js'
import { loadPrebuilt } from '../runtime/prebuilt.js'
import { loadScenario } from '../scenario/loadScenario.js'
import { applyFeedStep, type Feed } from './feed.js'
import type { ForkState, Hex } from './forkState.js'
import { forkSn31 } from './sn31.js'
import { neuronOf, subnetOwner } from './sn31Accounts.js'
import type { Sn31Assumptions } from './sn31Assumptions.js'
import { readSn31Data, type Sn31Data } from './sn31Data.js'
import { weightRow } from './sn31State.js'
import { createStorageCodec, type StorageCodec } from './storageCodec.js'

const SM = 'SubtensorModule'
const CODE: Hex = '0x3a636f6465'
const { wasm } = loadPrebuilt('epochdiff_runtime')

let data: Sn31Data
let assume: Sn31Assumptions
let metadata: Hex
let codec: StorageCodec
let fork: ForkState
let feed: Feed
beforeAll(async () => {
  const file = fileURLToPath(new URL('../../scenarios/sn31-noop.yaml', import.meta.url))
  const { scenario, dataFile } = await loadScenario(file)
  if (!('builtIn' in scenario.fork) || scenario.fork.builtIn !== 'sn31' || dataFile === undefined)
    throw new Error('another fork')
  assume = scenario.fork.assume
  data = await readSn31Data(dataFile, scenario.fork.sha256)
  const engine = await openEngine('native')
  const arm = await engine.openArm({ name: 'metadata', wasm, storage: new Map() })
  metadata = (await arm.call('Metadata_metadata', '0x')).result
  codec = createStorageCodec(metadata)
  await engine.close()
  ;({ fork, feed } = forkSn31({ data, assume, codec, wasm, epochs: 100 }))
})

/** SS58 of who holds a uid; base58 is slow, so each is made once. */
const accounts = new Map<string, { hotkey: string; coldkey: string }>()
function accountsOf(uid: number, block: number): { hotkey: string; coldkey: string } {
  const { hotkey, coldkey } = neuronOf(uid, block)
  let made = accounts.get(hotkey)
  if (made === undefined) {
    made = { hotkey: encodeAddress(hotkey, 42), coldkey: encodeAddress(coldkey, 42) }
    accounts.set(hotkey, made)
  }
  return made
}

const valueOf = (storage: ReadonlyMap<Hex, Hex>, item: string, ...args: unknown[]): unknown =>
  codec.decode(SM, item, storage.get(codec.key(SM, item, ...args)) ?? null)
const entries = (storage: ReadonlyMap<Hex, Hex>, item: string, ...first: unknown[]): Map<unknown, unknown> => {
  const prefix = codec.prefix(SM, item, ...first)
  const found = [...storage].filter(([key]) => key.startsWith(prefix))
  return new Map(
    found.map(([key, value]) => [
      codec.decodeKey(SM, item, key).slice(first.length).join(),
      codec.decode(SM, item, value),
    ]),
  )
}
const stakeOf = (storage: ReadonlyMap<Hex, Hex>, hotkey: string) => valueOf(storage, 'TotalHotkeyAlpha', hotkey, 31)

/** Entries in one order, as text. */
const texts = (list: [unknown, unknown][]): string[] =>
  list
    .map((entry) =>
      JSON.stringify(entry, (_key, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)),
    )
    .sort()

describe('the state', () => {
  it('decodes and encodes to itself, key by key', () => {
    expect(misencoded(fork.storage, codec, metadata)).toEqual([])
    expect(fork.storage.size).toBeGreaterThan(2_700)
  })

  it('holds uid 10 as written out by hand', () => {
    // blake2_256 of epochdiff/sn31/hotkey/10/2790423 and .../coldkey/..., each with its blake2_128 in front.
    const hot = '230bba9ef8a575fb9686d236e594488529703a985e0d99295bab388253120031c79856400b55e7ab2432ee8e0b77d7b2'
    const cold = '7f565b9fd2b7583ccc99fec369dde9f6bce22777c694b7dda9b6fe9bdf3484570cc4c326c1583cd360fa155ddd455204'
    const raw = (item: string, rest: string) => fork.storage.get(`${codec.prefix(SM, item)}${rest}`)
    expect(raw('Keys', '1f000a00')).toBe(`0x${hot.slice(32)}`)
    expect(raw('Uids', `1f00${hot}`)).toBe('0x0a00')
    expect(raw('IsNetworkMember', `${hot}1f00`)).toBe('0x01')
    expect(raw('BlockAtRegistration', '1f000a00')).toBe('0x17942a0000000000')
    expect(raw('Owner', hot)).toBe(`0x${cold.slice(32)}`)
    expect(raw('StakingHotkeys', cold)).toBe(`0x04${hot.slice(32)}`)
    // 1252289243810697 rao; as many shares: 125228924381069700000 * 10^-5.
    expect(raw('TotalHotkeyAlpha', `${hot}1f00`)).toBe('0x898b884ff3720400')
    const shares = '0xa0ebe9b93b83e6c90600000000000000fbffffffffffffff'
    expect(raw('TotalHotkeySharesV2', `${hot}1f00`)).toBe(shares)
    expect(raw('AlphaV2', `${hot}${cold}1f00`)).toBe(shares)
    // Its row of the first sample starts with uids 10 and 17 of 29.
    expect(raw('Weights', '1f000a00')).toMatch(/^0x74/)
    expect(valueOf(fork.storage, 'Weights', 31, 10)).toEqual(weightRow(data, 1))
  })

  it('pairs each uid with its hotkey and the recorded stake, which all is alpha of the subnet', () => {
    const keys = entries(fork.storage, 'Keys', 31)
    expect(keys.size).toBe(256)
    expect(new Set(keys.values()).size).toBe(256)
    let total = 0n
    for (const [uid, hotkey] of keys) {
      expect(valueOf(fork.storage, 'Uids', 31, hotkey)).toBe(Number(uid))
      expect(stakeOf(fork.storage, hotkey as string)).toBe(BigInt(data.stake[Number(uid)] ?? 0))
      total += stakeOf(fork.storage, hotkey as string) as bigint
    }
    expect(total).toBe(4_955_213_891_838_382n)
    expect(valueOf(fork.storage, 'SubnetAlphaOut', 31)).toBe(total)
    expect(valueOf(fork.storage, 'SubnetOwnerHotkey', 31)).toBe(encodeAddress(subnetOwner().hotkey, 42))
    expect([...keys.values()]).not.toContain(encodeAddress(subnetOwner().hotkey, 42))
  })

  it('has its shares in canonical form', () => {
    for (const shares of entries(fork.storage, 'AlphaV2').values()) {
      const { mantissa } = shares as { mantissa: bigint }
      expect(mantissa > 10n ** 20n && mantissa <= 10n ** 21n).toBe(true)
    }
    expect(entries(fork.storage, 'AlphaV2').size).toBe(196)
  })

  it('holds every assumption, also another one', () => {
    const other: Sn31Assumptions = {
      ...assume,
      networkRegisteredAt: 1,
      maxAllowedValidators: 2,
      activityCutoffFactorMilli: 3,
      stakeThreshold: 4,
      kappa: 5,
      bondsMovingAverage: 6,
      bondsPenalty: 7,
      yuma3On: true,
      liquidAlphaOn: true,
      alphaValues: [8, 9],
      alphaSigmoidSteepness: -10,
      ownerCutEnabled: false,
      subnetOwnerCut: 11,
      delegateTake: 12,
      taoWeight: '13',
    }
    const { storage } = forkSn31({ data, assume: other, codec, wasm, epochs: 1 }).fork
    const values = (item: string) => valueOf(storage, item, 31)
    expect(values('NetworkRegisteredAt')).toBe(1n)
    expect(values('FirstEmissionBlockNumber')).toBe(1n)
    expect(values('MaxAllowedValidators')).toBe(2)
    expect(values('ActivityCutoffFactorMilli')).toBe(3)
    expect(valueOf(storage, 'StakeThreshold')).toBe(4n)
    expect(values('Kappa')).toBe(5)
    expect(values('BondsMovingAverage')).toBe(6n)
    expect(values('BondsPenalty')).toBe(7)
    expect(values('Yuma3On')).toBe(true)
    expect(values('LiquidAlphaOn')).toBe(true)
    expect(values('AlphaValues')).toEqual([8, 9])
    expect(values('AlphaSigmoidSteepness')).toBe(-10)
    expect(values('OwnerCutEnabled')).toBe(false)
    expect(valueOf(storage, 'SubnetOwnerCut')).toBe(11)
    expect(valueOf(storage, 'Delegates', neuronOf(10, 2_790_423).hotkey)).toBe(12)
    expect(valueOf(storage, 'TaoWeight')).toBe(13n)
    expect(values('Tempo')).toBe(360)
    expect(values('CommitRevealWeightsEnabled')).toBe(false)
  })

  it('stands one tempo before the first sample', () => {
    expect(fork.header.number).toBe(3_599_640)
    expect(valueOf(fork.storage, 'LastEpochBlock', 31)).toBe(3_599_640n)
    expect(codec.decode('System', 'Number', fork.storage.get(codec.key('System', 'Number')) ?? null)).toBe(3_599_640)
    expect(fork.storage.get(CODE)).toHaveLength(2 + 2 * wasm.length)
  })
})

describe('the feed', () => {
  it('has a step for each sample', () => {
    expect(feed.steps.map(({ block }) => block)).toEqual(data.blocks)
    expect(feed.steps.reduce((rows, { weightRows }) => rows + weightRows, 0)).toBe(2_869)
    expect(forkSn31({ data, assume, codec, wasm, epochs: 7 }).feed.steps).toEqual(feed.steps.slice(0, 7))
  })

  it('names the 13 registrations of 11 uids', () => {
    const registrations = feed.steps.flatMap(({ registrations }, sample) =>
      registrations.map(({ uid }) => [sample, uid]),
    )
    expect(registrations).toEqual([
      [10, 245],
      [11, 241],
      [12, 240],
      [26, 235],
      [38, 233],
      [38, 234],
      [44, 252],
      [45, 232],
      [48, 231],
      [49, 230],
      [54, 245],
      [66, 240],
      [85, 229],
    ])
  })

  it('changes nothing at the first sample, whose state the fork is', () => {
    const [first] = feed.steps
    if (first === undefined) throw new Error('no step')
    for (const [key, value] of applyFeedStep((key) => fork.storage.get(key) ?? null, first)) {
      expect(fork.storage.get(key) ?? null).toBe(value)
    }
  })

  it('leaves after each step exactly what was recorded', () => {
    const state = new Map(fork.storage)
    // Outputs that a replacement has to clear: as if every uid had had some.
    state.set(
      codec.key(SM, 'Emission', 31),
      codec.encode(
        SM,
        'Emission',
        Array.from({ length: 256 }, () => 7),
      ),
    )
    state.set(codec.key(SM, 'Bonds', 31, 245), codec.encode(SM, 'Bonds', [[1, 2]]))
    const replaced = new Set<number>()
    feed.steps.forEach((step, sample) => {
      for (const [key, value] of applyFeedStep((key) => state.get(key) ?? null, step)) {
        if (value === null) state.delete(key)
        else state.set(key, value)
      }
      // As text: the matcher would take minutes over a quarter of a million weights.
      const same = (found: Map<unknown, unknown>, wanted: [key: string, value: unknown][] | undefined) =>
        expect(texts([...found])).toEqual(texts(wanted ?? []))
      const registered = data.registrationBlock[sample] ?? []
      const hotkeys = registered.map((block, uid) => accountsOf(uid, block).hotkey)
      same(
        entries(state, 'Weights', 31),
        data.weights[sample]?.map(([uid, row]) => [String(uid), weightRow(data, row)]),
      )
      same(
        entries(state, 'BlockAtRegistration', 31),
        registered.map((block, uid) => [String(uid), block]),
      )
      same(
        entries(state, 'Keys', 31),
        hotkeys.map((hotkey, uid) => [String(uid), hotkey]),
      )
      same(
        entries(state, 'Uids', 31),
        hotkeys.map((hotkey, uid) => [hotkey, uid]),
      )
      same(
        entries(state, 'IsNetworkMember'),
        hotkeys.map((hotkey) => [`${hotkey},31`, true]),
      )
      expect(String(valueOf(state, 'LastUpdate', 31))).toBe(String(data.lastUpdate[sample]))
      for (const { uid, hotkey } of step.registrations) {
        replaced.add(uid)
        expect(hotkeys[uid]).toBe(hotkey)
        expect(stakeOf(state, hotkey)).toBe(0n)
        expect(valueOf(state, 'Owner', hotkey)).toBe(accountsOf(uid, registered[uid] ?? 0).coldkey)
      }
      const emission = valueOf(state, 'Emission', 31) as bigint[]
      expect(emission.flatMap((amount, uid) => (amount === 0n ? [uid] : []))).toEqual(
        [...replaced].sort((a, b) => a - b),
      )
    })
    expect(state.has(codec.key(SM, 'Bonds', 31, 245))).toBe(false)
    // A replaced hotkey keeps its stake: uid 252 had 330,836,129 rao.
    expect(stakeOf(state, neuronOf(252, 3_438_998).hotkey)).toBe(330_836_129n)
    expect(entries(state, 'TotalHotkeyAlpha')).toEqual(entries(fork.storage, 'TotalHotkeyAlpha'))
  })
})

describe('what the report says', () => {
  it('counts what is recorded', () => {
    const said = fork.source.recorded.join(' ')
    expect(said).toContain('196 above zero, 4,955,213 in all; 64 validator permits')
    expect(said).toContain('100 epochs, 360 blocks apart: 2,869 weight rows')
    expect(said).toContain('13 registrations')
    const short = forkSn31({ data, assume, codec, wasm, epochs: 1 }).fork.source
    expect(short.recorded.join(' ')).toContain(
      'Inputs of 1 epoch: 28 weight rows with their last updates, 0 registrations',
    )
    expect(short.name).toContain('blocks 3,600,000 to 3,600,000')
  })

  it('follows the assumptions', () => {
    expect(fork.source.assumed.join(' ')).toContain('Yuma2, Tempo 360, MaxAllowedValidators 64, Kappa 32767')
    expect(fork.source.assumed.join(' ')).toContain('Owner cut 18.00 %')
    expect(fork.source.assumed.join(' ')).toContain('A uid is inactive 5,000 blocks after')
    const other = { ...assume, yuma3On: true, liquidAlphaOn: true, ownerCutEnabled: false, kappa: 1 }
    const said = forkSn31({ data, assume: other, codec, wasm, epochs: 1 }).fork.source.assumed.join(' ')
    expect(said).toContain('Yuma3 with liquid alpha (AlphaValues 45875 to 58982')
    expect(said).toContain('Kappa 1,')
    expect(said).toContain('No owner cut')
  })
})

describe('the reference runtime', () => {
  it('runs an epoch on it at the block of each sample, of 360 blocks of emission', async () => {
    const engine = await openEngine('native')
    try {
      const arm = await engine.openArm({ name: 'baseline', wasm, storage: fork.storage })
      const blocks: number[] = []
      for await (const record of replayEpochs(arm, {
        codec,
        head: fork.header,
        netuids: [31],
        epochs: 2,
        mode: 'jump',
        feed,
      })) {
        blocks.push(record.block)
        const incentive = codec.decode(
          SM,
          'Incentive',
          record.post.get(codec.key(SM, 'Incentive', 31)) ?? null,
        ) as number[]
        expect(incentive.filter((share) => share > 0).length).toBeGreaterThan(20)
        const paid = (state: ReadonlyMap<Hex, Hex>) =>
          [...entries(state, 'TotalHotkeyAlpha').values()].reduce<bigint>((sum, amount) => sum + (amount as bigint), 0n)
        // 360 alpha less what rounding keeps.
        const credited = paid(record.post) - paid(record.pre)
        expect(credited <= 360_000_000_000n && credited > 359_999_990_000n).toBe(true)
      }
      expect(blocks).toEqual([3_600_000, 3_600_360])
    } finally {
      await engine.close()
    }
  })
})
