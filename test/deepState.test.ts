import { expect, it } from '@jest/globals'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('..', import.meta.url))

it('hundreds of blocks on the made-up chain neither exhaust the stack nor grow memory beyond the overlay', async () => {
  // The benchmark itself, with fewer blocks: it exits with 1 when memory grows.
  const env = { ...process.env, BLOCKS: '300' }
  const { stdout } = await promisify(execFile)(process.execPath, ['bench/deepState.js'], { cwd: root, env })
  expect(stdout).toMatch(/^300 blocks/)
  expect(stdout).toMatch(/growth of the second half -?\d+ MiB/)
})
