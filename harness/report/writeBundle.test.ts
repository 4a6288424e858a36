import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exampleRun } from '../../test/exampleRun.js'
import { buildRunResult } from './buildRunResult.js'
import { serialiseRunResult } from './runResult.js'
import { renderTerminal } from './terminal.js'
import { prepareBundle } from './writeBundle.js'

const result = buildRunResult(exampleRun())
const refusal = expect.objectContaining({ code: 'E702', exitCode: 3 })
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'epochdiff-bundle-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

describe('prepareBundle', () => {
  it('writes the result and its report, and leaves nothing else', async () => {
    const out = join(folder, 'a', 'b')
    const bundle = await prepareBundle(out)
    expect(await readdir(out)).toEqual([])
    await bundle.write(result)
    expect((await readdir(out)).sort()).toEqual(['report.txt', 'result.json'])
    expect(await readFile(join(out, 'result.json'), 'utf8')).toBe(serialiseRunResult(result))
    expect(await readFile(join(out, 'report.txt'), 'utf8')).toBe(renderTerminal(result, { colour: false, width: 100 }))
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

  it('replaces an older result', async () => {
    await writeFile(join(folder, 'result.json'), 'old')
    await (await prepareBundle(folder)).write(result)
    expect(await readFile(join(folder, 'result.json'), 'utf8')).toBe(serialiseRunResult(result))
  })

  it('refuses a folder that cannot be made, before the run', async () => {
    await writeFile(join(folder, 'file'), '')
    await expect(prepareBundle(join(folder, 'file', 'out'))).rejects.toEqual(refusal)
    await expect(prepareBundle(join(folder, 'file'))).rejects.toEqual(refusal)
    expect(await readdir(folder)).toEqual(['file'])
  })

  // The superuser may write everywhere.
  const ordinaryUser = process.getuid?.() === 0 ? it.skip : it
  ordinaryUser('refuses a folder without permission', async () => {
    await chmod(folder, 0o500)
    await expect(prepareBundle(folder)).rejects.toEqual(refusal)
    await chmod(folder, 0o700)
    expect(await readdir(folder)).toEqual([])
  })

  it('leaves no half-written file and keeps the older result when writing fails', async () => {
    const bundle = await prepareBundle(folder)
    await writeFile(join(folder, 'result.json'), 'old')
    await mkdir(join(folder, 'report.txt'))
    await expect(bundle.write(result)).rejects.toEqual(refusal)
    expect((await readdir(folder)).sort()).toEqual(['report.txt', 'result.json'])
    expect(await readFile(join(folder, 'result.json'), 'utf8')).toBe('old')
  })

  it('refuses when the folder vanishes during the run', async () => {
    const out = join(folder, 'out')
    const bundle = await prepareBundle(out)
    await rm(out, { recursive: true })
    await expect(bundle.write(result)).rejects.toEqual(refusal)
    expect(await readdir(folder)).toEqual([])
  })
})
