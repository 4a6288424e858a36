import { describe, expect, it } from '@jest/globals'
import { exampleRun } from '../../test/exampleRun.js'
import { buildRunResult } from './buildRunResult.js'
import { resultDigest } from './resultDigest.js'
import { parseRunResult, serialiseRunResult } from './runResult.js'

const result = buildRunResult(exampleRun())
const text = serialiseRunResult(result)

describe('serialiseRunResult', () => {
  it('is read back as it was', () => {
    expect(parseRunResult(text)).toEqual(result)
  })

  it('gives the same bytes whatever the order of the members', () => {
    const reversed = Object.fromEntries(Object.entries(result).reverse()) as typeof result
    expect(serialiseRunResult(reversed)).toBe(text)
    expect(serialiseRunResult(buildRunResult(exampleRun()))).toBe(text)
  })

  it('orders members at every depth and ends with a newline', () => {
    const members = (value: unknown): unknown[] =>
      typeof value !== 'object' || value === null ? [] : [Object.keys(value), ...Object.values(value).flatMap(members)]
    const json: unknown = JSON.parse(text)
    for (const names of members(json) as string[][]) {
      if (!names.every((name) => /^\d+$/.test(name))) expect(names).toEqual([...names].sort())
    }
    expect(text.endsWith('}\n')).toBe(true)
  })

  it('writes amounts as exact decimal strings of rao', () => {
    const huge = { ...result.rewards.roles[0], changeRao: '-9007199254740993' }
    const roles = [huge] as typeof result.rewards.roles
    expect(serialiseRunResult({ ...result, rewards: { ...result.rewards, roles } })).toContain('"-9007199254740993"')
  })

  it('refuses amounts that are not integers of rao', () => {
    for (const changeRao of ['1.5', '1e9', '-0', '', '007']) {
      const roles = result.rewards.roles.map((role) => ({ ...role, changeRao }))
      expect(() => serialiseRunResult({ ...result, rewards: { ...result.rewards, roles } })).toThrow()
    }
  })
})

describe('parseRunResult', () => {
  it.each([
    ['what is not JSON', '{', /not JSON/],
    ['another document', '[]', /the document/],
    ['another version', text.replace('"schemaVersion": 1', '"schemaVersion": 2'), /schemaVersion/],
    ['an unknown member', text.replace('{\n', '{\n  "more": 1,\n'), /more/],
    ['a missing member', text.replace(/"mocks": \[[^\]]*\],/, ''), /mocks/],
  ])('refuses %s and says where', (_, wrong, message) => {
    expect(() => parseRunResult(wrong)).toThrow(expect.objectContaining({ code: 'E703', exitCode: 2 }))
    expect(() => parseRunResult(wrong)).toThrow(message)
  })
})

describe('resultDigest', () => {
  it('does not depend on timing, and on everything else', () => {
    const later = { ...result, timing: { startedAt: '2027-01-01T00:00:00.000Z', totalMs: 9, stagesMs: {} } }
    expect(resultDigest(later)).toBe(resultDigest(result))
    expect(resultDigest(result)).toMatch(/^[0-9a-f]{64}$/)
    expect(resultDigest({ ...result, engine: 'chopsticks' })).not.toBe(resultDigest(result))
    expect(resultDigest({ ...result, mocks: [] })).not.toBe(resultDigest(result))
  })
})
