import { type BlockHeader, blockHash } from '../../fork/blockHeader.js'
import type { Hex } from '../../fork/forkState.js'
import { lowerBound, upperBound } from '../../fork/sortedKeys.js'
import type { EngineArm } from '../engine.js'

/** A chain as its node would describe it: one block, which is what an arm starts from. */
export interface ServedBlock {
  /** What wallets show. */
  readonly chain: string
  /** It names the block: clients check that a header has the hash it was asked for by. */
  readonly header: BlockHeader
  readonly properties: Readonly<Record<string, unknown>>
  /** `undefined` for a runtime without slots. */
  readonly slotDurationMs: bigint | undefined
}

/** Answers the questions that Chopsticks asks of the node a chain is forked from, out of an arm. */
export function stateProvider(arm: Pick<EngineArm, 'read' | 'entries'>, { chain, header, properties }: ServedBlock) {
  const hash = blockHash(header)
  const { digest, ...named } = header
  const headerJson = { ...named, number: `0x${header.number.toString(16)}`, digest: { logs: digest } }
  // Pages of one prefix follow each other: its keys are listed once.
  let listed: { readonly prefix: Hex; readonly keys: Promise<readonly Hex[]> } | undefined
  const keysBelow = (prefix: Hex): Promise<readonly Hex[]> => {
    if (listed?.prefix !== prefix) {
      listed = { prefix, keys: arm.entries(prefix).then((entries) => entries.map(([key]) => key)) }
    }
    return listed.keys
  }
  const page = async (prefix: Hex, size: number, start: Hex | null | undefined): Promise<readonly Hex[]> => {
    const keys = await keysBelow(prefix)
    const from = start === null || start === undefined ? lowerBound(keys, prefix) : upperBound(keys, start)
    return keys.slice(from, from + size)
  }
  const answers: Readonly<Record<string, (...params: never[]) => unknown>> = {
    system_name: () => 'epochdiff',
    system_chain: () => chain,
    system_properties: () => properties,
    chain_getHeader: () => headerJson,
    chain_getBlock: () => ({ block: { header: headerJson, extrinsics: [] } }),
    chain_getFinalizedHead: () => hash,
    // Blocks before the fork's are not here.
    chain_getBlockHash: (number?: number) => (number === undefined || number === header.number ? hash : null),
    state_getStorage: async (key: Hex) => (await arm.read([key]))[0] ?? null,
    state_queryStorageAt: async (keys: readonly Hex[]) => {
      const values = await arm.read(keys)
      return [{ block: hash, changes: keys.map((key, index) => [key, values[index] ?? null]) }]
    },
    state_getKeysPaged: page,
    childstate_getKeysPaged: () => [],
    childstate_getStorage: () => null,
  }
  return {
    hasSubscriptions: false,
    isClonable: false,
    isConnected: true,
    isReady: Promise.resolve(true),
    clone: (): never => {
      throw new Error('A served state has one provider.')
    },
    connect: () => Promise.resolve(),
    disconnect: () => Promise.resolve(),
    on: (): (() => void) => () => undefined,
    send: async (method: string, params: unknown[]): Promise<never> => {
      const answer = answers[method]
      if (answer === undefined) throw new Error(`${method} is not answered from a fork`)
      return (await answer(...(params as never[]))) as never
    },
    subscribe: () => Promise.reject(new Error('A fork has no new blocks.')),
    unsubscribe: () => Promise.resolve(true),
  }
}
