import { consensusMissing } from '../errors/rehearsal.js'
import type { ForkState, Hex } from '../fork/forkState.js'
import type { Signer } from '../fork/runtimeCalls.js'
import type { StorageCodec } from '../fork/storageCodec.js'
import { CODE_KEY, SUBTENSOR } from '../fork/storageParts.js'
import { rebaseBlocks } from './blockNumbers.js'
import type { ValidatorKeys } from './validatorKeys.js'

export interface RehearsalGenesis {
  readonly storage: ReadonlyMap<Hex, Hex>
  /** What is otherwise than in the fork, in words. */
  readonly mocks: readonly string[]
}

interface GenesisPlan {
  readonly fork: ForkState
  readonly codec: StorageCodec
  /** What `:code` holds, compressed or not. */
  readonly code: Uint8Array
  /** Words for a code that is not the fork's own. */
  readonly codeMock: string | undefined
  readonly validators: readonly ValidatorKeys[]
  readonly sudo: Signer
  /** Accounts that sign besides sudo. */
  readonly signers: readonly Signer[]
  readonly tempo: number
}

/** What belongs to the last block, or to the consensus of the fork's own chain. */
const OF_THE_LAST_BLOCK: readonly string[] = [
  ...['Number', 'ParentHash', 'BlockHash', 'Digest', 'Events', 'EventCount', 'EventTopics', 'ExtrinsicCount'].map(
    (item) => `System.${item}`,
  ),
  ...['ExtrinsicData', 'BlockWeight', 'BlockSize', 'AllExtrinsicsLen', 'ExecutionPhase', 'InherentsApplied'].map(
    (item) => `System.${item}`,
  ),
  ...['System.AuthorizedUpgrade', 'System.ExtrinsicWeightReclaimed', 'Timestamp.Now', 'Timestamp.DidUpdate'],
  ...['Aura.Authorities', 'Aura.CurrentSlot', 'Grandpa.Authorities', 'Grandpa.CurrentSetId', 'Grandpa.SetIdSession'],
  ...['Grandpa.State', 'Grandpa.PendingChange', 'Grandpa.NextForced', 'Grandpa.Stalled'],
]
/** `:extrinsic_index`, `:intrablock_entropy` */
const WELL_KNOWN: readonly Hex[] = ['0x3a65787472696e7369635f696e646578', '0x3a696e747261626c6f636b5f656e74726f7079']

/** What each signer has for fees: 100 TAO, in rao. */
const PURSE = 100_000_000_000n

/** The fork as the genesis of a chain that `validators` run: the whole state, its block numbers counted from 0, its clock unset.
 *  @param plan.fork whole
 *  @throws E804 for a runtime without Aura, Grandpa or Sudo */
export function rehearsalGenesis(plan: GenesisPlan): RehearsalGenesis {
  const { fork, codec, code, codeMock, validators, sudo, signers, tempo } = plan
  const needed = ['Aura.Authorities', 'Grandpa.Authorities', 'Sudo.Key', 'Timestamp.Now']
  const missing = needed.filter((path) => !codec.has(...split(path)))
  if (missing.length > 0) throw consensusMissing({ missing })

  const storage = new Map(fork.storage)
  for (const path of OF_THE_LAST_BLOCK.filter((each) => codec.has(...split(each)))) {
    const prefix = codec.prefix(...split(path))
    for (const key of storage.keys()) if (key.startsWith(prefix)) storage.delete(key)
  }
  for (const key of WELL_KNOWN) storage.delete(key)
  const put = (pallet: string, item: string, args: readonly unknown[], value: unknown): void => {
    storage.set(codec.key(pallet, item, ...args), codec.encode(pallet, item, value))
  }

  const blocks = rebaseBlocks(codec, storage, fork.header.number)
  for (const [key, value] of blocks.writes) storage.set(key, value)
  const subnets = shortenTempos(codec, storage, tempo)

  storage.set(CODE_KEY, `0x${Buffer.from(code).toString('hex')}`)
  put(
    'Aura',
    'Authorities',
    [],
    validators.map(({ aura }) => aura),
  )
  put(
    'Grandpa',
    'Authorities',
    [],
    validators.map(({ grandpa }) => [grandpa, 1n]),
  )
  if (codec.has('Grandpa', 'SetIdSession')) put('Grandpa', 'SetIdSession', [0n], 0)
  put('Sudo', 'Key', [], sudo.publicKey)
  for (const { publicKey } of [sudo, ...signers]) putAccount(codec, storage, publicKey)

  const names = validators.map(({ name }) => name).join(', ')
  return {
    storage,
    mocks: [
      ...(codeMock === undefined ? [] : [codeMock]),
      `The fork's state after block ${fork.header.number} is the genesis of the rehearsal: blocks count from 0. Blocks in ${blocks.items.join(', ')} are counted from there, past ones are 0; of LastUpdate and BlockAtRegistration only the order is kept, so nobody counts as inactive and no neuron as new. Other block numbers are as they were.`,
      `Tempo ${tempo} for subnets ${subnets.join(', ')}: amounts are those of such epochs, not the proposal's (epochdiff run has those).`,
      `The authorities of Aura and Grandpa are ${names}, the sudo key one of epochdiff's. It and ${signers.length} accounts have ${PURSE / 1_000_000_000n} TAO each that no issuance counts.`,
      'What belongs to the last block, the clock and the consensus of the chain begins anew.',
    ],
  }
}

/** @returns the netuids whose tempo was set */
function shortenTempos(codec: StorageCodec, storage: Map<Hex, Hex>, tempo: number): number[] {
  const prefix = codec.prefix(SUBTENSOR, 'Tempo')
  const found = [...storage].filter(
    ([key, value]) => key.startsWith(prefix) && Number(codec.decode(SUBTENSOR, 'Tempo', value)) !== 0,
  )
  const netuids = found.map(([key]) => Number(codec.decodeKey(SUBTENSOR, 'Tempo', key)[0]))
  for (const [key] of found) storage.set(key, codec.encode(SUBTENSOR, 'Tempo', tempo))
  return netuids.sort((a, b) => a - b)
}

/** An account that can pay fees, whatever it was before. */
function putAccount(codec: StorageCodec, storage: Map<Hex, Hex>, account: Hex): void {
  const key = codec.key('System', 'Account', account)
  const empty = codec.decode('System', 'Account', null) as { data: Record<string, unknown> }
  const data = Object.hasOwn(empty.data, 'free') ? { ...empty.data, free: PURSE } : empty.data
  storage.set(key, codec.encode('System', 'Account', { ...empty, providers: 1, data }))
}

function split(path: string): [pallet: string, item: string] {
  const [pallet = '', item = ''] = path.split('.')
  return [pallet, item]
}
