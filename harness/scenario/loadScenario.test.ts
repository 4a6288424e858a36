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
    expect(scenario.fork).toMatchObject({ builtIn: 'sn31', assume: { maxAllowedValidators: 64 } })
    expect(scenario.expect).toEqual([])
    expect(file).toBe('sn31-stake-cap-88.yaml')
    expect(runtimeFile).toBeUndefined()
    expect(basename(dataFile ?? '')).toBe('sn31.json.gz')
    expect(overrides).toEqual([])
  })

  it('reads the other scenarios', async () => {
    const weighted = await loadScenario(join(scenarios, 'sn31-performance-weighted.yaml'))
    expect(weighted.scenario.patches).toEqual([
      { kind: 'policy', policy: 'performance-weighted', params: { lambda: 0.5, pool: 'both' } },
    ])
    expect((await loadScenario(join(scenarios, 'sn31-noop.yaml'))).scenario.patches).toEqual([])
  })

  it('reads the other forks', async () => {
    const small = await loadScenario(join(scenarios, 'small-stake-cap.yaml'))
    expect(small.scenario.fork).toEqual({ builtIn: 'small', seed: 1 })
    expect(small.scenario.subnets).toEqual([1, 2, 3])
    expect(small.dataFile).toBeUndefined()
    const shape = await loadScenario(join(scenarios, 'mainnet-shape-stake-cap.yaml'))
    expect(shape.scenario.fork).toMatchObject({ builtIn: 'mainnet-shape', seed: 1 })
    expect(basename(shape.dataFile ?? '')).toBe('subnets-6521727.json.gz')
  })

  it('takes the subnets that the fork has, each once', async () => {
    const text = await readFile(join(scenarios, 'small-stake-cap.yaml'), 'utf8')
    await copyFile(join(scenarios, 'small.fork.yaml'), join(folder, 'small.fork.yaml'))
    const load = async (subnets: string) => {
      await writeFile(join(folder, 's.yaml'), text.replace('subnets: [1, 2, 3]', `subnets: ${subnets}`))
      return loadScenario(join(folder, 's.yaml'))
    }
    expect((await load('[3, 1]')).scenario.subnets).toEqual([3, 1])
    await expect(load('[1, 4]')).rejects.toMatchObject({
      code: 'E103',
      short: expect.stringContaining('subnets[1]: 4 is not accepted, the fork small has no such subnet') as unknown,
      fix: 'Use subnets 1 to 3.',
    })
    await expect(load('[1, 1]')).rejects.toThrow(/a netuid stands twice/)
    await expect(load('[0]')).rejects.toThrow(/subnets\[0\]: 0 is not accepted/)
    await expect(load('[]')).rejects.toThrow(/E103/)
  })

  it("fills in a policy's defaults", async () => {
    await writeFile(
      join(folder, 's.yaml'),
      cap.replace('    percentile: 88\n', '').replace('    scope: permitted\n', ''),
    )
    const { scenario } = await loadScenario(join(folder, 's.yaml'))
    expect(scenario.patches[0]).toMatchObject({ params: { percentile: 88, scope: 'permitted' } })
  })

  it.each([
    [
      'epochs: 100',
      'epochs: 0',
      's.yaml:12:11: replay.epochs: 0 is not accepted',
      'epochs: How many epochs of each subnet, 1 to 10000; the recorded fork (sn31) has 100.',
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
    ['subnets: [31]', 'subnets: [31, 1]', 's.yaml:10:15: subnets[1]: 1 is not accepted', 'subnet 31, which'],
    ['subnets: [31]', 'subnets: [3]', 's.yaml:10:11: subnets[0]: 3 is not accepted', 'subnet 31, which'],
    ['title: ', 'titel: ', 's.yaml:2:1: title: is missing (and 1 more)', 'in a line'],
    ['kind: policy', 'kind: hok', 's.yaml:15:11: patches[0].kind: "hok" is not accepted', 'Correct'],
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
    expect((await fault('builtIn: sn31', 'builtIn: sn32', true)).fix).toBe(
      'builtIn: Which built-in fork: sn31, small or mainnet-shape.',
    )
    expect((await fault('builtIn: sn31', 'builtIn: small', true)).short).toContain(
      'other.fork.yaml:2:1: seed: is missing (and 3 more)',
    )
    expect((await fault('version: 1', 'version: 2', true)).short).toContain('version: 2 is not accepted')
    expect((await fault('tempo: 360', 'tempo: 361', true)).fix).toContain('360 blocks apart')
    expect((await fault('sha256: f7', 'sha256: F7', true)).short).toContain('sha256')
    expect((await fault("'971718665099567868'", '971718665099567868', true)).fix).toContain('in quotes')
    expect((await fault("'971718665099567868'", "'many'", true)).short).toContain('a whole number in quotes is wanted')
    expect((await fault("'971718665099567868'", "'18446744073709551616'", true)).short).toContain('at most 2^64 - 1')
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

  describe('with a chain spec', () => {
    const load = async (forkYaml: string, runtime = 'on-chain') => {
      await writeFile(join(folder, 'spec.fork.yaml'), `version: 1\n${forkYaml}\n`)
      const scenario = cap
        .replace('sn31.fork.yaml', 'spec.fork.yaml')
        .replace('runtime: reference', `runtime: ${runtime}`)
      await writeFile(join(folder, 's.yaml'), scenario.replace('epochs: 100', 'epochs: 101'))
      return loadScenario(join(folder, 's.yaml'))
    }

    it('takes its runtime and more epochs than a recording has', async () => {
      const loaded = await load('chainSpec: spec.json\nstorage: more.json\npreset: local')
      expect(loaded.scenario.fork).toEqual({
        chainSpec: 'spec.json',
        storage: 'more.json',
        preset: 'local',
        sha256: undefined,
      })
      expect([loaded.dataFile, loaded.storageFile, loaded.runtimeFile].map((path) => path && basename(path))).toEqual([
        'spec.json',
        'more.json',
        undefined,
      ])
      expect(loaded.scenario.replay.epochs).toBe(101)
    })

    it.each([
      ['chainSpec: ""', 'on-chain', /chainSpec: "" is not accepted/],
      ['chainSpec: a.json\nsha256: abc', 'on-chain', /sha256: "abc" is not accepted/],
      ['chainSpec: a.json\npresets: x', 'on-chain', /presets: there is no such key/],
    ])('refuses %j', async (forkYaml, runtime, message) => {
      await expect(load(forkYaml, runtime)).rejects.toThrow(message)
    })

    it('has no on-chain runtime without one', async () => {
      const fork = 'builtIn: small\nseed: 1'
      await writeFile(join(folder, 'on.fork.yaml'), `version: 1\n${fork}\n`)
      const text = cap.replace('sn31.fork.yaml', 'on.fork.yaml').replace('[31]', '[1]')
      await writeFile(join(folder, 's.yaml'), text.replace('runtime: reference', 'runtime: on-chain'))
      await expect(loadScenario(join(folder, 's.yaml'))).rejects.toThrow(/runtime: on-chain is not accepted/)
    })
  })
})
