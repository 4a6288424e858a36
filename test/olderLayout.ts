import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Engine } from '../harness/engine/engine.js'
import type { Hex } from '../harness/fork/forkState.js'
import { forkSmall } from '../harness/fork/small.js'
import { createStorageCodec, type StorageCodec } from '../harness/fork/storageCodec.js'
import { openStorage, type Put, putSystem } from '../harness/fork/storageParts.js'
import { loadPrebuilt } from '../harness/runtime/prebuilt.js'
import { expandRuntime } from '../harness/runtime/runtimeBlob.js'
import { storageItems } from './storageItems.js'

const SM = 'SubtensorModule'
const EMISSION_RAO_A_BLOCK = 300_000_000n
type SafeFloat = { readonly mantissa: bigint; readonly exponent: bigint | number }

/** A state of spec 425 written in the layout of an older runtime: items that both have are taken over; shares, pendings and, before
 *  dTAO, stakes are translated. Whatever the older runtime has no place for is left out.
 *  @param from the reference runtime's codec, which reads `storage`; `metadata` its metadata
 *  @param to the older runtime's codec */
function inOlderLayout(
  storage: ReadonlyMap<Hex, Hex>,
  from: { readonly codec: StorageCodec; readonly metadata: Hex },
  to: { readonly codec: StorageCodec; readonly wasm: Uint8Array },
): Map<Hex, Hex> {
  const { storage: made, put } = openStorage(to.codec, to.wasm)
  const items = storageItems(from.codec, from.metadata)
  const beforeDynamicTao = to.codec.has(SM, 'TotalHotkeyStake')
  const frozenApart =
    to.codec.encode('System', 'Account', to.codec.decode('System', 'Account', null)) !==
    from.codec.encode('System', 'Account', from.codec.decode('System', 'Account', null))
  const sums = openSums(put)
  for (const [key, value] of storage) {
    const path = items.get(key.slice(0, 66))
    if (path === undefined) continue
    const [pallet, item] = path
    const args = from.codec.decodeKey(pallet, item, key)
    const decoded = from.codec.decode(pallet, item, value)
    if (pallet === 'System' && item !== 'Account') continue
    if (![SM, 'System', 'Balances'].includes(pallet)) continue
    // The subnet stood in its key once.
    if (item === 'TaoWeight' && to.codec.has(SM, 'GlobalStake')) continue
    const [hotkey, coldkey] = args
    switch (item) {
      case 'AlphaV2':
        if (beforeDynamicTao) {
          sums.add('Stake', [hotkey, coldkey], integer(decoded as SafeFloat))
          sums.add('TotalHotkeyStake', [hotkey], integer(decoded as SafeFloat))
          sums.add('TotalColdkeyStake', [coldkey], integer(decoded as SafeFloat))
        } else put(SM, 'Alpha', args, shares(to.codec, 'Alpha', decoded as SafeFloat))
        break
      case 'TotalHotkeySharesV2':
        if (!beforeDynamicTao)
          put(SM, 'TotalHotkeyShares', args, shares(to.codec, 'TotalHotkeyShares', decoded as SafeFloat))
        break
      case 'PendingServerEmission':
      case 'PendingValidatorEmission':
        if (to.codec.has(SM, item)) put(SM, item, args, decoded)
        else sums.add('PendingEmission', args, decoded as bigint)
        break
      case 'Account':
        put('System', 'Account', args, frozenApart ? olderAccount(decoded) : decoded)
        break
      default:
        if (to.codec.has(pallet, item)) put(pallet, item, args, decoded)
        // Root decided how much each subnet emits.
        if (item === 'SubnetworkN' && beforeDynamicTao) put(SM, 'EmissionValues', args, EMISSION_RAO_A_BLOCK)
    }
  }
  sums.flush()
  put('Aura', 'Authorities', [], [`0x${'a1'.repeat(32)}`])
  if (to.codec.has('Babe', 'Authorities')) put('Babe', 'Authorities', [], [[`0x${'b1'.repeat(32)}`, 1]])
  const number = Number(from.codec.decode('System', 'Number', storage.get(from.codec.key('System', 'Number')) ?? null))
  const parent = from.codec.decode(
    'System',
    'ParentHash',
    storage.get(from.codec.key('System', 'ParentHash')) ?? null,
  ) as Hex
  putSystem(put, to.codec, { number, hash: parent }, parent)
  return made
}

/** Amounts that several entries of the newer layout add up to. */
function openSums(put: Put) {
  const sums = new Map<string, { item: string; args: readonly unknown[]; rao: bigint }>()
  return {
    add(item: string, args: readonly unknown[], rao: bigint) {
      const name = `${item} ${args.join(' ')}`
      const sum = sums.get(name) ?? { item, args, rao: 0n }
      sum.rao += rao
      sums.set(name, sum)
    },
    flush() {
      for (const { item, args, rao } of sums.values()) put(SM, item, args, rao)
    },
  }
}

const integer = ({ mantissa, exponent }: SafeFloat): bigint => mantissa / 10n ** BigInt(-Number(exponent))

/** As many shares as rao: U64F64, or plain integers in the first layout of dTAO (spec 218). */
function shares(codec: StorageCodec, item: string, value: SafeFloat): bigint {
  const bytes = (codec.encode(SM, item, 0n).length - 2) / 2
  return bytes === 16 ? integer(value) << 64n : integer(value)
}

/** Two amounts were frozen separately once, and there were no flags. */
function olderAccount(account: unknown): unknown {
  const { data, ...rest } = account as { data: { free: bigint; reserved: bigint } }
  return { ...rest, data: { free: data.free, reserved: data.reserved, misc_frozen: 0n, fee_frozen: 0n } }
}

/** A runtime of the chain that EPOCHDIFF_RUNTIMES holds, uncompressed; `undefined` when it does not. */
export function realRuntime(spec: number): Uint8Array | undefined {
  const folder = process.env['EPOCHDIFF_RUNTIMES'] ?? ''
  const file = join(folder, `spec${spec}.wasm`)
  return folder !== '' && existsSync(file) ? expandRuntime(readFileSync(file)) : undefined
}

/** The built-in fork `small`, drawn from a seed, as a state of this runtime. */
export async function olderChain(engine: Engine, wasm: Uint8Array, seed: number) {
  const metadataOf = async (name: string, code: Uint8Array): Promise<Hex> => {
    const arm = await engine.openArm({ name, wasm: code, storage: new Map() })
    try {
      return (await arm.call('Metadata_metadata', '0x')).result
    } finally {
      await arm.close()
    }
  }
  const reference = loadPrebuilt('epochdiff_runtime').wasm
  const metadata = await metadataOf('reference', reference)
  const from = { codec: createStorageCodec(metadata), metadata }
  const { fork } = forkSmall({ seed, codec: from.codec, wasm: reference })
  const own = await metadataOf('older', wasm)
  const codec = createStorageCodec(own)
  // Our own runtimes, of which one is the other's twin.
  const isOwnLayout = codec.has(SM, 'AlphaV2')
  const storage = isOwnLayout ? fork.storage : inOlderLayout(fork.storage, from, { codec, wasm })
  return { codec, metadata: own, head: fork.header, storage }
}
