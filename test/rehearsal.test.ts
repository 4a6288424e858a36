import { afterAll, beforeAll, expect, it } from '@jest/globals'
import type { Engine } from '../harness/engine/engine.js'
import { openEngine } from '../harness/engine/openEngine.js'
import type { Hex } from '../harness/fork/forkState.js'
import type { Fault } from '../harness/rehearsal/prepareRehearsal.js'
import { type Rehearsal, rehearse } from '../harness/rehearsal/rehearse.js'
import { rehearsalSchema } from '../harness/rehearsal/rehearsalResult.js'
import { renderRehearsal } from '../harness/rehearsal/renderRehearsal.js'
import { validatorKeys } from '../harness/rehearsal/validatorKeys.js'
import { loadScenario } from '../harness/scenario/loadScenario.js'
import { type AuthoringNetwork, openAuthoringNetwork } from './authoringNode.js'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine('native')
})
afterAll(() => engine.close())

/** A rehearsal whose nodes are the engine itself: what the command does with what nodes say, not what nodes do. */
async function rehearsed(options: {
  readonly fault?: Fault
  readonly upgrade?: 'set-code' | 'authorize'
  readonly tamper?: Parameters<typeof openAuthoringNetwork>[2]['tamper']
}): Promise<Rehearsal & { network: AuthoringNetwork | undefined }> {
  let network: AuthoringNetwork | undefined
  const validators = validatorKeys(2)
  const done = await rehearse(await loadScenario('scenarios/small-stake-cap.yaml', []), {
    validators,
    fault: options.fault,
    upgrade: options.upgrade ?? 'set-code',
    traffic: false,
    provider: 'process',
    progress: { step: () => undefined },
    signal: new AbortController().signal,
    epochs: 1,
    tempo: 6,
    toolVersion: '0',
    nodeVersion: 'the engine',
    stallMs: options.fault === 'panic' ? 8_000 : 60_000,
    openNetwork: async ({ json }) => {
      const spec = JSON.parse(json) as { genesis: { raw: { top: Record<Hex, Hex> } } }
      const genesis = new Map(Object.entries(spec.genesis.raw.top) as [Hex, Hex][])
      const names = validators.map(({ name }) => name)
      const { tamper } = options
      network = await openAuthoringNetwork(engine, genesis, { names, slotMs: 1_000, ...(tamper && { tamper }) })
      return network
    },
  })
  return { ...done, network }
}

it('upgrades in two extrinsics while a validator is away, and finds state roots and ledgers equal', async () => {
  const { result, failure, network } = await rehearsed({ upgrade: 'authorize', fault: 'kill' })
  expect(failure).toBeUndefined()
  expect(rehearsalSchema.parse(result)).toEqual(result)
  const { upgrade, blocks, epochs, nodes } = result
  const { baseline, candidate } = result.runtimes
  expect(candidate.specVersion).toBe(baseline.specVersion + 1)
  expect(blocks.map(({ number }) => number)).toEqual(blocks.map((_, index) => index + 1))
  expect(blocks.map(({ specVersion }) => specVersion)).toEqual(
    blocks.map(({ number }) => baseline.specVersion + (number > (upgrade.block ?? Infinity) ? 1 : 0)),
  )
  expect(nodes.map(({ status }) => status?.specVersion)).toEqual([candidate.specVersion, candidate.specVersion])
  expect(epochs.every(({ nodesRao, engineRao }) => nodesRao === engineRao)).toBe(true)
  const paid = epochs.filter(({ specVersion, nodesRao }) => specVersion === candidate.specVersion && nodesRao !== '0')
  expect(new Set(paid.map(({ netuid }) => netuid))).toEqual(new Set([1, 2, 3]))
  expect(result.timeline.map(({ what }) => what)).toEqual(
    expect.arrayContaining([
      'sudo(authorize_upgrade) is submitted',
      'apply_authorized_upgrade is submitted',
      'bob is killed (fault: kill)',
      'bob is started again',
    ]),
  )
  expect(network?.asked).toEqual(['start alice', 'start bob', 'kill bob', 'start bob', 'close'])
  const text = renderRehearsal(result)
  expect(text).toContain(`State roots equal in all ${blocks.length}`)
  expect(text).toContain('It went as it should')
})

it('a candidate that panics stalls the chain: said with the block, and the network is ended', async () => {
  const { result, failure, network } = await rehearsed({ fault: 'panic' })
  expect(failure?.code).toBe('E806')
  expect(failure?.exitCode).toBe(1)
  expect(failure?.short).toContain(`No block after ${result.upgrade.block} for`)
  expect(failure?.short).toContain('the candidate fails in the next block, on the native engine as well')
  expect(result.failure?.code).toBe('E806')
  expect(renderRehearsal(result)).toContain('It failed (E806)')
  expect(network?.asked.at(-1)).toBe('close')
})

it('a node that has another state than the engine is named by block', async () => {
  const { failure } = await rehearsed({
    tamper: (header) => (header.number === 4 ? { ...header, stateRoot: `0x${'11'.repeat(32)}` } : header),
  })
  expect(failure?.code).toBe('E808')
  expect(failure?.short).toMatch(/^Block 4, the state root/)
})
