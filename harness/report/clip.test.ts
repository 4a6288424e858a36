import { describe, expect, it } from '@jest/globals'
import { clip } from './clip.js'

describe('clip', () => {
  it('leaves what fits', () => {
    expect(clip('abc', 3)).toBe('abc')
    expect(clip('', 0)).toBe('')
  })

  it('says how much it leaves out', () => {
    expect(clip('abcde', 3)).toBe('abc... (2 more)')
  })

  it('never halves a character', () => {
    expect(clip('😀😀😀', 2)).toBe('😀😀... (2 more)')
    expect(clip('😀😀', 2)).toBe('😀😀')
  })
})
