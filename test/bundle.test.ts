import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleReports } from '../harness/report/writeBundle.js'
import type { Verification } from '../harness/report/verification.js'
import type { BundleManifest } from '../harness/report/bundleManifest.js'
import { runCli } from './runCli.js'

// A bundle through the command line: made, rendered again, verified, and altered in one byte.

const repository = fileURLToPath(new URL('..', import.meta.url))
let folder: string
let copies = 0

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'epochdiff-bundle-'))
  cpSync(join(repository, 'scenarios'), join(folder, 'scenarios'), { recursive: true })
  const scenario = join(folder, 'scenarios/sn31-stake-cap-88.yaml')
  const wasm = join(repository, 'runtime-patches/prebuilt/epochdiff_runtime.wasm')
  cpSync(wasm, join(folder, 'scenarios/own.wasm'))
  const text = readFileSync(scenario, 'utf8').replace('runtime: reference', 'runtime: own.wasm')
  writeFileSync(scenario, text)
  const run = ['run', scenario, '--set', 'stake-cap.percentile=90', '--epochs', '1', '--cross-check', '1']
  const { exitCode, stderr } = await runCli([...run, '--out', join(folder, 'bundle')])
  if (exitCode !== 0) throw new Error(stderr)
  // Nothing but the bundle is left to repeat the run from.
  rmSync(join(folder, 'scenarios'), { recursive: true })
}, 300_000)
afterAll(() => rmSync(folder, { recursive: true }))

/** A copy of the bundle, to alter. */
function copy(): string {
  const place = join(folder, `copy-${(copies += 1)}`)
  cpSync(join(folder, 'bundle'), place, { recursive: true })
  return place
}

function alter(place: string, change: (bytes: Buffer) => Buffer | string): void {
  writeFileSync(place, change(readFileSync(place)))
}

/** One bit of the byte in the middle is turned. */
const turned = (bytes: Buffer) => {
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
  return bytes
}

/** bundle.json says what the files now are: as somebody would who wants the change not to be seen. */
function relist(bundle: string): void {
  alter(join(bundle, 'bundle.json'), (bytes) => {
    const manifest = JSON.parse(String(bytes)) as BundleManifest
    const files = manifest.files.map((file) => {
      const content = readFileSync(join(bundle, file.path))
      return { ...file, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') }
    })
    return JSON.stringify({ ...manifest, files })
  })
}

async function verify(bundle: string): Promise<Verification & { exitCode: number }> {
  const { exitCode, stdout, stderr } = await runCli(['verify', bundle, '--json'])
  if (stdout === '') throw new Error(stderr)
  return { exitCode, ...(JSON.parse(stdout) as Verification) }
}

describe('verify', () => {
  it('says equal of a fresh bundle', async () => {
    const bundle = join(folder, 'bundle')
    const { exitCode, stdout } = await runCli(['verify', bundle])
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^Equal: the run gives the same result, timing excepted: [0-9a-f]{64}\n$/)
    const report = readFileSync(join(bundle, 'report.txt'), 'utf8')
    expect(report).toContain(`  result    ${/[0-9a-f]{64}/.exec(stdout)?.[0]}\n`)
    expect(report).toContain('--set stake-cap.percentile=90 --set replay.epochs=1 --engine native --cross-check 1\n')
    expect(report).toMatch(/engines agree: the same storage in 2 of 2 epochs/)
  })

  it.each([
    ['data', 'inputs/data/sn31.json.gz'],
    ['the runtime', 'inputs/own.wasm'],
    ['the scenario', 'inputs/sn31-stake-cap-88.yaml'],
  ])('names a byte of %s, and does not run it', async (_, path) => {
    const bundle = copy()
    alter(join(bundle, path), turned)
    const { exitCode, equal, differences, notes, repeatedDigest } = await verify(bundle)
    expect({ exitCode, equal, repeatedDigest }).toEqual({ exitCode: 1, equal: false, repeatedDigest: null })
    expect(differences).toMatchObject([{ kind: 'file', place: path, seen: expect.stringMatching(/^sha256 /) }])
    expect(notes).toContain('The run was not repeated: its inputs are not those of the bundle.')
  })

  it('names a byte of data that bundle.json vouches for', async () => {
    const bundle = copy()
    alter(join(bundle, 'inputs/data/sn31.json.gz'), turned)
    relist(bundle)
    const { exitCode, differences } = await verify(bundle)
    expect(exitCode).toBe(1)
    expect(differences).toMatchObject([{ kind: 'run', seen: expect.stringMatching(/^E212: .*sn31\.json\.gz/) }])
  })

  it('names a byte of a wasm, a changed number of the result and a changed report that bundle.json vouches for', async () => {
    const bundle = copy()
    alter(join(bundle, 'runtimes/candidate.wasm'), turned)
    let [was, is] = ['', '']
    alter(join(bundle, 'result.json'), (bytes) =>
      String(bytes).replace(/"gainedRao": "(\d)(\d+)"/, (_, first: string, rest: string) => {
        ;[was, is] = [`${first}${rest}`, `${(Number(first) % 9) + 1}${rest}`]
        return `"gainedRao": "${is}"`
      }),
    )
    alter(join(bundle, 'report.md'), (bytes) => String(bytes).replace('Losers', 'Lovers'))
    const found = [
      { kind: 'result', place: 'result.json .epochs[0].gainedRao', seen: `"${is}"`, expected: `"${was}"` },
      { kind: 'runtime', place: 'runtimes/candidate.wasm' },
      { kind: 'report', place: 'report.md' },
    ]
    relist(bundle)
    const { exitCode, differences } = await verify(bundle)
    expect(exitCode).toBe(1)
    for (const difference of found) expect(differences).toContainEqual(expect.objectContaining(difference))
    expect(differences.filter(({ kind }) => kind === 'file')).toEqual([])
  })

  it('names a missing file, a result that is none and every file that is another', async () => {
    const bundle = copy()
    rmSync(join(bundle, 'report.md'))
    writeFileSync(join(bundle, 'result.json'), '{}')
    alter(join(bundle, 'inputs/own.wasm'), turned)
    alter(join(bundle, 'runtimes/candidate.wasm'), turned)
    writeFileSync(join(bundle, 'mine.txt'), '')
    const { exitCode, differences, notes } = await verify(bundle)
    expect(exitCode).toBe(1)
    const files = differences.filter(({ kind }) => kind === 'file').map(({ place }) => place)
    expect(files).toEqual(['inputs/own.wasm', 'report.md', 'result.json', 'runtimes/candidate.wasm'])
    expect(differences).toContainEqual(expect.objectContaining({ place: 'report.md', seen: 'no such file' }))
    expect(differences).toContainEqual(expect.objectContaining({ kind: 'result', place: 'result.json' }))
    expect(notes).toContain('Not part of the bundle: mine.txt.')
  })

  it.each([
    ['a folder without bundle.json', () => folder, /E722: .*it has no bundle\.json/],
    [
      'a bundle.json that leads elsewhere',
      () => {
        const bundle = copy()
        alter(join(bundle, 'bundle.json'), (bytes) => String(bytes).replace('"inputs/own.wasm"', '"../../own.wasm"'))
        return bundle
      },
      /E722: .*files\.\d+\.path: it leads elsewhere/,
    ],
    [
      'a scenario that names a file outside',
      () => {
        const bundle = copy()
        cpSync(join(bundle, 'inputs/own.wasm'), join(folder, 'outside.wasm'))
        alter(join(bundle, 'inputs/sn31-stake-cap-88.yaml'), (bytes) =>
          String(bytes).replace('own.wasm', '../../outside.wasm'),
        )
        relist(bundle)
        return bundle
      },
      /E724: .*outside\.wasm/,
    ],
    [
      'a large input that is not there',
      () => {
        const bundle = copy()
        rmSync(join(bundle, 'inputs/own.wasm'))
        alter(join(bundle, 'bundle.json'), (bytes) => {
          const manifest = JSON.parse(String(bytes)) as BundleManifest
          const files = manifest.files.map((file) => ({ ...file, held: file.path !== 'inputs/own.wasm' }))
          return JSON.stringify({ ...manifest, files })
        })
        return bundle
      },
      /E723: .*inputs\/own\.wasm is not in the bundle; it has sha256 [0-9a-f]{64}/,
    ],
  ])('refuses %s', async (_, bundle, says) => {
    const { exitCode, stdout, stderr } = await runCli(['verify', bundle()])
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(says)
  })
})

