import { describe, expect, it } from '@jest/globals'
import { xxhashAsU8a } from '@polkadot/util-crypto'
import fc from 'fast-check'
import { hashes } from './hashes.js'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

describe('known answers', () => {
  it.each([
    ['twox_64', '', '99e9d85137db46ef'],
    ['twox_128', 'System', '26aa394eea5630e07c48ae0c9558cef7'],
    ['twox_128', 'SubtensorModule', '658faa385070e074c85bf6b568cf0555'],
    ['twox_256', '', '99e9d85137db46ef4bbea33613baafd56f963c64b1f3685a4eb4abd67ff6203a'],
    ['blake2_256', 'abc', 'bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319'],
    ['blake2_128', '', 'cae66941d9efbd404e4d88758ea67670'],
    ['keccak_256', '', 'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'],
    [
      'keccak_512',
      'abc',
      '18587dc2ea106b9a1563e32b3312421ca164c7f1f07bc922a9c83d77cea3a1e5d0c69910739025372dc14ac9642629379540c17e2a65b19d77aa511a9d00bb96',
    ],
    ['sha2_256', 'abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ] as const)('%s of "%s"', (name, input, expected) => {
    expect(hex(hashes[name].hash(text(input)))).toBe(expected)
  })
})

it('hashes like the reference library at every length', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 150 }), (input) => {
      expect(hex(hashes.twox_256.hash(input))).toBe(hex(xxhashAsU8a(input, 256, true)))
    }),
  )
})
