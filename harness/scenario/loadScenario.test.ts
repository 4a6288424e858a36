import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { EpochdiffError } from '../errors/epochdiffError.js'
import { loadScenario } from './loadScenario.js'

const scenarios = fileURLToPath(new URL('../../scenarios/', import.meta.url))
const capFile = join(scenarios, 'sn31-stake-cap-88.yaml')

let folder: string
let cap: string
let fork: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'epochdiff-'))
  cap = await readFile(capFile, 'utf8')
  fork = await readFile(join(scenarios, 'sn31.fork.yaml'), 'utf8')
  await copyFile(join(scenarios, 'sn31.fork.yaml'), join(folder, 'sn31.fork.yaml'))
})
afterAll(() => rm(folder, { recursive: true }))

/** The fault of the stake-cap scenario (or its fork file) with one piece of text replaced, its folder cut off. */
async function fault(
  replace: string,
  by: string,
  inFork = false,
): Promise<{ code: string; short: string; fix: string }> {
  const [original, name] = inFork ? [fork, 'other.fork.yaml'] : [cap, 's.yaml']
  if (!original.includes(replace)) throw new Error(`nothing to replace: ${replace}`)
  await writeFile(join(folder, name), original.replace(replace, by))
  if (inFork) await writeFile(join(folder, 's.yaml'), cap.replace('sn31.fork.yaml', name))
  const error = await loadScenario(join(folder, 's.yaml')).then(
    () => Promise.reject(new Error('was taken')),
    (thrown: EpochdiffError) => thrown,
  )
  expect(error.exitCode).toBe(2)
  const short = error.short.replaceAll(`${folder}/`, '')
  return { code: error.code, short, fix: error.fix }
}