describe('report', () => {
  it.each(bundleReports)('renders %s again: %s', async (file, format) => {
    const { exitCode, stdout, stderr } = await runCli(['report', join(folder, 'bundle'), '--format', format])
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toBe(readFileSync(join(folder, 'bundle', file), 'utf8'))
  })

  it('writes a file', async () => {
    const out = join(folder, 'out.csv')
    const { exitCode, stdout } = await runCli(['report', join(folder, 'bundle', 'result.json'), '-f', 'csv', '-o', out])
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' })
    expect(readFileSync(out, 'utf8')).toBe(readFileSync(join(folder, 'bundle', 'ledger.csv'), 'utf8'))
  })

  it.each([
    ['no such result', () => [join(folder, 'none')], 2, /E720: .*none cannot be read: there is no result/],
    ['no result', () => [join(repository, 'package.json')], 2, /E703/],
    ['an unknown form', () => [join(folder, 'bundle'), '--format', 'pdf'], 2, /E100: .*pdf/],
    [
      'no place to write',
      () => [join(folder, 'bundle'), '-o', join(folder, 'no/such/place')],
      3,
      /E721: .*no\/such\/place/,
    ],
  ])('refuses %s', async (_, args, code, says) => {
    const { exitCode, stdout, stderr } = await runCli(['report', ...args()])
    expect({ exitCode, stdout }).toEqual({ exitCode: code, stdout: '' })
    expect(stderr).toMatch(says)
  })
})

describe('compare', () => {
  it('tells a result from another, and answers --exit-code', async () => {
    const bundle = join(folder, 'bundle')
    const other = copy()
    alter(join(other, 'result.json'), (bytes) => String(bytes).replace('"engine": "native"', '"engine": "chopsticks"'))
    const equal = await runCli(['compare', bundle, join(bundle, 'result.json'), '--exit-code'])
    expect({ ...equal, stdout: equal.stdout.slice(0, 6) }).toEqual({ exitCode: 0, stdout: 'Equal:', stderr: '' })
    const differs = await runCli(['compare', bundle, other])
    expect(differs.exitCode).toBe(0)
    expect(differs.stdout).toContain('  engine\n    first:  native\n    second: chopsticks\n')
    expect((await runCli(['compare', bundle, other, '--exit-code'])).exitCode).toBe(1)
    const json = JSON.parse((await runCli(['compare', bundle, other, '--json'])).stdout) as { setup: unknown }
    expect(json.setup).toEqual([{ what: 'engine', first: 'native', second: 'chopsticks' }])
    expect((await runCli(['compare', bundle, join(folder, 'none')])).exitCode).toBe(2)
  })
})
