import type { Hex } from '../harness/fork/forkState.js'
import type { StorageCodec } from '../harness/fork/storageCodec.js'
import type { EpochRecord } from '../harness/replay/epochRecord.js'

const SM = 'SubtensorModule'

/** Items of the reference runtime that a chain's runtime had first, or last, in some spec. */
const SINCE: readonly (readonly [path: string, spec: number])[] = [
  [`${SM}.LastEpochBlock`, 423],
  [`${SM}.PendingEpochAt`, 423],
  [`${SM}.MinerBurned`, 421],
  [`${SM}.SubnetProtocolAlpha`, 413],
  [`${SM}.OwnerCutEnabled`, 411],
  ['AlphaAssets.AlphaBurned', 411],
  ['AlphaAssets.AlphaRecycled', 411],
  [`${SM}.AlphaV2`, 401],
  [`${SM}.TotalHotkeySharesV2`, 401],
  [`${SM}.RootAlphaDividendsPerSubnet`, 361],
  [`${SM}.PendingServerEmission`, 343],
  [`${SM}.PendingValidatorEmission`, 343],
]
const UNTIL: readonly (readonly [path: string, spec: number])[] = [[`${SM}.PendingEmission`, 342]]

/** An epoch that the reference runtime ran by the rules of a spec, as a chain of that spec would have stored it: what came later is left
 *  out, shares are of the first version (up to 400), and up to 360 dividends for root are recorded with those on the subnet. */
export function inLayoutOf(
  spec: number,
  codec: StorageCodec,
  record: EpochRecord,
): { codec: StorageCodec; record: EpochRecord } {
  const hidden = new Set([
    `${SM}.RulesOfSpec`,
    ...SINCE.filter(([, first]) => spec < first).map(([path]) => path),
    ...UNTIL.filter(([, last]) => spec > last).map(([path]) => path),
  ])
  const twin: StorageCodec = { ...codec, has: (...path) => !hidden.has(path.join('.')) && codec.has(...path) }
  const state = (entries: ReadonlyMap<Hex, Hex>) => translated(spec, codec, entries)
  return { codec: twin, record: { ...record, pre: state(record.pre), post: state(record.post) } }
}

function translated(spec: number, codec: StorageCodec, entries: ReadonlyMap<Hex, Hex>): ReadonlyMap<Hex, Hex> {
  const state = new Map(entries)
  const each = (item: string, use: (args: readonly unknown[], value: unknown) => void) => {
    const prefix = codec.prefix(SM, item)
    for (const [key, value] of entries) {
      if (key.startsWith(prefix)) use(codec.decodeKey(SM, item, key), codec.decode(SM, item, value))
    }
  }
  state.set(
    codec.key('System', 'LastRuntimeUpgrade'),
    codec.encode('System', 'LastRuntimeUpgrade', { spec_name: '', spec_version: spec }),
  )
  if (spec < 401) {
    for (const item of ['Alpha', 'TotalHotkeyShares']) {
      each(`${item}V2`, (args, value) => {
        state.set(codec.key(SM, item, ...args), codec.encode(SM, item, u64f64(value)))
      })
    }
  }
  if (spec < 361) {
    each('RootAlphaDividendsPerSubnet', (args, value) => {
      const key = codec.key(SM, 'AlphaDividendsPerSubnet', ...args)
      const own = codec.decode(SM, 'AlphaDividendsPerSubnet', state.get(key) ?? null) as bigint
      state.set(key, codec.encode(SM, 'AlphaDividendsPerSubnet', own + (value as bigint)))
    })
  }
  return state
}

/** Bits of the nearest U64F64 that is not larger. */
function u64f64(share: unknown): bigint {
  const { mantissa, exponent } = share as { mantissa: bigint; exponent: bigint | number }
  const power = Number(exponent)
  return power < 0 ? (mantissa << 64n) / 10n ** BigInt(-power) : (mantissa * 10n ** BigInt(power)) << 64n
}
