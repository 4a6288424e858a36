// Pictures of a report for the documentation: docs/images/report-desktop.png and report-phone.png.
// Run: npm run build && node bench/screenshots.js [folder of a bundle, default: result]
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { browserPath, openBrowser } from './browser.js'

const [folder = 'result'] = process.argv.slice(2)
const images = fileURLToPath(new URL('../docs/images/', import.meta.url))
const shots = [
  { name: 'report-desktop', viewport: { width: 1180, height: 1240 }, colorScheme: 'light' },
  { name: 'report-phone', viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
]

const path = browserPath()
if (path === undefined) throw new Error('No Chromium found; EPOCHDIFF_BROWSER names one.')
await mkdir(images, { recursive: true })
const browser = await openBrowser(path)
try {
  for (const { name, ...options } of shots) {
    const page = await browser.newPage(options)
    await page.goto(pathToFileURL(join(folder, 'report.html')).href)
    await page.locator('#account-page', { hasText: 'Page 1' }).waitFor()
    await page.screenshot({ path: join(images, `${name}.png`) })
    await page.close()
  }
} finally {
  await browser.close()
}
