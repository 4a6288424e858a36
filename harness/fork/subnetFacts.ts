import { EpochdiffError } from '../errors/epochdiffError.js'
import type { Hex } from './forkState.js'
import type { StorageCodec } from './storageCodec.js'

/** What the chain itself says of a subnet. */
export interface SubnetFacts {
  readonly netuid: number
  /** As its owner wrote it: any text at all. */
  readonly name: string | null
  /** Spot price of one alpha in rao of TAO, rounded down, as a decimal; `null` where no pool prices it. */
  readonly alphaPriceRao: string | null
}

type Read = (keys: readonly Hex[]) => Promise<readonly (Hex | null)[]>

const ALPHA_RAO = 1_000_000_000n
const WHOLE_WEIGHT = 10n ** 18n

/** Name and price of subnets at the fork's block. The price is that of the pool: with weights (SwapBalancer) w1 Y / (w2 X) of the
 *  reserves X alpha and Y TAO, with concentrated liquidity (AlphaSqrtPrice) the stored root squared, else Y / X. */
export async function subnetFacts(codec: StorageCodec, read: Read, netuids: readonly number[]): Promise<SubnetFacts[]> {
  const item = async (pallet: string, name: string, netuid: number): Promise<unknown> => {
    if (!codec.has(pallet, name)) return undefined
    const [value = null] = await read([codec.key(pallet, name, netuid)])
    return codec.decode(pallet, name, value)
  }
  const facts: SubnetFacts[] = []
  for (const netuid of netuids) {
    const name = await firstName(codec, read, SUBNET_IDENTITIES, 'subnet_name', [netuid])
    const pool = {
      isPriced: (await item('SubtensorModule', 'SubnetMechanism', netuid)) === 1,
      alphaRao: integer(await item('SubtensorModule', 'SubnetAlphaIn', netuid)),
      taoRao: integer(await item('SubtensorModule', 'SubnetTAO', netuid)),
      quoteWeight: integer((await item('Swap', 'SwapBalancer', netuid)) ?? undefined),
      sqrtPriceBits: integer(await item('Swap', 'AlphaSqrtPrice', netuid)),
    }
    facts.push({ netuid, name: name[0] ?? null, alphaPriceRao: price(pool)?.toString() ?? null })
  }
  return facts
}

/** Items that hold names, the newest first: a migration moves entries, and not every chain has run it. */
const SUBNET_IDENTITIES = ['SubnetIdentitiesV3', 'SubnetIdentitiesV2', 'SubnetIdentities']
const IDENTITIES = ['IdentitiesV2', 'Identities']
/** A longer name is cut. */
const MAX_NAME = 100

/** For each key the name in the first of the items that has one. A name that cannot be read is none: no amount depends on it. */
async function firstName(
  codec: StorageCodec,
  read: Read,
  items: readonly string[],
  member: string,
  keys: readonly unknown[],
): Promise<(string | null)[]> {
  const names: (string | null)[] = keys.map(() => null)
  for (const item of items.filter((name) => codec.has('SubtensorModule', name))) {
    const values = await read(keys.map((key) => codec.key('SubtensorModule', item, key)))
    values.forEach((value, i) => {
      if (value === null || names[i] !== null) return
      try {
        names[i] = memberText(codec.decode('SubtensorModule', item, value), member)
      } catch (error) {
        if (!(error instanceof EpochdiffError)) throw error
      }
    })
  }
  return names
}

/** Names that coldkeys gave themselves (IdentitiesV2, before it Identities), by address; those without one are left out. */
export async function identitiesOf(
  codec: StorageCodec,
  read: Read,
  coldkeys: readonly string[],
): Promise<Record<string, string>> {
  const names = await firstName(codec, read, IDENTITIES, 'name', coldkeys)
  return Object.fromEntries(
    coldkeys.flatMap((coldkey, i) => {
      const name = names[i] ?? null
      return name === null ? [] : [[coldkey, name]]
    }),
  )
}

interface Pool {
  readonly isPriced: boolean
  readonly alphaRao: bigint
  readonly taoRao: bigint
  /** Of the TAO side, in parts of 10^18; 0 where the runtime keeps no weights. */
  readonly quoteWeight: bigint
  /** U64F64; 0 where it is not kept. */
  readonly sqrtPriceBits: bigint
}

function price({ isPriced, alphaRao, taoRao, quoteWeight, sqrtPriceBits }: Pool): bigint | undefined {
  if (!isPriced) return undefined
  if (quoteWeight === 0n && sqrtPriceBits > 0n) return (sqrtPriceBits * sqrtPriceBits * ALPHA_RAO) >> 128n
  if (alphaRao === 0n) return undefined
  if (quoteWeight === 0n) return (taoRao * ALPHA_RAO) / alphaRao
  return (taoRao * (WHOLE_WEIGHT - quoteWeight) * ALPHA_RAO) / (alphaRao * quoteWeight)
}

/** A decoded number, or the only member of a decoded struct. */
function integer(value: unknown): bigint {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number') return BigInt(value)
  if (typeof value !== 'object' || value === null) return 0n
  const members = Object.values(value)
  return members.length === 1 ? integer(members[0]) : 0n
}

/** A byte vector of a decoded struct as text: invalid UTF-8 is replaced, an empty name is none. */
function memberText(struct: unknown, member: string): string | null {
  if (typeof struct !== 'object' || struct === null) return null
  const value: unknown = Object.entries(struct).find(([name]) => name === member)?.[1]
  if (typeof value !== 'string') return null
  const text = value.startsWith('0x') ? Buffer.from(value.slice(2), 'hex').toString('utf8') : value
  return text === '' ? null : [...text.slice(0, 2 * MAX_NAME)].slice(0, MAX_NAME).join('')
}
