import { beforeAll, describe, expect, it } from '@jest/globals'
import { createHash } from 'node:crypto'
import { parse } from 'parse5'
import { exampleRun } from '../../../test/exampleRun.js'
import { generatedRun } from '../../../test/generatedRun.js'
import { hostileNames, hostileResult } from '../../../test/hostileResult.js'
import { attribute, elementsOf, textOf } from '../../../test/htmlTree.js'
import { buildRunResult } from '../buildRunResult.js'
import { headline } from '../headline.js'
import { resultDigest } from '../resultDigest.js'
import { renderHtml } from './renderHtml.js'

const result = buildRunResult(exampleRun())
let page: string
let elements: ReturnType<typeof elementsOf>
const all = (tag: string) => elements.filter(({ tagName }) => tagName === tag)
const byId = (id: string) => elements.find((element) => attribute(element, 'id') === id)
let benign: string[] | undefined
const skeleton = (text: string) =>
  elementsOf(parse(text)).map(({ tagName, attrs }) => [tagName, ...attrs.map((attr) => attr.name)].join(' '))
const textBy = (id: string) => {
  const element = byId(id)
  return element === undefined ? '' : textOf(element).replace(/\s+/g, ' ')
}

beforeAll(async () => {
  page = await renderHtml(result)
  elements = elementsOf(parse(page))
})

