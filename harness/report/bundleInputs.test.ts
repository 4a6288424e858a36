import { describe, expect, it } from '@jest/globals'
import { bundleInputs } from './bundleInputs.js'

describe('bundleInputs', () => {
  it('keeps the files in the same places to each other', () => {
    expect(bundleInputs(['/a/b/x.yaml', '/a/b/y.fork.yaml', '/a/b/data/z.gz'])).toEqual([
      'inputs/x.yaml',
      'inputs/y.fork.yaml',
      'inputs/data/z.gz',
    ])
    expect(bundleInputs(['/a/b/x.yaml', '/a/y.fork.yaml', '/a/c/..d/z.gz'])).toEqual([
      'inputs/b/x.yaml',
      'inputs/y.fork.yaml',
      'inputs/c/..d/z.gz',
    ])
  })

  it('takes one file', () => {
    expect(bundleInputs(['/a/x.yaml'])).toEqual(['inputs/x.yaml'])
  })
})
