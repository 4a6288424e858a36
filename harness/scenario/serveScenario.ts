import { serveArm } from '../engine/chopsticks/serveArm.js'
import type { EngineArm } from '../engine/engine.js'
import { openEngine } from '../engine/openEngine.js'
import { hooksNotServed } from '../errors/hooks.js'
import type { BlockHeader } from '../fork/blockHeader.js'
import type { ForkHeader, Hex } from '../fork/forkState.js'
import type { StorageCodec } from '../fork/storageCodec.js'
import { CODE_KEY, madeUpHash } from '../fork/storageParts.js'
import { slotDigest, type Slots } from '../replay/slots.js'
import { hooksOf } from '../runtime/patch.js'
import { candidateArms } from './candidateArms.js'
import { openFork, type OpenForkOptions, type RunFork } from './openFork.js'
import { requireNoneLate } from './requireNoneLate.js'
import type { LoadedScenario } from './scenario.js'

export interface ServeOptions extends OpenForkOptions {
  readonly arm: 'baseline' | 'candidate'
  /** 0 takes a free one. */
  readonly port: number
  /** Called once clients can connect. */
  readonly onReady: (served: { readonly url: string; readonly block: number }) => void
}

/** Serves an arm of a scenario as it starts, at the fork's block, until the signal is aborted.
 *  @throws what `runScenario` throws before its replay, E528, and for a candidate with hooks E351, for one with a call after an upgrade E371 */
export async function serveScenario(loaded: LoadedScenario, options: ServeOptions): Promise<void> {
  const { scenario } = loaded
  const { signal } = options
  const files = [...new Set(hooksOf(scenario.patches).map(({ file }) => file))]
  if (options.arm === 'candidate' && files.length > 0) throw hooksNotServed({ files })
  const engine = await openEngine('native', { signal })
  let opened: RunFork | undefined
  try {
    opened = await openFork(engine, loaded, options)
    const { fork, feed, wasm, codec, version, slots } = opened
    const { epochs, mode } = scenario.replay
    const plan = { codec, head: fork.header, netuids: scenario.subnets, epochs, mode, feed, slots }
    const arms = candidateArms({
      engine,
      fork,
      plan,
      runtime: { wasm, codec, version },
      loaded,
      hooks: new Map(),
      signal,
    })
    const start = options.arm === 'candidate' ? await arms.prepare(scenario.patches, loaded.patchPlaces) : undefined
    if (start !== undefined) requireNoneLate('epochdiff serve', start.patched)
    const arm = await engine.openArm({ name: options.arm, wasm, storage: fork.storage, remote: fork.remote })
    await arm.write([...(start?.patched.writes ?? []), [CODE_KEY, hexOf(start?.wasm ?? wasm)]])
    const clock = slots && (slots.headSlot > 0n ? slots : await startClock(arm, codec, slots))
    signal.throwIfAborted()
    const block = {
      chain: `epochdiff ${scenario.name} (${options.arm})`,
      header: opened.chain?.block.header ?? madeUpHeader(fork.header, clock),
      slotDurationMs: slots?.durationMs,
      properties: { ss58Format: 42, tokenDecimals: 9, tokenSymbol: 'TAO' },
    }
    const served = await serveArm(arm, block, options.port)
    try {
      options.onReady({ url: served.url, block: fork.header.number })
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    } finally {
      await served.close()
    }
  } finally {
    await engine.close()
    await opened?.chain?.close()
  }
}

/** A genesis has no clock, and Chopsticks would invent a slot that its timestamp does not fit: it is set to now. */
async function startClock(arm: EngineArm, codec: StorageCodec, slots: Slots): Promise<Slots> {
  const headSlot = BigInt(Date.now()) / slots.durationMs
  const values: readonly (readonly [pallet: string, item: string, value: bigint])[] = [
    ['Timestamp', 'Now', headSlot * slots.durationMs],
    [slots.consensus === 'babe' ? 'Babe' : 'Aura', 'CurrentSlot', headSlot],
  ]
  await arm.write(values.map(([pallet, item, value]) => [codec.key(pallet, item), codec.encode(pallet, item, value)]))
  return { ...slots, headSlot }
}

/** What stands for the header that a state without one lacks: the block is served under this header's hash, not under the fork's. */
function madeUpHeader({ number, hash }: ForkHeader, clock: Slots | undefined): BlockHeader {
  const zero: Hex = `0x${'00'.repeat(32)}`
  return {
    number,
    parentHash: number === 0 ? zero : madeUpHash(`parent of ${hash}`),
    stateRoot: zero,
    extrinsicsRoot: zero,
    // The next block's slot is this one's and one: without a digest Chopsticks gives blocks none.
    digest: clock === undefined ? [] : [logOf(slotDigest(clock, clock.headSlot))],
  }
}

/** The only item of a digest. */
const logOf = (digest: Hex): Hex => `0x${digest.slice(4)}`

const hexOf = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString('hex')}`
