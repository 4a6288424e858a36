import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { RunResult } from '../harness/report/runResult.js'
import { runCli } from './runCli.js'
import { runForResult } from './runResult.js'

const ALICE = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY'
const BOB = '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'epochdiff-'))
  writeFileSync(join(folder, 'small.fork.yaml'), 'version: 1\nbuiltIn: small\nseed: 1\n')
})
afterAll(() => rmSync(folder, { recursive: true }))

function scenario(name: string, patches: readonly object[], more: object = {}): string {
  const head = { version: 1, name: 'parts', title: 'Parts', fork: 'small.fork.yaml', runtime: 'reference' }
  const file = join(folder, `${name}.yaml`)
  writeFileSync(file, stringify({ ...head, subnets: [1], replay: { epochs: 1, mode: 'jump' }, ...more, patches }))
  return file
}

const cap = { kind: 'policy', policy: 'stake-cap', percentile: 60 }
const kappa = { kind: 'storage', set: { 'SubtensorModule.Kappa(1)': 43_690 } }
const weighted = { kind: 'policy', policy: 'performance-weighted', lambda: 0.5 }

const rolesOf = ({ rewards }: RunResult) =>
  rewards.roles.map(({ netuid, role, changeRao }) => ({ netuid, role, changeRao }))

/** Changes as the run itself states them. */
function gini({ concentration }: RunResult, distribution: string, unit: string): number | null {
  const found = concentration.find((each) => each.distribution === distribution && each.unit === unit)
  const [ours, theirs] = [found?.candidate.gini ?? null, found?.baseline.gini ?? null]
  return ours === null || theirs === null ? null : ours - theirs
}

it('is of each part what a run of it alone is, and the interaction is the rest', async () => {
  const whole = await runForResult([scenario('whole', [cap, kappa, weighted]), '--attribute'])
  const parts = [[cap], [kappa], [weighted], [kappa, weighted], [cap, weighted], [cap, kappa]]
  const runs: RunResult[] = []
  for (const [index, patches] of parts.entries()) {
    runs.push((await runForResult([scenario(`part-${index}`, patches)])).result)
  }
  const { attribution } = whole.result
  if (attribution === undefined) throw new Error('no attribution')
  const { alone, allBut, interaction } = attribution
  expect(attribution.whole.roles).toEqual(rolesOf(whole.result))
  const found = [...alone, ...allBut]
  expect(found.map(({ patches }) => patches)).toEqual([[0], [1], [2], [1, 2], [0, 2], [0, 1]])
  found.forEach(({ effect, error }, index) => {
    const run = runs[index] as RunResult
    expect(error).toBeNull()
    expect(effect?.roles).toEqual(rolesOf(run))
    for (const distribution of ['rewards', 'stakeWeights']) {
      for (const unit of ['hotkey', 'coldkey']) {
        const metric = effect?.metrics.find(({ metric: name }) => name === `change.${distribution}.${unit}.gini`)
        expect(metric?.value).toBe(gini(run, distribution, unit))
      }
    }
  })
  // What the parts have in common is not theirs alone, to the rao.
  expect(interaction?.roles.some(({ changeRao }) => changeRao !== '0')).toBe(true)
  interaction?.roles.forEach(({ changeRao }, index) => {
    const singles = runs.slice(0, 3).map(({ rewards }) => BigInt(rewards.roles[index]?.changeRao ?? 0))
    expect(BigInt(changeRao) + singles.reduce((sum, rao) => sum + rao)).toBe(
      BigInt(whole.result.rewards.roles[index]?.changeRao ?? 0),
    )
  })
  // A run that attributes is otherwise the run it is.
  const plain = (await runForResult([scenario('whole', [cap, kappa, weighted])])).result
  expect(whole.result.rewards).toEqual(plain.rewards)
  expect(plain.attribution).toBeUndefined()
}, 600_000)

it('says of a part that cannot run why, and shows all in the report', async () => {
  const data = { free: '1000000000', reserved: 0, frozen: 0, flags: '170141183460469231731687303715884105728' }
  const account = { nonce: 0, consumers: 0, providers: 1, sufficients: 0, data }
  const patches = [
    { kind: 'storage', set: { [`System.Account(${ALICE})`]: account } },
    { kind: 'call', call: 'Balances.force_transfer', args: { source: ALICE, dest: BOB, value: 1_000_000 } },
  ]
  const file = scenario('needs', patches, { attribution: true })
  const { result } = await runForResult([file])
  expect(result.attribution?.alone.map(({ error }) => error?.slice(0, 4) ?? null)).toEqual([null, 'E365'])
  expect(result.attribution?.interaction).toBeNull()
  const { stdout } = await runCli(['run', file])
  const text = stdout.replaceAll(/\s+/g, ' ')
  expect(text).toContain('Attribution on subnet 1')
  expect(text).toContain('B cannot run without the others: E365: ')
}, 600_000)

it('of a single patch is refused', async () => {
  const { exitCode, stderr } = await runCli(['run', scenario('one', [cap]), '--attribute'])
  expect(exitCode).toBe(2)
  expect(stderr).toMatch(/error E372: The candidate has one patch/)
}, 120_000)
