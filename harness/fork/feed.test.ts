import { describe, expect, it } from '@jest/globals'
import { applyFeedStep, feedStepReads, type FeedStep, type FeedWrite } from './feed.js'
import type { Hex } from './forkState.js'

const step = (...writes: FeedWrite[]): FeedStep => ({ block: 360, writes, weightRows: 0, registrations: [] })
const nothing = () => null
const stored =
  (state: Record<Hex, Hex>) =>
  (key: Hex): Hex | null =>
    state[key] ?? null

describe('applyFeedStep', () => {
  it('puts and removes, ascending by key', () => {
    const writes = step({ kind: 'put', key: '0x02', value: '0xff' }, { kind: 'remove', key: '0x01' })
    expect(applyFeedStep(nothing, writes)).toEqual([
      ['0x01', null],
      ['0x02', '0xff'],
    ])
    expect(feedStepReads(writes)).toEqual([])
  })

  it('lets a later write supersede an earlier one', () => {
    const writes = step({ kind: 'remove', key: '0x01' }, { kind: 'put', key: '0x01', value: '0xaa' })
    expect(applyFeedStep(nothing, writes)).toEqual([['0x01', '0xaa']])
  })

  it("zeroes one element and keeps the arm's others", () => {
    const zero = step({ kind: 'zeroElement', key: '0x01', index: 1, elementBytes: 2 })
    expect(feedStepReads(zero)).toEqual(['0x01'])
    expect(applyFeedStep(stored({ '0x01': '0x0c111122223333' }), zero)).toEqual([['0x01', '0x0c111100003333']])
    expect(applyFeedStep(stored({ '0x01': '0x08aaaabbbb' }), zero)).toEqual([['0x01', '0x08aaaa0000']])
  })

  it('zeroes several elements of one vector, also one just written', () => {
    const zero = (index: number): FeedWrite => ({ kind: 'zeroElement', key: '0x01', index, elementBytes: 1 })
    expect(applyFeedStep(stored({ '0x01': '0x0c010101' }), step(zero(0), zero(2)))).toEqual([['0x01', '0x0c000100']])
    expect(applyFeedStep(nothing, step({ kind: 'put', key: '0x01', value: '0x040f' }, zero(0)))).toEqual([
      ['0x01', '0x0400'],
    ])
  })

  it('leaves a vector alone that is absent, removed or too short', () => {
    const zero: FeedWrite = { kind: 'zeroElement', key: '0x01', index: 3, elementBytes: 1 }
    expect(applyFeedStep(nothing, step(zero))).toEqual([])
    expect(applyFeedStep(stored({ '0x01': '0x0c010101' }), step(zero))).toEqual([['0x01', '0x0c010101']])
    expect(applyFeedStep(stored({ '0x01': '0x0401' }), step({ kind: 'remove', key: '0x01' }, zero))).toEqual([
      ['0x01', null],
    ])
  })

  it('reads lengths of two and four bytes', () => {
    const of256: Hex = `0x0104${'11'.repeat(256)}`
    const zero = step({ kind: 'zeroElement', key: '0x01', index: 255, elementBytes: 1 })
    expect(applyFeedStep(stored({ '0x01': of256 }), zero)).toEqual([['0x01', `${of256.slice(0, -2)}00`]])
    const of16384: Hex = `0x02000100${'11'.repeat(16_384)}`
    const last = step({ kind: 'zeroElement', key: '0x01', index: 16_383, elementBytes: 1 })
    expect(applyFeedStep(stored({ '0x01': of16384 }), last)).toEqual([['0x01', `${of16384.slice(0, -2)}00`]])
  })

  it('refuses bytes that are no vector of such elements', () => {
    const zero = step({ kind: 'zeroElement', key: '0x01', index: 0, elementBytes: 2 })
    expect(() => applyFeedStep(stored({ '0x01': '0x0c1111' }), zero)).toThrow(RangeError)
    expect(() => applyFeedStep(stored({ '0x01': '0x' }), zero)).toThrow(RangeError)
  })
})