describe('loadScenario', () => {
  it('reads the stake cap', async () => {
    const { scenario, file, runtimeFile, dataFile, overrides } = await loadScenario(capFile)
    expect(scenario.patches).toEqual([
      { kind: 'policy', policy: 'stake-cap', params: { percentile: 88, scope: 'permitted' } },
    ])
    expect(scenario.replay).toEqual({ epochs: 100, mode: 'jump' })
    expect(scenario.subnets).toEqual([31])
    expect(scenario.fork.assume.maxAllowedValidators).toBe(64)
    expect(scenario.expect).toEqual([])
    expect(file).toBe('sn31-stake-cap-88.yaml')
    expect(runtimeFile).toBeUndefined()
    expect(basename(dataFile)).toBe('sn31.json.gz')
    expect(overrides).toEqual([])
  })

  it('reads the other scenarios', async () => {
    const weighted = await loadScenario(join(scenarios, 'sn31-performance-weighted.yaml'))
    expect(weighted.scenario.patches).toEqual([
      { kind: 'policy', policy: 'performance-weighted', params: { lambda: 0.5, pool: 'both' } },
    ])
    expect((await loadScenario(join(scenarios, 'sn31-noop.yaml'))).scenario.patches).toEqual([])
  })

  it("fills in a policy's defaults", async () => {
    await writeFile(
      join(folder, 's.yaml'),
      cap.replace('    percentile: 88\n', '').replace('    scope: permitted\n', ''),
    )
    const { scenario } = await loadScenario(join(folder, 's.yaml'))
    expect(scenario.patches[0]?.params).toEqual({ percentile: 88, scope: 'permitted' })
  })

  it.each([
    [
      'epochs: 100',
      'epochs: 0',
      's.yaml:12:11: replay.epochs: 0 is not accepted',
      'epochs: How many epochs, 1 to 100.',
    ],
    ['epochs: 100', 'epochs: ten', 's.yaml:12:11: replay.epochs: "ten" is not accepted', '1 to 100'],
    ['epochs: 100', 'epoch: 100', 's.yaml:12:3: replay.epochs: is missing (and 1 more)', '1 to 100'],
    [
      '  mode: jump',
      '  mode: jump\n  modes: x',
      's.yaml:14:3: replay.modes: there is no such key',
      'Did you mean "mode"?',
    ],
    ['version: 1', 'version: 2', 's.yaml:2:10: version: 2 is not accepted', 'Version of this format: 1.'],
    ['subnets: [31]', 'subnets: [31, 1]', 's.yaml:10:10: subnets', 'subnet 31 alone'],
    ['subnets: [31]', 'subnets: [3]', 's.yaml:10:11: subnets[0]: 3 is not accepted', 'subnets[0]'],
    ['title: ', 'titel: ', 's.yaml:2:1: title: is missing (and 1 more)', 'in a line'],
    ['kind: policy', 'kind: hook', 's.yaml:15:11: patches[0].kind: "hook" is not accepted', 'Correct'],
  ])('%s -> %s is placed and explained', async (replace, by, short, fix) => {
    const error = await fault(replace, by)
    expect(error.code).toBe('E103')
    expect(error.short).toContain(short)
    expect(error.fix).toContain(fix)
  })

  it.each(['0', '101', 'abc', '[88]', '.nan', '88.12345678'])(
    'refuses percentile %s with its bounds',
    async (written) => {
      const { code, short, fix } = await fault('percentile: 88', `percentile: ${written}`)
      expect(code).toBe('E103')
      expect(short).toMatch(
        /^s\.yaml:17:17: patches\[0\]\.percentile: Parameter "percentile" of policy "stake-cap" cannot be /,
      )
      expect(fix).toBe('Set "percentile" to a number above 0 up to 100 with at most 7 decimals.')
    },
  )

  it('refuses unknown policies and parameters', async () => {
    expect((await fault('policy: stake-cap', 'policy: stakecap')).short).toMatch(
      /^s\.yaml:16:13: patches\[0\]\.policy: .*"stakecap"/,
    )
    expect((await fault('    scope:', '    scop:')).short).toMatch(/^s\.yaml:18:11: patches\[0\]\.scop: .*"scop"/)
  })

  it('places faults of the fork file in it', async () => {
    expect((await fault('kappa: 32767', 'kappa: 65536', true)).short).toContain(
      'other.fork.yaml:13:10: assume.kappa: 65536 is not accepted',
    )
    expect((await fault('stakeThreshold: 0', 'stakeTreshold: 0', true)).short).toContain(
      'assume.stakeThreshold: is missing',
    )
    expect((await fault('tempo: 360', 'tempo: 361', true)).fix).toContain('360 blocks apart')
    expect((await fault('sha256: f7', 'sha256: F7', true)).short).toContain('sha256')
    expect((await fault("'971718665099567868'", '971718665099567868', true)).fix).toContain('in quotes')
    expect((await fault('[45875, 58982]', '[58982, 45875]', true)).short).toContain('the low value comes first')
  })

  it('takes a runtime blob beside the scenario', async () => {
    await writeFile(join(folder, 's.yaml'), cap.replace('runtime: reference', 'runtime: next.wasm'))
    const { scenario, runtimeFile } = await loadScenario(join(folder, 's.yaml'))
    expect(scenario.runtime).toBe('next.wasm')
    expect(runtimeFile).toBe(join(folder, 'next.wasm'))
  })

  it('refuses files that are not there', async () => {
    await expect(loadScenario(join(folder, 'none.yaml'))).rejects.toThrow(/E101.*none\.yaml/)
    expect(await fault('fork: sn31.fork.yaml', 'fork: none.yaml')).toMatchObject({ code: 'E101' })
  })

  it('refuses a document that is no map', async () => {
    await writeFile(join(folder, 's.yaml'), '- 1\n')
    await expect(loadScenario(join(folder, 's.yaml'))).rejects.toThrow(/E103.*s\.yaml:1:1/)
    await writeFile(join(folder, 's.yaml'), '')
    await expect(loadScenario(join(folder, 's.yaml'))).rejects.toThrow(/E103.*s\.yaml:1:1/)
  })
})
