import { describe, expect, it } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { errorReference } from './errorReference.js'

describe('errorReference', () => {
  const reference = errorReference()
  const codes = [...reference.matchAll(/^## (E\d+): /gm)].map(([, code]) => code)

  it('is docs/errors.md (else: npm run generate)', () => {
    expect(readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')).toBe(reference)
  })

  it('has every number once, in order', () => {
    expect(codes.length).toBeGreaterThan(30)
    expect(codes).toEqual([...new Set(codes)].toSorted())
  })

  it('leaves out no file of errors', () => {
    const here = new URL('./', import.meta.url)
    const files = readdirSync(here).filter((file) => !file.endsWith('.test.ts'))
    const defined = files.flatMap((file) => [
      ...readFileSync(new URL(file, here), 'utf8').matchAll(/\(\s*'(E\d+)',\s*\{/g),
    ])
    expect(defined.map(([, code]) => code).toSorted()).toEqual(codes)
  })
})
