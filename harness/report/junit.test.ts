import { describe, expect, it } from '@jest/globals'
import { exampleRun } from '../../test/exampleRun.js'
import { hostileNames, hostileResult } from '../../test/hostileResult.js'
import { validJunit } from '../../test/junitSchema.js'
import { buildRunResult } from './buildRunResult.js'
import { renderJunit } from './junit.js'

const result = buildRunResult(exampleRun())
const failure = { name: 'made up', level: 'error', seen: 'one', expected: 'two', why: 'because' } as const

describe('renderJunit', () => {
  it('has a test case for each check, and fails for errors alone', () => {
    const document = validJunit(renderJunit({ ...result, checks: [...result.checks, failure] }))
    const names = document.find('//testcase/@name').map(({ content }) => content)
    expect(names).toEqual([...result.checks.map(({ name }) => name), 'made up'])
    expect(document.find('//testcase[failure]/@name').map(({ content }) => content)).toEqual(['made up'])
    expect(document.get('//failure/@message')?.content).toBe('one')
    expect(document.get('//failure')?.content).toBe('ERROR made up\n  seen: one\n  expected: two\n  why: because')
    const counts = ['tests', 'failures', 'errors'].map((name) => document.get(`//testsuite/@${name}`)?.content)
    expect(counts).toEqual([String(result.checks.length + 1), '1', '0'])
  })

  it('tells warnings, though they pass', () => {
    const document = validJunit(renderJunit({ ...result, checks: [{ ...failure, level: 'warning' }] }))
    expect(document.get('//failure')).toBeNull()
    expect(document.get('//system-out')?.content).toContain('WARNING made up\n  seen: one')
  })

  it('names what was run', () => {
    const document = validJunit(renderJunit(result))
    expect(document.get('//testsuite/@name')?.content).toBe('example-cap')
    expect(document.get('//testsuite/@timestamp')?.content).toBe('2026-01-02T03:04:05')
    expect(document.get('//property[@name="candidateSha256"]/@value')?.content).toBe('b'.repeat(64))
  })

  it.each(hostileNames)('is valid and has no element of hostile name %#', (name) => {
    const document = validJunit(renderJunit(hostileResult(result, name)))
    expect(document.find('//testcase')).toHaveLength(4)
    expect(document.find('//*').length).toBe(
      document.find('//testcase').length + document.find('//property').length + 6,
    )
  })
})
