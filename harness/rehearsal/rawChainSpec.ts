import type { Hex } from '../fork/forkState.js'

interface SpecPlan {
  readonly name: string
  /** Names the folder of a node's data. */
  readonly id: string
  readonly storage: ReadonlyMap<Hex, Hex>
}

/** A raw chain spec (JSON) that nodes start a chain of their own from.
 *  @see https://docs.polkadot.com/develop/parachains/deployment/generate-chain-specs/ */
export function rawChainSpec({ name, id, storage }: SpecPlan): string {
  return JSON.stringify({
    name,
    id,
    chainType: 'Local',
    bootNodes: [],
    telemetryEndpoints: null,
    protocolId: null,
    properties: { ss58Format: 42, tokenDecimals: 9, tokenSymbol: 'TAO' },
    codeSubstitutes: {},
    genesis: { raw: { top: Object.fromEntries(storage), childrenDefault: {} } },
  })
}
