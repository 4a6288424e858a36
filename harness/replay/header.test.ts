import { describe, expect, it } from '@jest/globals'
import { TypeRegistry } from '@polkadot/types'
import type { Header } from '@polkadot/types/interfaces'
import type { Hex } from '../fork/forkState.js'
import { EMPTY_DIGEST, encodeHeader, headerHash } from './header.js'

const PARENT: Hex = `0x${'ab'.repeat(32)}`
// One aura pre-runtime item, slot 0x08a486f4.
const AURA: Hex = '0x04066175726120f486a40800000000'

describe('a header', () => {
  const registry = new TypeRegistry()

  it.each([0, 63, 64, 16_383, 16_384, 3_600_000, 1_073_741_823, 1_073_741_824, 4_294_967_295])(
    'with number %d reads back',
    (number) => {
      for (const digest of [EMPTY_DIGEST, AURA]) {
        const header = registry.createType<Header>('Header', encodeHeader({ number, parentHash: PARENT, digest }))
        expect(header.number.toNumber()).toBe(number)
        expect(header.parentHash.toHex()).toBe(PARENT)
        expect(header.stateRoot.isEmpty && header.extrinsicsRoot.isEmpty).toBe(true)
        expect(header.digest.toHex()).toBe(digest)
      }
    },
  )

  it('hashes to what a node calls the block', () => {
    const header = encodeHeader({ number: 7, parentHash: PARENT, digest: AURA })
    expect(headerHash(header)).toBe(registry.createType<Header>('Header', header).hash.toHex())
  })

  it('has no digest items unless some are given', () => {
    expect(encodeHeader({ number: 1, parentHash: PARENT })).toMatch(/00$/)
  })
})