describe('renderHtml', () => {
  it('says the headline, the verdict and the numbers', () => {
    expect(textBy('summary')).toContain(headline(result, 31))
    expect(textBy('summary')).toContain('No check failed.')
    expect(textBy('summary')).toContain('8.83 %')
    // 56 alpha at 0.02 TAO.
    expect(textBy('summary')).toContain('about 1.12 TAO changes hands')
    expect(textBy('summary')).toMatch(/51 % coalition of stake weights ?1 → 2/)
  })

  it('lists every check, what was mocked and what was never exercised, and how to run it again', () => {
    for (const check of result.checks) expect(textBy('checks')).toContain(check.name)
    expect(textBy('trust')).toContain(result.mocks[0])
    expect(textBy('trust')).toContain('root')
    expect(textBy('repeat')).toContain('epochdiff run example-cap.yaml --set replay.epochs=2 --engine native')
    for (const hash of [resultDigest(result), result.scenario.sha256, result.runtimes.candidate.sha256]) {
      expect(textBy('repeat')).toContain(hash)
    }
  })

  it('tells what each patch changes, where that was asked for', async () => {
    expect(textBy('attribution')).toBe('')
    const { attribution } = hostileResult(result, 'E365: <no>')
    const tree = elementsOf(parse(await renderHtml({ ...result, attribution })))
    const section = tree.find((element) => attribute(element, 'id') === 'attribution') ?? missing()
    expect(textOf(section).replace(/\s+/g, ' ')).toMatch(/subnet 31: all together ?-1\.5000/)
    expect(textOf(section)).toContain('A cannot run without the others: E365: <no>')
    expect(tree.some((element) => attribute(element, 'href') === '#attribution')).toBe(true)
  })

  it('opens what failed, and says not to rely on it', async () => {
    const failed = { name: 'conservation', level: 'error' as const, seen: '1', expected: '2', why: 'rao are lost' }
    const tree = elementsOf(parse(await renderHtml({ ...result, checks: [...result.checks, failed] })))
    const open = tree.filter((element) => attribute(element, 'class') === 'check error')
    expect(open).toHaveLength(1)
    expect(open[0] && attribute(open[0], 'open')).toBe('')
    expect(textOf(tree[0] ?? parse(''))).toContain('Do not rely on these numbers')
  })

  it('shows nothing but what its policy allows: two hashes, no request, no inline style, no handler', () => {
    const policy = attribute(
      all('meta').find((meta) => attribute(meta, 'http-equiv') !== undefined) ?? missing(),
      'content',
    )
    const hashes = [...(policy ?? '').matchAll(/'sha256-([^']+)'/g)].map(([, hash]) => hash)
    const inline = [...all('script').filter((script) => attribute(script, 'type') === undefined), ...all('style')]
    expect(hashes).toEqual(inline.map((element) => createHash('sha256').update(textOf(element)).digest('base64')))
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
    const attributes = elements.flatMap(({ attrs }) => attrs)
    expect(attributes.filter(({ name }) => name === 'style' || name.startsWith('on'))).toEqual([])
    const references = attributes.filter(({ name }) => /^(href|src|action|data|poster|srcset|xlink:href)$/.test(name))
    for (const { value } of references) expect(value).toMatch(/^(#[\w-]+|data:,)$/)
    expect(textOf(all('style')[0] ?? missing())).not.toMatch(/url\(|@import/)
  })

  it('gives every chart a text and a table, and every input a label', () => {
    expect(all('svg').length).toBeGreaterThanOrEqual(9)
    for (const svg of all('svg')) expect(attribute(svg, 'aria-label')).toMatch(/\w+ .*\w/)
    for (const figure of all('figure')) expect(elementsOf(figure).map(({ tagName }) => tagName)).toContain('table')
    for (const table of all('table')) expect(elementsOf(table).map(({ tagName }) => tagName)).toContain('caption')
    const labelled = all('label').flatMap(elementsOf)
    for (const input of [...all('input'), ...all('select')]) expect(labelled).toContain(input)
  })

  it('has each id once, and its links lead somewhere', () => {
    const ids = elements.flatMap((element) => attribute(element, 'id') ?? [])
    expect(ids).toEqual([...new Set(ids)])
    for (const link of all('a')) expect(ids).toContain(attribute(link, 'href')?.slice(1))
    for (const [, id] of page.matchAll(/url\(#([^)]+)\)/g)) expect(ids).toContain(id)
  })

  it('keeps every amount exact, in rao', () => {
    const largest = result.rewards.accounts.find(({ hotkey, role }) => hotkey.includes('whale') && role === 'validator')
    const amounts = all('data').map((element) => `${attribute(element, 'value')} rao`)
    expect(amounts).toContain(`${largest?.changeRao} rao`)
    for (const element of all('data')) expect(attribute(element, 'title')).toBe(`${attribute(element, 'value')} rao`)
  })

  it('shows names where the fork has them', () => {
    expect(textBy('accounts')).toContain('Shark & Sons')
    expect(textBy('subnet-31')).toContain('Subnet 31 (Example)')
  })

  it('draws a run in which nothing changes', async () => {
    const same = await renderHtml(buildRunResult(exampleRun({ noOp: true })))
    expect(same).toContain('Nobody gains and nobody loses')
  })

  it('says so where the fork has no price', async () => {
    const unpriced = { ...result, subnets: [{ netuid: 31, name: null, alphaPriceRao: null }] }
    expect(await renderHtml(unpriced)).toContain('the fork has no price for it in TAO')
  })

  it('is the same page each time', async () => {
    expect(await renderHtml(result)).toBe(page)
  })

  it.each(hostileNames.map((name, i) => [i, name.slice(0, 40), name] as const))(
    'shows hostile name %p as text (%j)',
    async (_, __, name) => {
      benign ??= skeleton(await renderHtml(hostileResult(result, 'name')))
      const hostile = await renderHtml(hostileResult(result, name))
      expect(skeleton(hostile)).toEqual(benign)
      // eslint-disable-next-line no-control-regex
      expect(/[\u202a-\u202e\u2066-\u2069\u0000-\u0009\u000b-\u001f]/.test(hostile)).toBe(false)
      expect(hostile.includes('x'.repeat(4001))).toBe(false)
      expect(hostile.length).toBeLessThan(400_000)
    },
  )

  it('shows several subnets in a heat map, and all of them in the table', async () => {
    const many = buildRunResult(generatedRun({ subnets: 9, accounts: 360, epochs: 2 }))
    const tree = elementsOf(parse(await renderHtml(many)))
    const heatMap = tree.find((element) => attribute(element, 'id') === 'subnets')
    const rows = heatMap === undefined ? [] : elementsOf(heatMap).filter(({ tagName }) => tagName === 'tr')
    expect(rows).toHaveLength(10)
    const sections = tree.filter((element) => attribute(element, 'class') === 'subnet')
    expect(sections).toHaveLength(6)
    const data = tree.find((element) => attribute(element, 'id') === 'data')
    expect(JSON.parse(data === undefined ? '' : textOf(data))).toMatchObject({
      netuid: many.rewards.accounts.map(({ netuid }) => netuid),
      baseline: many.rewards.accounts.map(({ baselineRao }) => baselineRao).join(' '),
    })
  })
})

function missing(): never {
  throw new Error('no such element')
}
