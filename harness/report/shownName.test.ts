import { describe, expect, it } from '@jest/globals'
import { shownName } from './shownName.js'

describe('shownName', () => {
  it.each(['Targon', 'Sub · Net — 31', '株式会社', '😀 AI', 'é', '<script>', '=1+1'])('leaves %p as it is', (name) => {
    expect(shownName(name)).toBe(name)
  })

  it.each([
    ['a line break', ' a\r\n b\t', 'a b'],
    ['a terminal escape', '\u001b[2J', '\\u{1b}[2J'],
    ['a right-to-left override', 'x\u202eexe', 'x\\u{202e}exe'],
    ['a tower of marks', `a${'\u0301'.repeat(50)}b`, 'a\u0301\u0301b'],
  ])('makes %s harmless', (_, name, shown) => {
    expect(shownName(name)).toBe(shown)
  })

  it('cuts off what is too long, between characters', () => {
    expect(shownName('x'.repeat(10_240))).toBe(`${'x'.repeat(64)}…`)
    expect(shownName('😀'.repeat(65))).toBe(`${'😀'.repeat(64)}…`)
    expect(shownName('x'.repeat(64))).toBe('x'.repeat(64))
    expect(shownName('abcdef', 3)).toBe('abc…')
    expect(shownName(`${' '.repeat(600)}a`)).toContain('…')
  })
})
