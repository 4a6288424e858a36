import { describe, expect, it } from '@jest/globals'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ChainSpec, genesisStorage, merged, parseChainSpec, readChainSpec, readStorageFile } from './chainSpec.js'
import type { Hex } from './forkState.js'
import { CODE_KEY } from './storageParts.js'

const raw = (top: unknown, more: object = {}) => ({
  name: 'n',
  genesis: { raw: { top, childrenDefault: {}, ...more } },
})
const plain = (runtimeGenesis: unknown) => ({ name: 'n', genesis: { runtimeGenesis } })
const parse = (json: unknown) => parseChainSpec(json, 'spec.json')
const whole = (json: unknown): ChainSpec => ({ ...parse(json), sha256: '' })
const vector = (text: string): string =>
  Buffer.concat([Uint8Array.of(text.length << 2), Buffer.from(text)]).toString('hex')

describe('a chain spec', () => {
  it('that is raw is its storage, in lower case', async () => {
    const spec = whole(raw({ [CODE_KEY]: '0x00', '0xAB': '0xCD' }))
    const never = () => Promise.reject(new Error('was called'))
    expect([...(await genesisStorage(spec, undefined, never))]).toEqual([
      [CODE_KEY, '0x00'],
      ['0xab', '0xcd'],
    ])
    await expect(genesisStorage(spec, 'development', never)).rejects.toThrow(/E521.*raw/)
  })

  it('that is plain becomes what its runtime makes of preset and patch', async () => {
    const spec = whole(plain({ code: '0x0061', patch: { a: { b: 21000000000000000, c: null }, d: [2] } }))
    const asked: [string, Hex][] = []
    const storage = await genesisStorage(spec, 'dev', (fn, args) => {
      asked.push([fn, args])
      return Promise.resolve(
        fn === 'GenesisBuilder_get_preset'
          ? { result: `0x01${vector('{"a":{"c":1},"d":[1],"e":0}')}` as Hex, storageDiff: [] }
          : {
              result: '0x00' as Hex,
              storageDiff: [
                ['0x01', '0x02'],
                ['0x03', null],
              ] as [Hex, Hex | null][],
            },
      )
    })
    expect(asked).toEqual([
      ['GenesisBuilder_get_preset', `0x01${vector('dev')}`],
      ['GenesisBuilder_build_state', `0x${vector('{"a":{"b":21000000000000000},"d":[2],"e":0}')}`],
    ])
    expect([...storage]).toEqual([
      [CODE_KEY, '0x0061'],
      ['0x01', '0x02'],
    ])
  })

  it('says what the runtime refuses, without control characters', async () => {
    const spec = whole(plain({ code: '0x00', config: { a: 1 } }))
    const refuses = () => Promise.resolve({ result: `0x01${vector('bad\u001b[31m field')}` as Hex, storageDiff: [] })
    await expect(genesisStorage(spec, undefined, refuses)).rejects.toThrow(/E522.*bad \[31m field/)
  })

  it.each([
    [[], /E521.*an object is wanted/],
    [{}, /genesis: it is missing/],
    [{ genesis: {} }, /neither raw nor runtimeGenesis/],
    [{ genesis: { runtime: {} } }, /without GenesisBuilder/],
    [raw(undefined), /genesis.raw.top: it is missing/],
    [raw({ '0x01': '0x02' }), /no runtime/],
    [raw({ [CODE_KEY]: '0x00', '0x1': '0x' }), /no storage key/],
    [raw({ [CODE_KEY]: 7 }), /no hexadecimal value/],
    [raw({ [CODE_KEY]: '0x00', [`0x${'00'.repeat(5000)}`]: '0x' }), /no storage key/],
    [raw({ [CODE_KEY]: '0x00' }, { childrenDefault: { '0x01': {} } }), /child tries/],
    [plain({ code: 'xyz', patch: {} }), /code: hexadecimal/],
    [plain({ code: '0x00' }), /neither patch, config nor configPreset/],
    [plain({ code: '0x00', config: {}, patch: {} }), /as well/],
    [plain({ code: '0x00', patch: JSON.parse('{"a":'.repeat(70) + '1' + '}'.repeat(70)) }), /nested deeper/],
  ])('is refused with the place: %#', (json, message) => {
    expect(() => parse(json)).toThrow(message)
  })

  it('names code substitutes as left out', () => {
    expect(parse({ ...raw({ [CODE_KEY]: '0x00' }), codeSubstitutes: { '5': '0x00' } }).leftOut).toHaveLength(1)
  })

  it('is read from a file, whose sum may be stated', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'epochdiff-'))
    try {
      const file = join(folder, 'spec.json')
      writeFileSync(file, JSON.stringify(raw({ [CODE_KEY]: '0x00' })))
      const { sha256 } = await readChainSpec(file, undefined)
      expect((await readChainSpec(file, sha256)).file).toBe('spec.json')
      await expect(readChainSpec(file, '0'.repeat(64))).rejects.toThrow(/E523/)
      await expect(readChainSpec(join(folder, 'none.json'), undefined)).rejects.toThrow(/E520/)
      writeFileSync(file, '{"genesis":')
      await expect(readChainSpec(file, undefined)).rejects.toThrow(/E521.*no JSON/)
      writeFileSync(file, '{"0x01": null, "0x02": "0x03"}')
      expect([...(await readStorageFile(file))]).toEqual([
        ['0x01', null],
        ['0x02', '0x03'],
      ])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

it('merges patches as RFC 7396 says', () => {
  expect(merged({ a: 'b', c: { d: 'e', f: 'g' } }, { a: 'z', c: { f: null } })).toEqual({ a: 'z', c: { d: 'e' } })
  expect(merged({ a: [1] }, { a: [2, null] })).toEqual({ a: [2, null] })
  expect(merged([1], { a: { b: null } })).toEqual({ a: {} })
  expect(merged({}, JSON.parse('{"__proto__": {"x": 1}}'))).toEqual(JSON.parse('{"__proto__": {"x": 1}}'))
})
