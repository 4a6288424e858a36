import { describe, expect, it } from '@jest/globals'
import { wrapText } from './wrapText.js'

describe('wrapText', () => {
  it('breaks at spaces, within the width', () => {
    expect(wrapText('one two three four', 9)).toBe('one two\nthree\nfour')
    expect(wrapText('one two', 7)).toBe('one two')
  })

  it('indents the lines after the first', () => {
    expect(wrapText('one two three', 9, 4)).toBe('one\n    two\n    three')
  })

  it('does not cut a long word', () => {
    expect(wrapText('a 0123456789 b', 5)).toBe('a\n0123456789\nb')
  })
})
