import { describe, expect, it } from '@jest/globals'
import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'
import { exampleRun } from '../../test/exampleRun.js'
import { hostileNames, hostileResult, invisible } from '../../test/hostileResult.js'
import { largeResult } from '../../test/largeResult.js'
import { buildRunResult } from './buildRunResult.js'
import { MARKDOWN_LIMIT_BYTES, renderMarkdown } from './markdown.js'
import { resultDigest } from './resultDigest.js'

const result = buildRunResult(exampleRun())
const toHtml = (markdown: string) =>
  micromark(markdown, { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: true })
const ownTags =
  /<(?!\/?(?:h2|p|strong|em|code|ul|li|details|summary|table|thead|tbody|tr|th|td|br)(?: align="(?:left|right)")?(?: \/)?>|!-- -->)/

describe('renderMarkdown', () => {
  const text = renderMarkdown(result)

  it('answers in the open: title, who gains and loses, verdict', () => {
    const open = text.slice(0, text.indexOf('<details>'))
    expect(open).toContain('## Stake cap at the 88th percentile on subnet 31\n')
    expect(open).toContain('4 accounts gain and 3 lose: 56.0000 of 634.0000 alpha')
    expect(open).toContain('**Checks:** 3 info, 6 pass\n')
    expect(open).not.toContain('| subnet |')
  })

  it('unfolds accounts, concentration, checks and how to repeat it', () => {
    expect(toHtml(text)).toMatch(/<td><code>5trout[^<]*<\/code><\/td>\n<td align="right">2<\/td>\n<td>validator<\/td>/)
    expect(text).toContain('| Nakamoto coefficient | 1 → 2 |')
    expect(text).toContain('| ✅ pass | no-op |')
    expect(text).toContain('What the gaining accounts gain, epoch by epoch: ██')
    expect(text).toContain('`epochdiff run example-cap.yaml --set replay.epochs=2 --engine native`')
    expect(text).toContain(resultDigest(result))
    expect(text.match(/<details>/g)).toHaveLength(6)
  })

  it('tells what each patch changes', () => {
    const attributed = renderMarkdown({ ...result, attribution: hostileResult(result, 'E365: | no').attribution })
    expect(toHtml(attributed)).toMatch(
      /<td align="right">31<\/td>\n<td>all together<\/td>\n<td align="right">-1\.5000<\/td>/,
    )
    expect(attributed).toContain('| 31 | A alone | failed |')
    expect(attributed).toMatch(/- A cannot run without the others:.* E365/)
    expect(attributed.match(/<details>/g)).toHaveLength(7)
  })

  it('is made of the tags it is meant to have', () => {
    expect(toHtml(text)).not.toMatch(ownTags)
  })

  it('shows warnings and errors in the open and disowns a run with an error', () => {
    const error = { name: 'made up', level: 'error', seen: 'one', expected: 'two', why: 'because' } as const
    const failed = renderMarkdown({ ...result, checks: [...result.checks, error] })
    expect(failed.slice(0, failed.indexOf('<details>'))).toContain('| ❌ error | made up | one | two | because |')
    expect(failed).toContain('**Do not rely on this run.**')
  })

  it('stays below the limit in the size of mainnet, and counts what it leaves out', () => {
    const { attribution } = hostileResult(result, '*'.repeat(3_000))
    const large = { ...largeResult(result), attribution }
    expect(large.rewards.accounts).toHaveLength(30_000)
    const markdown = renderMarkdown(large)
    expect(Buffer.byteLength(markdown)).toBeLessThan(MARKDOWN_LIMIT_BYTES)
    expect(markdown).toContain('| subnet | gain | lose |')
    const [shown, left] = [markdown.match(/<summary>Subnet \d+/g)?.length ?? 0, /_(\d+) more subnets in/g]
    const [, inDetails] = [...markdown.matchAll(left)].map(([, count]) => Number(count))
    expect(shown).toBeGreaterThan(1)
    expect(shown + (inDetails ?? 0)).toBe(129)
    expect(markdown).toMatch(/_\d+ more in result\.json\._/)
    expect(toHtml(markdown)).not.toMatch(ownTags)
  })

  it.each(hostileNames)('is inert and below the limit with hostile name %#', (name) => {
    const hostile = hostileResult(result, name)
    const many = { ...hostile, checks: Array.from({ length: 500 }, () => hostile.checks).flat() }
    const facts = Array.from({ length: 500 }, () => name)
    for (const each of [
      hostile,
      { ...many, mocks: facts, fork: { ...hostile.fork, recorded: facts, assumed: facts } },
    ]) {
      const markdown = renderMarkdown(each)
      expect(Buffer.byteLength(markdown)).toBeLessThan(MARKDOWN_LIMIT_BYTES)
      expect(markdown).not.toMatch(invisible)
    }
    expect(toHtml(renderMarkdown(hostile))).not.toMatch(ownTags)
  })
})
