import { describe, expect, it } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { findNodeBinary } from '../harness/rehearsal/nodeBinary.js'
import { rehearsalSchema, type RehearsalResult } from '../harness/rehearsal/rehearsalResult.js'
import { runCli } from './runCli.js'

// The command on real nodes, as a user runs it. Without a node (EPOCHDIFF_NODE, or that of runtime-patches/node/build.sh) only
// its twins run: rehearsal.test.ts on a network that the engine authors, recordedBlocks.test.ts on blocks that our node made.

const node = await findNodeBinary(undefined).catch(() => undefined)
const onNodes = node === undefined ? it.skip : it
const why = node === undefined ? ' (skipped: no node binary)' : ''

async function rehearsed(...args: string[]): Promise<{ exitCode: number; error: string; result: RehearsalResult }> {
  const { exitCode, stdout, stderr } = await runCli(['rehearse', 'scenarios/small-stake-cap.yaml', '--json', ...args])
  // Every process of a rehearsal has its folder among its arguments.
  const running = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
  expect(running).not.toContain('/epochdiff-rehearsal-')
  const error = /^error (E\d+)/m.exec(stderr)?.[1] ?? ''
  return { exitCode, error, result: rehearsalSchema.parse(JSON.parse(stdout)) }
}

/** Every node took the candidate, and each subnet had as many epochs under it, paid as predicted. */
function expectUpgraded({ result, exitCode }: Awaited<ReturnType<typeof rehearsed>>, epochs: number): void {
  expect([exitCode, result.failure]).toEqual([0, null])
  const { specVersion } = result.runtimes.candidate
  expect(result.nodes.map(({ status }) => status?.specVersion)).toEqual(result.nodes.map(() => specVersion))
  for (const netuid of [1, 2, 3]) {
    const paid = result.epochs.filter((epoch) => epoch.netuid === netuid && epoch.specVersion === specVersion)
    expect(paid.length).toBeGreaterThanOrEqual(epochs)
    for (const { nodesRao, engineRao } of paid)
      expect([nodesRao, nodesRao]).toEqual([engineRao, expect.not.stringMatching(/^0$/)])
  }
  for (const { status } of result.nodes) expect(status?.finalized).toBeGreaterThanOrEqual(result.blocks.length)
}

describe(`on our node${why}`, () => {
  onNodes.each([2, 4])(
    '%d validators take the candidate and pay what was predicted',
    async (validators) => {
      const outcome = await rehearsed('--validators', String(validators))
      expect(outcome.result.nodes).toHaveLength(validators)
      expectUpgraded(outcome, 3)
    },
    400_000,
  )

  onNodes(
    'over 200 blocks with transfers and staking calls have the state roots of the engine',
    async () => {
      const outcome = await rehearsed('--traffic', '--epochs', '20')
      expectUpgraded(outcome, 20)
      const { blocks } = outcome.result
      expect(blocks.length).toBeGreaterThanOrEqual(200)
      // The inherent, and one call of each of four accounts.
      expect(blocks.filter(({ extrinsics }) => extrinsics >= 5).length).toBeGreaterThan(150)
    },
    900_000,
  )

  onNodes.each(['kill', 'late'])(
    'goes on after fault %s',
    async (fault) => {
      const outcome = await rehearsed('--fault', fault)
      expectUpgraded(outcome, 3)
      expect(outcome.result.timeline.map(({ what }) => what).join('\n')).toMatch(/bob is started/)
    },
    400_000,
  )

  onNodes.each([
    ['panic', 'E806'],
    ['overweight', 'E811'],
  ])(
    'says what fault %s does',
    async (fault, code) => {
      const { exitCode, error, result } = await rehearsed('--fault', fault)
      expect([exitCode, error, result.failure?.code]).toEqual([1, code, code])
    },
    400_000,
  )
})
