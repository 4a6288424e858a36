import { expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Hex } from '../fork/forkState.js'
import { createStorageCodec } from '../fork/storageCodec.js'
import { nextDueBlock, reasonNotFired } from './schedule.js'

const SM = 'SubtensorModule'
// Spec 393: LastEpochBlock came with spec 423.
const metadata = gunzipSync(readFileSync(new URL('../fork/fixtures/finney-393.scale.gz', import.meta.url)))
const codec = createStorageCodec(`0x${metadata.toString('hex')}`)
const entry = (item: string, netuid: number, value: unknown): [Hex, Hex] => [
  codec.key(SM, item, netuid),
  codec.encode(SM, item, value),
]

it.each([
  [1, 20],
  [2, 24],
  [3, 30],
  [64, 360],
])("before spec 423 the block's number decides: subnet %d, tempo %d", (netuid, tempo) => {
  const entries = new Map([entry('Tempo', netuid, tempo)])
  for (let block = 100_000; block < 100_000 + 2 * tempo; block += 1) {
    let next = block + 1
    while ((next + netuid + 1) % (tempo + 1) !== tempo) next += 1
    expect(nextDueBlock(codec, entries, netuid, block)).toBe(next)
  }
})

it('a tempo of 0 never fires, and blocks since the last step say whether an epoch ran', () => {
  expect(nextDueBlock(codec, new Map([entry('Tempo', 1, 0)]), 1, 7)).toBeUndefined()
  expect(reasonNotFired(codec, new Map([entry('BlocksSinceLastStep', 1, 0n)]), 1, 7)).toBeUndefined()
  expect(reasonNotFired(codec, new Map([entry('BlocksSinceLastStep', 1, 3n)]), 1, 7)).toMatch(/not find it due/)
})
