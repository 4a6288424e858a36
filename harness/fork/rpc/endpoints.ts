import { endpointInvalid } from '../../errors/chain.js'

/** Public endpoints of Bittensor's chains, by name. */
const RPC_PRESETS = {
  finney: ['wss://entrypoint-finney.opentensor.ai:443'],
  archive: ['wss://archive.chain.opentensor.ai:443'],
  test: ['wss://test.finney.opentensor.ai:443'],
} as const satisfies Readonly<Record<string, readonly string[]>>

export const isPreset = (name: string): boolean => Object.keys(RPC_PRESETS).includes(name)

/** Addresses of nodes, in the order they are tried; presets are replaced by their addresses.
 *  @throws E220 */
export function resolveEndpoints(names: readonly string[]): string[] {
  return [...new Set(names.flatMap(resolveEndpoint))]
}

function resolveEndpoint(name: string): readonly string[] {
  const preset = Object.entries(RPC_PRESETS).find(([known]) => known === name)
  if (preset !== undefined) return preset[1]
  const url = URL.canParse(name) ? new URL(name) : undefined
  if (url === undefined || !['ws:', 'wss:', 'http:', 'https:'].includes(url.protocol))
    throw endpointInvalid({ endpoint: name, presets: Object.keys(RPC_PRESETS) })
  return [name]
}

/** An address as reports show it: without user, password, path and query, which may hold a key of access. */
export function shownEndpoint(address: string): string {
  const { protocol, host } = new URL(address)
  return `${protocol}//${host}`
}
