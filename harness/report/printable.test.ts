import { describe, expect, it } from '@jest/globals'
import { printable, printableStrings } from './printable.js'

describe('printable', () => {
  it('leaves ordinary text alone', () => {
    expect(printable('Stake cap, 88th percentile: κ ≥ 50 % é 株 😀')).toBe(
      'Stake cap, 88th percentile: κ ≥ 50 % é 株 😀',
    )
  })

  it.each([
    ['a terminal escape', '\u001b[31mred', '\\u{1b}[31mred'],
    ['a line break', 'a\r\nb', 'a\\u{d}\\u{a}b'],
    ['an eight-bit escape', '\u009b2J', '\\u{9b}2J'],
    ['a bidirectional override', 'x\u202ey', 'x\\u{202e}y'],
    ['an invisible space', 'a\u200bb', 'a\\u{200b}b'],
    ['a line separator', 'a\u2028b', 'a\\u{2028}b'],
    ['what is no character', 'a\uffffb', 'a\\u{ffff}b'],
    ['half a character', 'a\ud800b', 'a\\u{d800}b'],
  ])('shows %s', (_, text, shown) => {
    expect(printable(text)).toBe(shown)
  })
})

describe('printableStrings', () => {
  it('reaches every string and keeps everything else', () => {
    expect(printableStrings({ 'a\n': ['\u001b', 1, null, { b: '\t', c: true }] })).toEqual({
      'a\\u{a}': ['\\u{1b}', 1, null, { b: '\\u{9}', c: true }],
    })
  })
})
