import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createHash } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, relative } from 'node:path'
import { exampleRun } from '../../test/exampleRun.js'
import { buildRunResult } from './buildRunResult.js'
import { readManifest } from './bundleManifest.js'
import { serialiseRunResult } from './runResult.js'
import { renderTerminal } from './terminal.js'
import { type BundleContents, prepareBundle } from './writeBundle.js'

const result = buildRunResult(exampleRun())
const refusal = expect.objectContaining({ code: 'E702', exitCode: 3 })
let [base, folder] = ['', '']
let contents: BundleContents

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'epochdiff-bundle-'))
  folder = join(base, 'place')
  await mkdir(join(base, 'from', 'data'), { recursive: true })
  await mkdir(folder)
  const inputFiles = ['example-cap.yaml', 'data/recording.gz'].map((name) => join(base, 'from', name))
  for (const file of inputFiles) await writeFile(file, `content of ${basename(file)}`)
  contents = {
    result,
    inputFiles,
    chosenFork: undefined,
    writeState: undefined,
    codeFile: undefined,
    runtimes: { baseline: Buffer.from('before'), candidate: Buffer.from('after') },
  }
})
afterEach(async () => {
  await rm(base, { recursive: true, force: true })
})

const all = [
  'bundle.json',
  'inputs/data/recording.gz',
  'inputs/example-cap.yaml',
  'junit.xml',
  'ledger.csv',
  'patches.json',
  'report.html',
  'report.md',
  'report.txt',
  'result.json',
  'runtimes/baseline.wasm',
  'runtimes/candidate.wasm',
]
const filesIn = async (place: string) => {
  const entries = await readdir(place, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(place, join(entry.parentPath, entry.name)))
    .sort()
}

describe('prepareBundle', () => {
  it('writes the result, its reports and all it stands on, and leaves nothing else', async () => {
    const out = join(folder, 'a', 'b')
    const bundle = await prepareBundle(out)
    expect(await readdir(out)).toEqual([])
    await bundle.write(contents)
    expect(await filesIn(out)).toEqual(all)
    expect(await readFile(join(out, 'result.json'), 'utf8')).toBe(serialiseRunResult(result))
    expect(await readFile(join(out, 'report.txt'), 'utf8')).toBe(renderTerminal(result, { colour: false, width: 100 }))
  })

  it('lists every file with its hash and size, and what was run', async () => {
    await (await prepareBundle(folder)).write(contents)
    const manifest = await readManifest(folder)
    expect(manifest.files.map(({ path }) => path)).toEqual(all.slice(1))
    for (const { path, sha256, bytes, held } of manifest.files) {
      const content = await readFile(join(folder, path))
      expect(held).toBe(true)
      expect(content).toHaveLength(bytes)
      expect(createHash('sha256').update(content).digest('hex')).toBe(sha256)
    }
    expect(manifest.run).toEqual({
      scenario: 'inputs/example-cap.yaml',
      overrides: ['replay.epochs=2'],
      engine: 'native',
      crossCheckedEpochs: 0,
      fork: null,
      state: null,
      code: null,
    })
  })

  it('says what the command line chose as the fork', async () => {
    const bundle = await prepareBundle(folder)
    const [, file = ''] = contents.inputFiles
    await bundle.write({ ...contents, chosenFork: { snapshot: '../given.snap', file } })
    const snapshot = { snapshot: '../given.snap', path: 'inputs/data/recording.gz' }
    expect((await readManifest(folder)).run.fork).toEqual(snapshot)
    await bundle.write({ ...contents, chosenFork: { rpc: ['finney'], block: 7 } })
    expect((await readManifest(folder)).run.fork).toEqual({ rpc: ['finney'], block: 7 })
  })

  it('refers to an input that is too large to copy', async () => {
    await truncate(contents.inputFiles[1] ?? '', 33 * 1024 * 1024)
    await (await prepareBundle(folder)).write(contents)
    expect(await filesIn(folder)).toEqual(all.filter((path) => path !== 'inputs/data/recording.gz'))
    const sha256 = createHash('sha256')
      .update(await readFile(contents.inputFiles[1] ?? ''))
      .digest('hex')
    expect((await readManifest(folder)).files[0]).toEqual({
      path: 'inputs/data/recording.gz',
      sha256,
      bytes: 33 * 1024 * 1024,
      held: false,
    })
  })

  it('takes away the folders it made when there is no result', async () => {
    await (await prepareBundle(join(folder, 'a', 'b'))).discard()
    expect(await readdir(folder)).toEqual([])
  })

  it('leaves a folder that it did not make, or that is not empty', async () => {
    await (await prepareBundle(folder)).discard()
    const bundle = await prepareBundle(join(folder, 'a'))
    await writeFile(join(folder, 'a', 'mine'), '')
    await bundle.discard()
    expect(await readdir(join(folder, 'a'))).toEqual(['mine'])
  })

  it('replaces an older result and leaves what is not its own', async () => {
    await writeFile(join(folder, 'result.json'), 'old')
    await mkdir(join(folder, 'inputs'))
    await writeFile(join(folder, 'inputs', 'mine'), '')
    await (await prepareBundle(folder)).write(contents)
    expect(await readFile(join(folder, 'result.json'), 'utf8')).toBe(serialiseRunResult(result))
    expect(await filesIn(folder)).toEqual([...all, 'inputs/mine'].sort())
    await (await prepareBundle(folder)).write(contents)
    expect(await filesIn(folder)).toEqual([...all, 'inputs/mine'].sort())
  })

  it('refuses a folder that cannot be made, before the run', async () => {
    await writeFile(join(folder, 'file'), '')
    await expect(prepareBundle(join(folder, 'file', 'out'))).rejects.toEqual(refusal)
    await expect(prepareBundle(join(folder, 'file'))).rejects.toEqual(refusal)
    expect(await readdir(folder)).toEqual(['file'])
  })

  // The superuser may write everywhere.
  const superuser = process.getuid?.() === 0
  const ordinaryUser = superuser ? it.skip : it
  ordinaryUser(
    `refuses a folder without permission${superuser ? ' (skipped: root may write everywhere)' : ''}`,
    async () => {
      await chmod(folder, 0o500)
      await expect(prepareBundle(folder)).rejects.toEqual(refusal)
      await chmod(folder, 0o700)
      expect(await readdir(folder)).toEqual([])
    },
  )

  it('leaves no half-written file and keeps the older result when writing fails', async () => {
    const bundle = await prepareBundle(folder)
    await writeFile(join(folder, 'result.json'), 'old')
    await mkdir(join(folder, 'report.txt'))
    await expect(bundle.write(contents)).rejects.toEqual(refusal)
    expect((await readdir(folder)).sort()).toEqual(['report.txt', 'result.json'])
    expect(await readFile(join(folder, 'result.json'), 'utf8')).toBe('old')

    await writeFile(join(folder, 'runtimes'), 'a file where a folder has to be')
    await rm(join(folder, 'report.txt'), { recursive: true })
    await expect(bundle.write(contents)).rejects.toEqual(refusal)
    expect((await readdir(folder)).sort()).toEqual(['result.json', 'runtimes'])
    expect(await readFile(join(folder, 'result.json'), 'utf8')).toBe('old')
  })

  it('refuses when the folder vanishes during the run', async () => {
    const out = join(folder, 'out')
    const bundle = await prepareBundle(out)
    await rm(out, { recursive: true })
    await expect(bundle.write(contents)).rejects.toEqual(refusal)
    expect(await readdir(folder)).toEqual([])
  })
})
