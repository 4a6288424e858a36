import { describe, expect, it } from '@jest/globals'
import { checkMocks } from './mocks.js'

describe('checkMocks', () => {
  it('lists every mock as information', () => {
    expect(checkMocks(['skipped blocks', 'ext_bls_verify'])).toMatchObject({
      level: 'info',
      seen: 'skipped blocks; ext_bls_verify',
    })
  })

  it('passes when there is none', () => {
    expect(checkMocks([])).toMatchObject({ level: 'pass', seen: 'nothing was mocked' })
  })
})
