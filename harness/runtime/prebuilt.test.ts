import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { loadPrebuilt, sha256 } from './prebuilt.js'

describe('loadPrebuilt', () => {
  let folder: string
  const load = () => loadPrebuilt('patch_module', pathToFileURL(`${folder}/`))
  const write = (file: string, content: string) => {
    writeFileSync(join(folder, file), content)
  }
  const manifestOf = (content: string) =>
    JSON.stringify({ modules: [{ file: 'patch_module.wasm', sha256: sha256(Buffer.from(content)) }] })

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'prebuilt-'))
  })
  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  it('gives the bytes that the manifest states', () => {
    write('patch_module.wasm', 'abc')
    write('manifest.json', manifestOf('abc'))
    expect(Buffer.from(load().wasm).toString()).toBe('abc')
    expect(load().sha256).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })

  it('refuses other bytes (E315)', () => {
    write('patch_module.wasm', 'abd')
    write('manifest.json', manifestOf('abc'))
    expect(load).toThrow(/E315.*ba7816bf/)
  })

  it('refuses what is missing or not listed (E314)', () => {
    expect(load).toThrow(/E314/)
    write('patch_module.wasm', 'abc')
    expect(load).toThrow(/E314/)
    write('manifest.json', '{"modules": []}')
    expect(load).toThrow(/E314/)
    write('manifest.json', '{')
    expect(load).toThrow(/E314/)
  })

  it('finds the patch module of this package', () => {
    expect(loadPrebuilt('patch_module').wasm.length).toBeGreaterThan(1000)
  })
})
