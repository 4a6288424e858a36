import type { Hex } from '../fork/forkState.js'
import { type RuntimeCalls, type Signer, signerOf } from '../fork/runtimeCalls.js'
import type { StorageCodec } from '../fork/storageCodec.js'
import { SUBTENSOR } from '../fork/storageParts.js'
import { openAccount } from './signer.js'

/** Whoever sends transfers and staking calls: a coldkey and a hotkey of its own, which no subnet knows. */
export interface TrafficAccount {
  readonly signer: Signer
  readonly hotkey: Hex
}

const TAO = 1_000_000_000n
const ROOT = 0

export const trafficAccounts = (): TrafficAccount[] =>
  Array.from({ length: 4 }, (_, index) => ({
    signer: signerOf(`traffic/${index}`),
    hotkey: signerOf(`traffic/hotkey/${index}`).publicKey,
  }))

/** What a genesis needs for them: their hotkeys exist. */
export function trafficStorage(codec: StorageCodec, accounts: readonly TrafficAccount[]): [Hex, Hex][] {
  return accounts.flatMap(({ signer: { publicKey }, hotkey }) => [
    [codec.key(SUBTENSOR, 'Owner', hotkey), codec.encode(SUBTENSOR, 'Owner', publicKey)],
    [codec.key(SUBTENSOR, 'OwnedHotkeys', publicKey), codec.encode(SUBTENSOR, 'OwnedHotkeys', [hotkey])],
    [codec.key(SUBTENSOR, 'Delegates', hotkey), codec.encode(SUBTENSOR, 'Delegates', 0)],
  ])
}

/** The extrinsics of one block after the other: each account makes one call a block, of those that the runtime has in turn. */
export function openTraffic(
  runtime: { readonly calls: RuntimeCalls; readonly codec: StorageCodec },
  accounts: readonly TrafficAccount[],
  genesisHash: Hex,
): { next(): Hex[] } {
  const { calls } = runtime
  const senders = accounts.map((account) => ({
    ...account,
    account: openAccount(runtime, account.signer, genesisHash),
  }))
  const kinds: readonly { name: string; args: (index: number) => Record<string, unknown> }[] = [
    {
      name: 'Balances.transfer_keep_alive',
      args: (index) => ({ dest: { Id: accounts[(index + 1) % accounts.length]?.signer.publicKey }, value: TAO / 10n }),
    },
    {
      name: `${SUBTENSOR}.add_stake`,
      args: (index) => ({ hotkey: accounts[index]?.hotkey, netuid: ROOT, amount_staked: 2n * TAO }),
    },
    {
      name: `${SUBTENSOR}.remove_stake`,
      args: (index) => ({ hotkey: accounts[index]?.hotkey, netuid: ROOT, amount_unstaked: TAO }),
    },
    {
      name: `${SUBTENSOR}.transfer_stake`,
      args: (index) => ({
        destination_coldkey: accounts[(index + 1) % accounts.length]?.signer.publicKey,
        hotkey: accounts[index]?.hotkey,
        origin_netuid: ROOT,
        destination_netuid: ROOT,
        alpha_amount: TAO / 2n,
      }),
    },
  ]
  const known = kinds.flatMap(({ name, args }) => {
    const call = calls.find(name)
    return call === undefined ? [] : [{ call, args }]
  })
  let round = 0
  return {
    next() {
      const extrinsics = senders.flatMap(({ account }, index) => {
        const kind = known[(round + index) % known.length]
        return kind === undefined ? [] : [account.sign(calls.encode(kind.call, kind.args(index)))]
      })
      round += 1
      return extrinsics
    },
  }
}
