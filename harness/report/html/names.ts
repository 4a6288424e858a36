import type { RunResult } from '../runResult.js'
import { shownName } from '../shownName.js'
import { shortAddress } from '../shortAddress.js'

/** `subnet 31`, with the name its owner gave it. */
export function subnetName(result: RunResult, netuid: number): string {
  const name = result.subnets.find((subnet) => subnet.netuid === netuid)?.name
  return name === undefined || name === null ? `subnet ${netuid}` : `subnet ${netuid} (${shownName(name, 40)})`
}

type Account = Pick<RunResult['rewards']['accounts'][number], 'hotkey' | 'coldkey' | 'role' | 'uid'>

/** Who is paid, in a few characters (the result's names are shortened already): the name its coldkey gave itself, or its short hotkey; a nominator is its coldkey. */
export function accountName({ identities }: RunResult, { hotkey, coldkey, role }: Account): string {
  const named = Object.hasOwn(identities, coldkey) ? identities[coldkey] : undefined
  if (named !== undefined) return named
  return shortAddress(role === 'nominator' ? coldkey : hotkey)
}
