import { describe, expect, it } from '@jest/globals'
import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'
import { hostileNames, invisible } from '../../test/hostileResult.js'
import { validJunit } from '../../test/junitSchema.js'
import { type CheckedScenario, renderChecked, renderCheckedJunit, renderCheckedMarkdown } from './checkReport.js'

const scenario = (name: string, level: 'pass' | 'warning' | 'error', checks = 1): CheckedScenario => ({
  name,
  title: name,
  startedAt: '2026-01-02T03:04:05.678Z',
  totalMs: 1500,
  checks: Array.from({ length: checks }, () => ({ name, level, seen: name, expected: name, why: name })),
})

describe('the reports of a check', () => {
  it('say which scenarios fail, and why', () => {
    const scenarios = [scenario('good', 'pass'), scenario('doubtful', 'warning'), scenario('bad', 'error')]
    expect(renderChecked(scenarios)).toMatch(
      /^ok {4}good: 1 checks in 1\.5 s\n[^]*FAIL {2}bad: [^]*error bad: bad\n[^]*1 of 3 fail\.\n$/,
    )
    const markdown = renderCheckedMarkdown(scenarios)
    expect(markdown).toContain('**1 of 3 scenarios fail.**')
    expect(markdown.indexOf('| ❌ | bad |')).toBeLessThan(markdown.indexOf('| ✅ | good | 1 checks |'))
    const document = validJunit(renderCheckedJunit(scenarios))
    expect(document.find('//testsuite/@id').map(({ content }) => content)).toEqual(['0', '1', '2'])
    expect(document.get('//testcase[failure]/@name')?.content).toBe('bad')
  })

  it.each(hostileNames)('are inert and short with hostile name %#', (name) => {
    const scenarios = Array.from({ length: 200 }, () => scenario(name, 'error', 20))
    expect(renderChecked(scenarios.slice(0, 2))).not.toMatch(invisible)
    expect(validJunit(renderCheckedJunit(scenarios.slice(0, 2))).find('//testcase')).toHaveLength(40)
    const markdown = renderCheckedMarkdown(scenarios)
    expect(markdown).not.toMatch(invisible)
    expect(Buffer.byteLength(markdown)).toBeLessThan(65_536)
    const html = micromark(renderCheckedMarkdown(scenarios.slice(0, 2)), {
      extensions: [gfm()],
      htmlExtensions: [gfmHtml()],
      allowDangerousHtml: true,
    })
    expect(html).not.toMatch(/<(?!\/?(h2|p|strong|em|table|thead|tbody|tr|th|td|br)>|!-- -->)/)
  })
})
