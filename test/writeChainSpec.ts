import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Engine } from '../harness/engine/engine.js'
import { olderChain } from './olderLayout.js'

/** Writes a raw chain spec of the made-up chain (subnets of 64, 48 and 32 uids) on this runtime, and the fork file that names it.
 *  @param upgradedTo spec of the state's last runtime upgrade; the runtime's own when left out
 *  @returns name of the fork file */
export async function writeChainSpec(
  engine: Engine,
  wasm: Uint8Array,
  folder: string,
  name: string,
  upgradedTo?: number,
): Promise<string> {
  const { codec, storage: made } = await olderChain(engine, wasm, 1)
  const storage = new Map(made)
  if (upgradedTo !== undefined) {
    const upgrade = { spec_version: upgradedTo, spec_name: 'node-subtensor' }
    const path = ['System', 'LastRuntimeUpgrade'] as const
    storage.set(codec.key(...path), codec.encode(...path, upgrade))
  }
  writeFileSync(
    join(folder, `${name}.json`),
    JSON.stringify({ name, genesis: { raw: { top: Object.fromEntries(storage) } } }),
  )
  writeFileSync(join(folder, `${name}.fork.yaml`), `version: 1\nchainSpec: ${name}.json\n`)
  return `${name}.fork.yaml`
}
