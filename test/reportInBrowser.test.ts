import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import axe from 'axe-core'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { buildRunResult } from '../harness/report/buildRunResult.js'
import { renderHtml } from '../harness/report/html/renderHtml.js'
import { browserPath, openBrowser } from '../bench/browser.js'
import { exampleRun } from './exampleRun.js'
import { generatedRun } from './generatedRun.js'
import { hostileNames, hostileResult } from './hostileResult.js'

// The page as a reader meets it. What needs no browser is tested in harness/report/html/renderHtml.test.ts.

const path = browserPath()
if (path === undefined) {
  console.warn('skipped: no Chromium found (EPOCHDIFF_BROWSER names one); the report is not opened in a browser')
}
const inBrowser = path === undefined ? describe.skip : describe

inBrowser('the report in a browser', () => {
  // Names that have none of HTML's own characters are shown to stay text in renderHtml.test.ts.
  const markup = hostileNames.filter((name) => /[<&"']/.test(name))
  const many = buildRunResult(generatedRun({ subnets: 3, accounts: 300, epochs: 6 }))
  let browser: Browser
  let folder: string
  const files: Record<string, string> = {}

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'epochdiff-report-'))
    const example = buildRunResult(exampleRun())
    const pages = {
      example: await renderHtml(example),
      many: await renderHtml(many),
      ...Object.fromEntries(
        await Promise.all(
          markup.map(async (name, i) => [`hostile${i}`, await renderHtml(hostileResult(example, name))] as const),
        ),
      ),
    }
    for (const [name, text] of Object.entries(pages)) {
      files[name] = join(folder, `${name}.html`)
      await writeFile(files[name], text)
    }
    browser = await openBrowser(path ?? '')
  }, 300_000)

  afterAll(async () => {
    await browser.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** What a page must never do is gathered while it is open. */
  async function open(name: string, options: Parameters<Browser['newPage']>[0] = {}) {
    const page = await browser.newPage(options)
    const wrongs: string[] = []
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) wrongs.push(message.text())
    })
    page.on('pageerror', (error) => wrongs.push(error.message))
    page.on('dialog', (dialog) => {
      wrongs.push(`dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
    page.on('request', (request) => {
      const url = request.url()
      if (request.resourceType() !== 'document' && !url.startsWith('data:')) wrongs.push(`request: ${url}`)
    })
    await page.goto(pathToFileURL(files[name] ?? '').href)
    await page.locator('#account-page', { hasText: 'Page 1' }).waitFor()
    return { page, wrongs, close: () => page.close() }
  }

  const rows = '#account-table tbody tr'
  const statusIs = (page: Page, text: string) =>
    page
      .locator('#account-status')
      .and(page.getByText(text, { exact: true }))
      .waitFor()
  const column = (page: Page, place: number) => page.locator(`${rows} > :nth-child(${place})`).allTextContents()
  const raoOf = async (page: Page, place: number) => {
    const amounts = page.locator(`${rows} > :nth-child(${place}) data`)
    const values = await amounts.evaluateAll((nodes) => nodes.map((node) => node.getAttribute('value') ?? ''))
    return values.map(BigInt)
  }
  const trimmed = (texts: readonly string[]) => texts.map((text) => text.trim())

  it('asks for nothing, logs nothing and attempts nothing', async () => {
    for (const name of ['example', 'many']) {
      const { wrongs, close } = await open(name)
      expect(wrongs).toEqual([])
      await close()
    }
  })

  it('finds an account by address and by uid, and says how many', async () => {
    const { page, wrongs, close } = await open('many')
    const wanted = many.rewards.accounts[170]
    await page.fill('#account-search', (wanted?.coldkey ?? '').toUpperCase())
    await statusIs(page, '1 to 1 of 1 accounts, those whose pay changes most first.')
    expect(await raoOf(page, 7)).toEqual([BigInt(wanted?.changeRao ?? 0)])
    await page.fill('#account-search', '7')
    await statusIs(page, `1 to 3 of 3 accounts, those whose pay changes most first.`)
    expect(new Set(await column(page, 4))).toEqual(new Set(['7']))
    await page.fill('#account-search', 'no such account')
    await statusIs(page, 'No accounts found.')
    expect(await page.locator(rows).count()).toBe(0)
    expect(wrongs).toEqual([])
    await close()
  })

  it('finds an account by the name it gave itself', async () => {
    const { page, close } = await open('example')
    await page.fill('#account-search', 'sharK & s')
    await statusIs(page, '1 to 1 of 1 accounts, those whose pay changes most first.')
    expect(trimmed(await column(page, 1))).toEqual(['Shark & Sons'])
    await close()
  })

  it('sorts by a click or by the keyboard, both ways, and pages through all', async () => {
    const { page, close } = await open('many')
    const changes = many.rewards.accounts
      .map(({ changeRao }) => BigInt(changeRao))
      .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
    const heading = page.locator('#account-table th[data-key=change]')
    await heading.locator('button').click()
    expect(await heading.getAttribute('aria-sort')).toBe('descending')
    expect(await raoOf(page, 7)).toEqual(changes.toReversed().slice(0, 25))
    await heading.locator('button').press('Enter')
    expect(await heading.getAttribute('aria-sort')).toBe('ascending')
    expect(await raoOf(page, 7)).toEqual(changes.slice(0, 25))
    const seen = await raoOf(page, 7)
    for (let turned = 1; turned < 12; turned += 1) {
      await page.click('#account-next')
      seen.push(...(await raoOf(page, 7)))
    }
    expect(seen).toEqual(changes)
    expect(await page.locator('#account-next').isDisabled()).toBe(true)
    await close()
  })

  it('filters by role and subnet, and adds up by hotkey and wallet', async () => {
    const { page, close } = await open('many')
    await page.selectOption('#account-subnet', '2')
    await page.selectOption('#account-role', 'miner')
    const own = many.rewards.accounts.filter(({ netuid, role }) => netuid === 2 && role === 'miner')
    await statusIs(page, `1 to 25 of ${own.length} accounts, those whose pay changes most first.`)
    expect(new Set(await column(page, 2))).toEqual(new Set(['miner']))
    await page.selectOption('#account-role', '')
    await page.selectOption('#account-unit', 'hotkey')
    const sums = new Map<string, bigint>()
    for (const { netuid, hotkey, candidateRao } of many.rewards.accounts) {
      if (netuid === 2) sums.set(hotkey, (sums.get(hotkey) ?? 0n) + BigInt(candidateRao))
    }
    await statusIs(page, `1 to 25 of ${sums.size} hotkeys, those whose pay changes most first.`)
    await page.locator('#account-table th[data-key=candidate] button').click()
    const largest = [...sums.values()].sort((a, b) => (a > b ? -1 : a < b ? 1 : 0))
    expect(await raoOf(page, 6)).toEqual(largest.slice(0, 25))
    await close()
  })

  it('shows every amount in alpha, in TAO and in rao', async () => {
    const { page, close } = await open('example')
    const first = page.locator(`${rows}:first-child > :nth-child(7)`)
    expect((await first.textContent())?.trim()).toBe('-32.0000')
    await page.check('input[value=tao]')
    expect(await first.textContent()).toBe('-0.6400')
    await page.check('input[value=rao]')
    expect(await first.textContent()).toBe('-32,000,000,000')
    await page.fill('#account-search', 'whale')
    await statusIs(page, '1 to 2 of 2 accounts, those whose pay changes most first.')
    expect(await first.textContent()).toBe('-32,000,000,000')
    await page.check('input[value=alpha]')
    expect(await first.textContent()).toBe('-32.0000')
    await close()
  })

  it('changes its theme', async () => {
    const { page, close } = await open('example', { colorScheme: 'light' })
    const background = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
    const light = await background()
    await page.click('#theme')
    expect(await background()).toBe(light)
    await page.click('#theme')
    expect(await page.locator('#theme').textContent()).toBe('Theme: dark')
    expect(await background()).not.toBe(light)
    await close()
    const dark = await open('example', { colorScheme: 'dark' })
    expect(await dark.page.evaluate('getComputedStyle(document.body).backgroundColor')).not.toBe(light)
    await dark.close()
  })

  it('prints dark on white whatever its theme, with every check open', async () => {
    const { page, close } = await open('example', { colorScheme: 'dark' })
    await page.emulateMedia({ media: 'print' })
    const colours = await page.evaluate(
      '[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]',
    )
    expect(colours).toEqual(['rgb(255, 255, 255)', 'rgb(22, 32, 44)'])
    expect(await page.locator('#controls').isVisible()).toBe(false)
    await page.pdf()
    expect(await page.locator('.check:not([open])').count()).toBe(0)
    await close()
  })

  it('sorts the heat map, and tells what a point of a chart is', async () => {
    const { page, close } = await open('many')
    await page.locator('#subnets th button').first().click()
    expect((await page.locator('#subnets tbody th').first().textContent())?.trim()).toBe('subnet 3 (Generated 3)')
    const point = page.locator('#movers-1 [data-tip]').first()
    await point.hover()
    expect(await page.locator('#tip').textContent()).toBe(await point.getAttribute('data-tip'))
    expect(await page.locator('#tip').isVisible()).toBe(true)
    await close()
  })

  // Each width and each theme once: no colour depends on the width.
  it.each([
    ['desktop', 1280, 'light'],
    ['phone', 390, 'dark'],
  ] as const)('is accessible and fits the screen: %s, %i px, %s', async (_, width, colorScheme) => {
    const { page, close } = await open('many', { viewport: { width, height: 844 }, colorScheme, bypassCSP: true })
    await page.addScriptTag({ content: axe.source })
    const findings = await page.evaluate<{ impact: string; id: string; nodes: { html: string }[] }[]>(
      'axe.run().then(({ violations }) => violations)',
    )
    const serious = findings
      .filter(({ impact }) => ['serious', 'critical'].includes(impact))
      .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)}`)
    expect(serious).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0)
    await close()
  })

  it('shows hostile names as text', async () => {
    for (const [i, name] of markup.entries()) {
      const { page, wrongs, close } = await open(`hostile${i}`)
      // Into the part that the script writes, too.
      await page.selectOption('#account-unit', 'coldkey')
      await page.locator('#account-table th[data-key=account] button').click()
      await page.locator('figure [data-tip]').first().hover()
      expect({ name, wrongs }).toEqual({ name, wrongs: [] })
      expect(await page.locator('img, iframe, object, embed, script:not(#data)').count()).toBe(1)
      expect(await page.title()).toContain('epochdiff')
      await close()
    }
  })
})
