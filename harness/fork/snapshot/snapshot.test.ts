import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { failure } from '../../../test/failure.js'
import { smallChain } from '../../../test/smallChain.js'
import { blockHash } from '../blockHeader.js'
import type { Trust } from '../chainFork.js'
import type { Hex } from '../forkState.js'
import { readSnapshot } from './readSnapshot.js'
import { openSnapshotFork } from './snapshotFork.js'
import { writeSnapshot } from './writeSnapshot.js'

const { chain } = await smallChain()
const folder = mkdtempSync(join(tmpdir(), 'epochdiff-'))
const file = join(folder, 'a.snapshot')
const metadata: Hex = '0x6d657461'
const trust: Trust = { kind: 'trusted', endpoints: ['ws://node'] }
const { name, genesisHash, header } = chain
const block = { chain: name, genesisHash, hash: blockHash(header), header }
const known = {
  storage: chain.storage,
  absent: ['0xffff' as Hex],
  ranges: [{ from: '0x00' as Hex, to: '0x80' as Hex }],
}

beforeAll(() => writeSnapshot(file, { block, trust: () => trust, known: () => known }, metadata))
afterAll(() => rmSync(folder, { recursive: true }))

it('holds what was known, the same bytes each time, and nothing else beside it', async () => {
  const { manifest, storage } = await readSnapshot(file)
  expect(storage).toEqual(new Map([...chain.storage].sort()))
  expect(manifest).toMatchObject({
    chain: 'Small',
    trust,
    absent: ['0xffff'],
    complete: [{ from: '0x00', to: '0x80' }],
  })
  const again = join(folder, 'b.snapshot')
  const shuffled = { ...known, storage: new Map([...chain.storage].reverse()) }
  await writeSnapshot(again, { block, trust: () => trust, known: () => shuffled }, metadata)
  expect(readFileSync(again).equals(readFileSync(file))).toBe(true)
  expect(readdirSync(folder).sort()).toEqual(['a.snapshot', 'b.snapshot'])
})

it('answers what it holds and what it knows not to be', async () => {
  const { remote } = (await openSnapshotFork(file)).state()
  expect(await remote?.ask({ kind: 'keys', keys: ['0x01', '0xffff'] })).toMatchObject({ absent: ['0x01', '0xffff'] })
  // Woven code asks for keys of its own, which a snapshot made without a policy was not asked for.
  const probe: Hex = `0x${Buffer.from(':epochdiff:probe').toString('hex')}03`
  const bare = join(folder, 'bare.snapshot')
  const part = { ...known, ranges: [] }
  await writeSnapshot(bare, { block, trust: () => trust, known: () => part }, metadata)
  const asked = (await openSnapshotFork(bare)).state().remote?.ask({ kind: 'keys', keys: [probe] })
  expect(await asked).toMatchObject({ absent: [probe] })
  rmSync(bare)
})

it('E230 wherever it is cut short or altered', async () => {
  const bytes = readFileSync(file)
  const damaged = join(folder, 'damaged')
  const places = Array.from({ length: 12 }, (_, index) => Math.floor((index * bytes.length) / 12))
  for (const place of places) {
    writeFileSync(damaged, bytes.subarray(0, place))
    expect((await failure(readSnapshot(damaged))).code).toBe('E230')
    const altered = Buffer.from(bytes)
    altered[place] = (altered[place] as number) ^ 0x10
    writeFileSync(damaged, altered)
    expect((await failure(readSnapshot(damaged))).code).toBe('E230')
  }
  writeFileSync(damaged, Buffer.concat([bytes, bytes]))
  expect((await failure(readSnapshot(damaged))).code).toBe('E230')
})

it('E230 beyond the bounds, before the rest is decompressed', async () => {
  const error = await failure(readSnapshot(file, { maxBytes: 100_000, maxLineBytes: 2 ** 27 }))
  expect([error.code, error.short.includes('more than 100000 bytes')]).toEqual(['E230', true])
  expect((await failure(readSnapshot(file, { maxBytes: 2 ** 32, maxLineBytes: 50_000 }))).short).toContain(
    'a line is longer',
  )
})

it('E232 where it cannot be written', async () => {
  const nowhere = join(folder, 'no', 'such', 'folder')
  expect(
    (await failure(writeSnapshot(nowhere, { block, trust: () => trust, known: () => known }, metadata))).code,
  ).toBe('E232')
})
