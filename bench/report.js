// How large the HTML report of a network is and how fast a browser paints it: 129 subnets, 30,000 accounts. Ratios are to a page of
// the same bytes that is plain text, in the same browser. Without a browser only the size is measured.
// Run: npm run bench:report [result.json]
import { Blob } from 'node:buffer'
import { readFile, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseRunResult } from '../dist/report/runResult.js'
import { renderHtml } from '../dist/report/html/renderHtml.js'
import { browserPath, openBrowser } from './browser.js'
import { enlarged } from './enlargedResult.js'

const SIZE = { subnets: 129, accounts: 30_000 }
const RUNS = 5

const [file = 'result/result.json'] = process.argv.slice(2)
const given = parseRunResult(await readFile(file, 'utf8'))
const result = enlarged(given, SIZE)

const started = performance.now()
const page = await renderHtml(result)
const renderMs = performance.now() - started
console.log(`${SIZE.subnets} subnets, ${result.rewards.accounts.length} accounts`)
console.log(`rendered in ${Math.round(renderMs)} ms: ${(new Blob([page]).size / 1e6).toFixed(2)} MB (limit 8)`)

const path = browserPath()
if (path === undefined) {
  console.log('skipped: no Chromium found, EPOCHDIFF_BROWSER names one')
} else {
  const folder = await mkdtemp(join(tmpdir(), 'epochdiff-bench-'))
  const browser = await openBrowser(path)
  try {
    const plain = `<!doctype html><title>text</title><pre>${page.replaceAll('<', ' ')}</pre>`
    const paints = { report: [], text: [] }
    for (const [name, text] of Object.entries({ report: page, text: plain })) {
      await writeFile(join(folder, `${name}.html`), text)
    }
    for (let run = 0; run < RUNS; run += 1) {
      for (const name of Object.keys(paints)) {
        paints[name].push(await firstPaint(browser, join(folder, `${name}.html`)))
      }
    }
    const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)]
    const [ours, theirs] = [median(paints.report), median(paints.text)]
    console.log(`first contentful paint, median of ${RUNS}: ${Math.round(ours)} ms (limit 2000)`)
    console.log(`the same bytes as text: ${Math.round(theirs)} ms; ratio ${(ours / theirs).toFixed(2)}`)
    console.log(`file on disk: ${(await stat(join(folder, 'report.html'))).size} bytes`)
  } finally {
    await browser.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Milliseconds from navigation to the first contentful paint. */
async function firstPaint(browser, file) {
  const page = await browser.newPage()
  try {
    await page.goto(pathToFileURL(file).href, { waitUntil: 'load' })
    await page.waitForTimeout(200)
    return await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity)
  } finally {
    await page.close()
  }
}
