import { describe, expect, it } from '@jest/globals'
import { blake2AsU8a } from '@polkadot/util-crypto'
import fc from 'fast-check'
import { trieNodes } from '../../../test/trieNodes.js'
import type { Hex } from '../forkState.js'
import { ProofIncomplete, provenState, valueHash } from './provenState.js'

const toHex = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString('hex')}`
const key = fc.uint8Array({ minLength: 1, maxLength: 4 }).map(toHex)
const value = fc.uint8Array({ maxLength: 50 }).map(toHex)
const states = fc
  .dictionary(key as fc.Arbitrary<string>, value, { maxKeys: 30 })
  .map((state) => new Map(Object.entries(state) as [Hex, Hex][]))

describe.each([0, 1] as const)('of a trie of state version %i', (version) => {
  it('shows values, absence and every key of a range', () => {
    fc.assert(
      fc.property(states, key, key, fc.boolean(), (storage, a, b, toEnd) => {
        const { root, nodes } = trieNodes(storage, version)
        const proven = provenState(root)
        proven.add(nodes)
        for (const [each, is] of storage) expect(proven.lookUp(each)).toEqual({ valueHash: valueHash(is) })
        for (const each of [a, b]) if (!storage.has(each)) expect(proven.lookUp(each)).toBe('absent')
        const range = { from: a, to: toEnd ? undefined : b }
        const expected = [...storage]
          .filter(([each]) => each >= range.from && (range.to === undefined || each < range.to))
          .map(([each, is]) => [each, valueHash(is)])
        expect(proven.keysIn(range)).toEqual(expected.sort(([x = ''], [y = '']) => (x < y ? -1 : 1)))
      }),
    )
  })

  it('believes no node that the root does not lead to, and says when one is missing', () => {
    const long = (digit: string): Hex => `0x${digit.repeat(80)}`
    const storage = new Map<Hex, Hex>([
      ['0x0011', long('1')],
      ['0x0012', long('2')],
      ['0x0101', long('3')],
    ])
    const { root, nodes } = trieNodes(storage, version)
    const other = trieNodes(new Map([...storage, ['0x0011', long('9')]]), version)
    const proven = provenState(root)
    proven.add(other.nodes)
    expect(() => proven.lookUp('0x0011')).toThrow(ProofIncomplete)
    expect(() => proven.keysIn({ from: '0x00', to: undefined })).toThrow(ProofIncomplete)
    proven.add(nodes)
    expect(proven.lookUp('0x0011')).toEqual({ valueHash: valueHash(long('1')) })
  })
})

it('knows the empty trie', () => {
  const proven = provenState(toHex(blake2AsU8a(Uint8Array.of(0), 256)))
  proven.add(['0x00'])
  expect(proven.lookUp('0x01')).toBe('absent')
  expect(proven.keysIn({ from: '0x', to: undefined })).toEqual([])
})
