import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync, gzipSync } from 'node:zlib'
import { parseSn31Data, readSn31Data } from './sn31Data.js'

const file = fileURLToPath(new URL('../../scenarios/data/sn31.json.gz', import.meta.url))
const SHA256 = 'f7dece037438ab23da9fc0ac26b13edab46bb57fac1ab8e13040ce03d65fce70'
const sum = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

let packed: Buffer
let folder: string
beforeAll(async () => {
  packed = await readFile(file)
  folder = await mkdtemp(join(tmpdir(), 'epochdiff-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function written(bytes: Uint8Array): Promise<string> {
  const path = join(folder, 'x.json.gz')
  await writeFile(path, bytes)
  return path
}

describe('readSn31Data', () => {
  it('reads the recording', async () => {
    const data = await readSn31Data(file, SHA256)
    expect(data.stake.reduce((total, stake) => total + BigInt(stake), 0n)).toBe(4_955_213_891_838_382n)
    expect(data.stake.filter((stake) => stake > 0)).toHaveLength(196)
    expect(data.weights.reduce((rows, sample) => rows + sample.length, 0)).toBe(2_869)
    expect(data.weightRows).toHaveLength(767)
    expect(data.validatorPermit.map((permits) => permits.length)).toEqual(Array.from({ length: 100 }, () => 64))
  })

  it('refuses a file that is missing, a folder, truncated or altered by a bit', async () => {
    await expect(readSn31Data(join(folder, 'none.gz'), SHA256)).rejects.toThrow(/E211.*none\.gz.*no such file/)
    await expect(readSn31Data(folder, SHA256)).rejects.toThrow(/E211/)
    await expect(readSn31Data(await written(packed.subarray(0, 5000)), SHA256)).rejects.toThrow(/E212.*x\.json\.gz/)
    const altered = Buffer.from(packed)
    altered.writeUInt8(altered.readUInt8(4000) ^ 1, 4000)
    await expect(readSn31Data(await written(altered), SHA256)).rejects.toThrow(/E212.*x\.json\.gz/)
  })

  it('refuses what is no gzip of JSON, also where the stated sum fits', async () => {
    for (const bytes of [packed.subarray(0, 5000), Buffer.from('{}'), gzipSync('{"a":'), Buffer.alloc(0)]) {
      await expect(readSn31Data(await written(bytes), sum(bytes))).rejects.toThrow(/E213.*x\.json\.gz.*no gzip of JSON/)
    }
  })

  it('refuses more than 64 MiB of JSON, however small the file', async () => {
    const bomb = gzipSync(Buffer.alloc(65 * 1024 * 1024, ' '))
    await expect(readSn31Data(await written(bomb), sum(bomb))).rejects.toThrow(/E213/)
  })
})

describe('parseSn31Data', () => {
  type Json = Record<string, unknown>
  const list = (json: unknown, ...path: (string | number)[]) =>
    path.reduce((at, key) => (at as Record<string | number, unknown>)[key], json) as unknown[]
  const altered = (change: (json: Json) => unknown) => () => {
    const json = JSON.parse(text) as Json
    change(json)
    return parseSn31Data(json, 'x')
  }
  // The rows are most of the file: a few of them do.
  let text: string
  beforeAll(() => {
    const json = JSON.parse(gunzipSync(packed).toString()) as Json
    const weights = list(json, 'weights').map((_, sample) =>
      sample === 3
        ? [
            [6, 0],
            [10, 1],
          ]
        : [],
    )
    text = JSON.stringify({ ...json, weights, weightRows: list(json, 'weightRows').slice(0, 5) })
  })
  const set = (values: unknown[], index: number, value: unknown) => (values[index] = value)

  it('takes what is unaltered', () => {
    expect(altered(() => undefined)().netuid).toBe(31)
  })

  it.each<[reason: RegExp, change: (json: Json) => unknown]>([
    [/E213: Data file x is not a valid recording: stake\.5: /, (json) => set(list(json, 'stake'), 5, -1)],
    [/stake\.5: /, (json) => set(list(json, 'stake'), 5, 1.5)],
    [/stake\.5: /, (json) => set(list(json, 'stake'), 5, '1')],
    [/stake: nobody/, (json) => list(json, 'stake').fill(0)],
    [/stake: the total reaches the first halving/, (json) => set(list(json, 'stake'), 0, 9_000_000_000_000_000)],
    [/blocks\.7: block 3602520/, (json) => set(list(json, 'blocks'), 7, 3_602_521)],
    [/weights\.3: row 5 does not exist/, (json) => set(list(json, 'weights', 3), 0, [6, 5])],
    [/weights\.3: a uid has two rows/, (json) => set(list(json, 'weights', 3), 0, [10, 0])],
    [/weights\.3\.0\.0: /, (json) => set(list(json, 'weights', 3), 0, [256, 0])],
    [/weightRows\.2: as many weights/, (json) => list(json, 'weightRows', 2, 1).pop()],
    [/weightRows\.2\.1\.0: /, (json) => set(list(json, 'weightRows', 2, 1), 0, 65_536)],
    [
      /weightRows\.2: a destination stands twice/,
      (json) => set(list(json, 'weightRows', 2, 0), 0, list(json, 'weightRows', 2, 0)[1]),
    ],
    [/lastUpdate\.99: /, (json) => list(json, 'lastUpdate', 99).pop()],
    [/registrationBlock\.4\.9: a registration goes back/, (json) => set(list(json, 'registrationBlock', 4), 9, 1)],
    [/validatorPermit\.0: a uid stands twice/, (json) => set(list(json, 'validatorPermit', 0), 0, 8)],
    [/the file: .*extra/, (json) => Object.assign(json, { extra: 1 })],
    [/netuid: /, (json) => Object.assign(json, { netuid: 1 })],
  ])('refuses %s', (reason, change) => {
    expect(altered(change)).toThrow(reason)
  })
})
