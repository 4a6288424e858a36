import { describe, expect, it } from '@jest/globals'
import { blake2b256 } from './hashes.js'
import { orderedTrieRoot, trieRoot } from './trieRoot.js'

const bytes = (hex: string): Uint8Array => Buffer.from(hex, 'hex')
const root = (entries: Record<string, string>, version: 0 | 1): string =>
  Buffer.from(
    trieRoot(
      Object.entries(entries).map(([key, value]) => [bytes(key), bytes(value)] as const),
      version,
      blake2b256,
    ),
  ).toString('hex')

// The expected roots were computed by the trie of smoldot (as Chopsticks 1.5.1 ships it).
describe('roots', () => {
  it('of nothing', () => {
    expect(root({}, 1)).toBe('03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314')
    expect(Buffer.from(orderedTrieRoot([], 0, blake2b256)).toString('hex')).toBe(
      '03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314',
    )
  })

  it('of a single leaf', () => {
    expect(root({ '616263': '6162' }, 1)).toBe('e57252eda1330f074f99f369e9c3325acae1f9f8059039f2a9a1fa1623533fef')
  })

  it('of branches', () => {
    expect(root({ '616161': '01', '616263': '03', '62': '06' }, 1)).toBe(
      'dd4a5c2c9a3d4cd920f9adce6f9b90b5f79390640ce7667f9441828846a53adc',
    )
  })

  it('with a hashed value', () => {
    expect(root({ '616161': '01', '99': 'ab'.repeat(50) }, 1)).toBe(
      '809106e6cf8bd0b2b9c0619948c1b79a0f390a45cdafdea6408c3df7d58311ca',
    )
  })

  it.each([
    [0, '4e7f84fce854f900490bd36401eff8a7e1d6cea2cc2921c5275054c6b505acc7'],
    [1, 'd152fddfb0f616810ed8dcb06e7868ee03caa5c2b2cd39d6736ab7549109b122'],
  ] as const)('with the empty key and a path longer than a header holds, version %d', (version, expected) => {
    const path = '11'.repeat(40)
    expect(root({ '': '00', [path]: '01', [`${path}22`]: 'cd'.repeat(40), [`${path}23`]: '02' }, version)).toBe(
      expected,
    )
  })

  it.each([
    [0, '7f5f94791a607a9623fb1bb2d7c257956077c0a3ec326458d8d266cadf97f0f7'],
    [1, '4b31863ffc82802a85e3fcbc2c9e5c7c97970e6118eae54dcd9fdbfa03d8d791'],
  ] as const)('of 300 ordered values, version %d', (version, expected) => {
    const values = Array.from({ length: 300 }, (_, index) => new Uint8Array(index % 60).fill(index))
    expect(Buffer.from(orderedTrieRoot(values, version, blake2b256)).toString('hex')).toBe(expected)
  })
})

it('does not depend on the order of the entries', () => {
  const entries = { '01': '01', '0102': '02', '010203': '03', ff: '04', '0112': '05' }
  const reversed = Object.fromEntries(Object.entries(entries).reverse())
  expect(root(entries, 0)).toBe(root(reversed, 0))
})

it('differs by version only where a value is longer than 32 bytes', () => {
  expect(root({ '01': 'aa'.repeat(32) }, 0)).toBe(root({ '01': 'aa'.repeat(32) }, 1))
  expect(root({ '01': 'aa'.repeat(33) }, 0)).not.toBe(root({ '01': 'aa'.repeat(33) }, 1))
})
