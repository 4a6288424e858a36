import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'

const candidates = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** The Chromium that tests, benchmarks and screenshots use: EPOCHDIFF_BROWSER, or where a distribution puts it; `undefined` when
 *  there is none. */
export function browserPath() {
  return [process.env.EPOCHDIFF_BROWSER, ...candidates].find((path) => path !== undefined && existsSync(path))
}

/** A headless browser with a profile of its own that makes no request by itself. */
export function openBrowser(executablePath) {
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
