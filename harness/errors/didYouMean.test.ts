import { describe, expect, it } from '@jest/globals'
import { didYouMean } from './didYouMean.js'

describe('didYouMean', () => {
  it.each([
    ['epoch', 'epochs'],
    ['eopchs', 'epochs'],
    ['EPOCHS', 'epochs'],
    ['percentil', 'percentile'],
    ['stakecap', 'stake-cap'],
  ])('%s is %s', (typed, meant) => {
    expect(didYouMean(typed, ['epochs', 'percentile', 'stake-cap', 'mode'])).toBe(meant)
  })

  it('says nothing when no name is near', () => {
    expect(didYouMean('lambda', ['epochs', 'percentile'])).toBeUndefined()
    expect(didYouMean('x', [])).toBeUndefined()
  })
})
