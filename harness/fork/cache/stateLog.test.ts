import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Hex } from '../forkState.js'
import { openStateLog, readStateLogs } from './stateLog.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'epochdiff-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const range = { from: '0x01' as Hex, to: '0x02' as Hex }

function logThree(): void {
  const log = openStateLog(folder)
  log.values({ entries: [['0x0101', '0xaa']], absent: ['0x05'] }, ['ws://a'])
  log.values({ entries: [['0x0102', '0xbb']], absent: [] }, ['ws://a', 'ws://b'])
  log.range(range, ['0x0101', '0x0102'])
  log.close()
}

it('gives back what any run logged', async () => {
  logThree()
  const other = openStateLog(folder)
  other.values({ entries: [['0x09', '0xcc']], absent: [] }, ['ws://c'])
  other.close()
  const { part, endpoints } = await readStateLogs(folder)
  expect(new Map(part.entries)).toEqual(
    new Map([
      ['0x0101', '0xaa'],
      ['0x0102', '0xbb'],
      ['0x09', '0xcc'],
    ]),
  )
  expect(part).toMatchObject({ absent: ['0x05'], ranges: [range] })
  expect(endpoints).toEqual(['ws://a', 'ws://b', 'ws://c'])
  expect((await readStateLogs(join(folder, 'none'))).part.entries).toEqual([])
})

it('believes nothing that is cut short or altered, and no range that lacks a key of it', async () => {
  logThree()
  const file = join(folder, readdirSync(folder)[0] ?? '')
  const bytes = readFileSync(file)
  const truth = new Map([
    ['0x0101', '0xaa'],
    ['0x0102', '0xbb'],
  ])
  for (let place = 0; place < bytes.length - 1; place += 1) {
    const altered = Buffer.from(bytes)
    altered[place] = (altered[place] as number) ^ 1
    for (const damaged of [bytes.subarray(0, place), altered]) {
      writeFileSync(file, damaged)
      const { part } = await readStateLogs(folder)
      for (const [key, value] of part.entries) expect(truth.get(key)).toBe(value)
      for (const key of part.absent) expect(key).toBe('0x05')
      if (part.ranges.length > 0) expect([part.ranges, part.entries.length]).toEqual([[range], 2])
    }
  }
})
