import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildRunResult } from '../harness/report/buildRunResult.js'
import { renderHtml } from '../harness/report/html/renderHtml.js'
import { browserPath, openBrowser } from '../bench/browser.js'
import { generatedRun } from './generatedRun.js'

// As many subnets and accounts as mainnet has. How fast it paints is measured by bench/report.js.

const size = { subnets: 129, accounts: 30_000, epochs: 1 }
const inBrowser = browserPath() === undefined ? it.skip : it

describe(`a report of ${size.subnets} subnets and ${size.accounts} accounts`, () => {
  let page: string
  let folder: string
  let wanted: { readonly coldkey: string; readonly changeRao: string } | undefined

  beforeAll(async () => {
    const result = buildRunResult(generatedRun(size))
    expect(result.rewards.accounts).toHaveLength(size.accounts)
    wanted = result.rewards.accounts.at(-1)
    page = await renderHtml(result)
    folder = await mkdtemp(join(tmpdir(), 'epochdiff-large-'))
  }, 600_000)

  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('is smaller than 8 MB, with every account in it', () => {
    expect(Buffer.byteLength(page)).toBeLessThan(8_000_000)
    expect(page).toContain(wanted?.coldkey)
  })

  inBrowser('finds any account', async () => {
    const file = join(folder, 'large.html')
    await writeFile(file, page)
    const browser = await openBrowser(browserPath() ?? '')
    try {
      const tab = await browser.newPage()
      tab.setDefaultTimeout(110_000)
      await tab.goto(pathToFileURL(file).href)
      await tab.locator('#account-page', { hasText: 'Page 1 of 1,200' }).waitFor()
      await tab.fill('#account-search', wanted?.coldkey ?? '')
      await tab.getByText('1 to 1 of 1 accounts, those whose pay changes most first.').waitFor()
      expect(await tab.locator('#account-table tbody data').last().getAttribute('value')).toBe(wanted?.changeRao)
    } finally {
      await browser.close()
    }
  })
})
