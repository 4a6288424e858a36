import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Hex } from '../harness/fork/forkState.js'
import type { StorageCodec } from '../harness/fork/storageCodec.js'
import { openStorage, type Put, putSystem } from '../harness/fork/storageParts.js'
import { expandRuntime } from '../harness/runtime/runtimeBlob.js'
import { storageItems } from './storageItems.js'

const SM = 'SubtensorModule'
type SafeFloat = { readonly mantissa: bigint; readonly exponent: bigint | number }

/** A state of spec 425 written in the layout of an older runtime: items that both have are taken over; shares, pendings and, before
 *  dTAO, stakes are translated. Whatever the older runtime has no place for is left out.
 *  @param from the reference runtime's codec, which reads `storage`; `metadata` its metadata
 *  @param to the older runtime's codec */
export function inOlderLayout(
  storage: ReadonlyMap<Hex, Hex>,
  from: { readonly codec: StorageCodec; readonly metadata: Hex },
  to: { readonly codec: StorageCodec; readonly wasm: Uint8Array },
): Map<Hex, Hex> {
  const { storage: made, put } = openStorage(to.codec, to.wasm)
  const items = storageItems(from.codec, from.metadata)
  const beforeDynamicTao = to.codec.has(SM, 'TotalHotkeyStake')
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
        putAccount(put, to.codec, args, decoded)
        break
      default:
        if (to.codec.has(pallet, item)) put(pallet, item, args, decoded)
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

function putAccount(put: Put, codec: StorageCodec, args: readonly unknown[], account: unknown): void {
  const { data, ...rest } = account as { data: Record<string, unknown> }
  // Before 2023 two amounts were frozen separately, and there were no flags.
  const older = { ...data, miscFrozen: 0n, feeFrozen: 0n, misc_frozen: 0n, fee_frozen: 0n }
  for (const candidate of [data, older]) {
    try {
      put('System', 'Account', args, { ...rest, data: candidate })
      return
    } catch (error) {
      if (candidate === older || codec === undefined) throw error
    }
  }
}

/** A runtime of the chain that EPOCHDIFF_RUNTIMES holds, uncompressed; `undefined` when it does not. */
export function realRuntime(spec: number): Uint8Array | undefined {
  const folder = process.env['EPOCHDIFF_RUNTIMES'] ?? ''
  const file = join(folder, `spec${spec}.wasm`)
  return folder !== '' && existsSync(file) ? expandRuntime(readFileSync(file)) : undefined
}
