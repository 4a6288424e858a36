import { createHash, randomBytes } from 'node:crypto'
import { closeSync, createReadStream, mkdirSync, openSync, writeSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { cacheUnusable } from '../../errors/chain.js'
import type { Hex, StatePart } from '../forkState.js'
import type { KeyRange } from '../keyRanges.js'
import { hexSchema } from '../rpc/hexSchema.js'
import { lowerBound } from '../sortedKeys.js'

/** A range of which all keys were read: a reader believes it only with as many keys that have this digest. */
const rangeSchema = z.strictObject({
  from: hexSchema,
  to: hexSchema.optional(),
  keys: z.int().min(0),
  sha256: z.string(),
})

const recordSchema = z.union([
  z.strictObject({ entries: z.array(z.tuple([hexSchema, hexSchema])), absent: z.array(hexSchema) }),
  z.strictObject({ range: rangeSchema }),
  z.strictObject({ endpoints: z.array(z.string()) }),
])
type Record = z.infer<typeof recordSchema>

/** What the logs of a block hold. */
export interface KeptState {
  readonly part: StatePart
  /** Where it was read from, as reports show endpoints. */
  readonly endpoints: readonly string[]
}

const CHECKSUM = 32
const EXTENSION = '.log'

const checksum = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, CHECKSUM)

/** Everything that was logged of one block's state, by any run. A record that is damaged ends its log: what a killed process left
 *  half written, and whatever follows it, is not read. */
export async function readStateLogs(folder: string): Promise<KeptState> {
  const entries = new Map<Hex, Hex>()
  const absent = new Set<Hex>()
  const ranges: z.infer<typeof rangeSchema>[] = []
  const endpoints = new Set<string>()
  for (const file of await logsIn(folder)) {
    for await (const record of recordsOf(join(folder, file))) {
      if ('entries' in record) {
        for (const [key, value] of record.entries) entries.set(key, value)
        for (const key of record.absent) absent.add(key)
      } else if ('range' in record) ranges.push(record.range)
      else for (const endpoint of record.endpoints) endpoints.add(endpoint)
    }
  }
  const sorted = [...entries.keys()].sort()
  const whole = ranges.filter((range) => {
    const keys = sorted.slice(lowerBound(sorted, range.from), range.to && lowerBound(sorted, range.to))
    return keys.length === range.keys && digestOf(keys) === range.sha256
  })
  return {
    part: {
      entries: [...entries],
      absent: [...absent],
      ranges: whole.map(({ from, to }) => ({ from, to })),
    },
    endpoints: [...endpoints].sort(),
  }
}

async function logsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return []
    throw cacheUnusable({ folder, reason: cause.message }, { cause })
  })
  return names.filter((name) => name.endsWith(EXTENSION)).sort()
}

async function* recordsOf(file: string): AsyncGenerator<Record> {
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity })
  for await (const line of lines) {
    const text = line.slice(CHECKSUM + 1)
    if (checksum(text) !== line.slice(0, CHECKSUM)) return
    const parsed = recordSchema.safeParse(JSON.parse(text))
    if (!parsed.success) return
    yield parsed.data
  }
}

export interface StateLog {
  values(part: Pick<StatePart, 'entries' | 'absent'>, endpoints: readonly string[]): void
  range(range: KeyRange<Hex>, keys: readonly Hex[]): void
  close(): void
}

/** A log of this run's own: no other process writes to it. Made when something is first written.
 *  @throws E228 from its functions */
export function openStateLog(folder: string): StateLog {
  const endpointsWritten = new Set<string>()
  let file: number | undefined
  const write = (record: Record): void => {
    const text = JSON.stringify(record)
    try {
      if (file === undefined) {
        mkdirSync(folder, { recursive: true })
        file = openSync(join(folder, `${Date.now().toString(36)}-${randomBytes(6).toString('hex')}${EXTENSION}`), 'ax')
      }
      writeSync(file, `${checksum(text)} ${text}\n`)
    } catch (cause) {
      throw cacheUnusable({ folder, reason: cause instanceof Error ? cause.message : String(cause) }, { cause })
    }
  }
  return {
    values({ entries, absent }, endpoints) {
      if (entries.length + absent.length === 0) return
      const fresh = endpoints.filter((endpoint) => !endpointsWritten.has(endpoint))
      for (const endpoint of fresh) endpointsWritten.add(endpoint)
      if (fresh.length > 0) write({ endpoints: fresh })
      write({ entries: entries.map(([key, value]) => [key, value]), absent: [...absent] })
    },
    range: ({ from, to }, keys) =>
      write({ range: { from, ...(to === undefined ? {} : { to }), keys: keys.length, sha256: digestOf(keys) } }),
    close() {
      if (file !== undefined) closeSync(file)
      file = undefined
    },
  }
}

/** sha256, hex, of keys in ascending order. */
function digestOf(keys: readonly Hex[]): string {
  const hash = createHash('sha256')
  for (const key of [...keys].sort()) hash.update(`${key}\n`)
  return hash.digest('hex')
}
