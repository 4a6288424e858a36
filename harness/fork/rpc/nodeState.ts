import { z } from 'zod'
import { childTrieUnread, requestRefused, stateUnsettled } from '../../errors/chain.js'
import type { KnownPart } from '../chainFork.js'
import type { Hex, RemoteState, StatePart, StateQuestion } from '../forkState.js'
import { answerFrom, partOf } from '../answerFrom.js'
import { belowPrefix, successor } from '../keyPrefix.js'
import type { KeyRange } from '../keyRanges.js'
import { KnownState } from '../knownState.js'
import { hexSchema, hashSchema } from './hexSchema.js'
import type { Prover } from '../proof/prover.js'
import { NodeError, request, type RpcClient } from './rpcClient.js'

/** Most keys that a node lists at once. */
const PAGE = 1_000
/** Keys whose values are asked for in a message. */
const VALUES = 1_000
/** Lists of keys asked for in a message: an answer has to stay below the 15 MB that nodes allow. */
const LISTS = 25
/** A map that seems to have more pages than this is listed in slices, side by side. */
const MANY_PAGES = 4
/** `0x`, then the hashes of pallet and item. */
const ITEM_PREFIX = 2 + 64
/** Keys read ahead at the first miss in a map; doubled at each that follows. */
const FIRST_AHEAD = 64

const CHILD_TRIES = `0x${Buffer.from(':child_storage:').toString('hex')}`

export interface PrefetchProgress {
  readonly keys: number
  /** Grows while keys are still being listed. */
  readonly totalKeys: number
  readonly bytes: number
}

/** A chain's state at one block, read from nodes; whatever was read is remembered and kept. */
export interface NodeState extends Pick<RemoteState, 'ask'> {
  /** What is known so far. */
  known(): KnownPart
  /** Reads keys and all below prefixes, as much as possible at once.
   *  @throws as `ask` */
  prefetch(
    wanted: { readonly keys: readonly Hex[]; readonly prefixes: readonly Hex[] },
    onProgress?: (progress: PrefetchProgress) => void,
  ): Promise<void>
  /** Ends when nothing is being read ahead any more. */
  settled(): Promise<void>
}

/** Told of everything that is read. */
export interface Keep {
  values(part: Pick<StatePart, 'entries' | 'absent'>): void
  /** The keys are all there are in the range; their values were told before. */
  range(range: KeyRange<Hex>, keys: readonly Hex[]): void
}

/** @param hash of the block
 *  @param kept what an earlier run read
 *  @param prover checks everything before it is believed; nothing is checked when `undefined`
 *  @throws from its functions: E225 a refusal, E227 for child tries; as `RpcClient.ask` */
export function openNodeState(
  client: RpcClient,
  hash: Hex,
  kept: StatePart | undefined,
  keep: Keep,
  prover: Prover | undefined,
): NodeState {
  const known = new KnownState<Hex>([], { ranges: [], zero: '00' })
  const learn = async (part: StatePart): Promise<void> => {
    await prover?.values(part)
    known.learn(part)
    keep.values(part)
  }
  if (kept !== undefined) known.learn(kept)

  const values = async (keys: readonly Hex[]): Promise<StatePart> => {
    const [first] = keys
    if (first === undefined) return { entries: [], absent: [], ranges: [] }
    try {
      if (keys.length === 1) {
        const [value = null] = await client.ask([request('state_getStorage', [first, hash], hexSchema.nullable())])
        return partOf(keys, [[first, value]])
      }
      const [sets = []] = await client.ask([request('state_queryStorageAt', [keys, hash], changesAt(hash, keys))])
      return partOf(keys, sets)
    } catch (error) {
      // An answer may be too large for the node: half the keys at a time.
      if (error instanceof NodeError && keys.length > 1 && /too (big|large)|exceed/i.test(error.reason)) {
        const half = keys.length >> 1
        const [a, b] = await Promise.all([values(keys.slice(0, half)), values(keys.slice(half))])
        return { entries: [...a.entries, ...b.entries], absent: [...a.absent, ...b.absent], ranges: [] }
      }
      throw error
    }
  }

  const list = (prefix: Hex, after: Hex | null, count: number) =>
    request('state_getKeysPaged', [prefix, count, after, hash], keysAfter(prefix, after, count))

  /** Values under way, by key. */
  const reading = new Map<Hex, Promise<void>>()
  const readValues = async (keys: readonly Hex[]): Promise<void> => {
    const underWay = new Set<Promise<void>>()
    const fresh: Hex[] = []
    for (const key of keys) {
      const already = reading.get(key)
      if (already !== undefined) underWay.add(already)
      else if (known.open({ kind: 'keys', keys: [key] }) !== undefined) fresh.push(key)
    }
    for (let at = 0; at < fresh.length; at += VALUES) {
      const chunk = fresh.slice(at, at + VALUES)
      const work = values(chunk)
        .then(learn)
        .finally(() => {
          for (const key of chunk) reading.delete(key)
        })
      for (const key of chunk) reading.set(key, work)
      underWay.add(work)
    }
    await Promise.all(underWay)
  }

  /** Takes ranges as known whose keys were listed and whose values were read. */
  const close = async (listed: readonly (readonly [range: KeyRange<Hex>, keys: readonly Hex[]])[]): Promise<void> => {
    const valueless = listed.flatMap(([, keys]) => keys).find((key) => !known.values.has(key))
    if (valueless !== undefined) {
      const reason = `it lists the key ${valueless} and has no value for it`
      throw stateUnsettled({ endpoint: client.used().join(', '), reason })
    }
    await prover?.ranges(listed)
    known.learn({ entries: [], absent: [], ranges: listed.map(([range]) => range) })
    for (const [range, keys] of listed) keep.range(range, keys)
  }

  /** Reads everything below prefixes: lists keys page by page, and the values of each page beside the next. */
  const readBelow = async (
    prefixes: readonly Hex[],
    onPages: (keys: readonly Hex[], read: Promise<void>) => void = () => undefined,
  ): Promise<void> => {
    const found = new Map(prefixes.map((prefix): [Hex, Hex[]] => [prefix, []]))
    const works: Promise<void>[] = []
    let open = prefixes.map((prefix): Listing => ({ prefix, below: prefix, after: null }))
    while (open.length > 0) {
      const pages = await client.ask(
        open.map(({ below, after }) => list(below, after, PAGE)),
        LISTS,
      )
      const keys = pages.flat()
      const work = readValues(keys)
      // It is awaited when all pages are there.
      work.catch(() => undefined)
      works.push(work)
      onPages(keys, work)
      open = open.flatMap((listing, index) => {
        const page = pages[index] ?? []
        found.get(listing.prefix)?.push(...page)
        return page.length < PAGE ? [] : following(listing, page.at(-1) ?? listing.below)
      })
    }
    await Promise.all(works)
    await close([...found].map(([prefix, keys]) => [belowPrefix(prefix), keys]))
  }

  const readFrom = async (from: Hex): Promise<void> => {
    const item = from.length > ITEM_PREFIX ? (from.slice(0, ITEM_PREFIX) as Hex) : '0x'
    // What follows a map's prefix is the whole map, which others ask for by the prefix itself.
    const key = item !== '0x' && from === `${item}00` ? item : from
    // A page begins after a key: the key itself is asked for besides.
    const [, pages] = await Promise.all([readValues([key]), client.ask([list(item, key, FIRST_AHEAD)])])
    let [next = []] = pages
    let to = next.length < FIRST_AHEAD ? belowPrefix(item).to : successor(next.at(-1) ?? key)
    if (next.length === 0 && item !== '0x') {
      // Nothing more in the map: the first key after it.
      ;[next = []] = await client.ask([list('0x', key, 1)])
      to = next[0] === undefined ? undefined : successor(next[0])
    }
    await readValues(next)
    await close([[{ from: key, to }, [...(known.values.has(key) ? [key] : []), ...next]]])
  }

  /** How many keys to read ahead in a map. */
  const window = new Map<string, number>()
  const background = new Set<Promise<void>>()
  /** A key that is missing in a map announces others: the keys that follow it are listed with it and read behind it. */
  const readOne = async (key: Hex): Promise<void> => {
    if (key.length <= ITEM_PREFIX) return readValues([key])
    const item = key.slice(0, ITEM_PREFIX) as Hex
    const ahead = window.get(item) ?? FIRST_AHEAD
    window.set(item, Math.min(2 * ahead, PAGE))
    const listed: Promise<readonly (Hex | null | Hex[])[]> = client.ask<Hex | null | Hex[]>([
      request('state_getStorage', [key, hash], hexSchema.nullable()),
      list(item, key, ahead),
    ])
    const own = listed.then(([value = null]) => learn(partOf([key], [[key, value as Hex | null]])))
    reading.set(key, own)
    const [, page = []] = await listed.finally(() => reading.delete(key))
    const keys = page as Hex[]
    const to = keys.length < ahead ? belowPrefix(item).to : successor(keys.at(-1) ?? key)
    const work = readValues(keys).then(() => close([[{ from: successor(key), to }, keys]]))
    const behind = work
      // Whoever needs one of these asks again and hears of the reason.
      .catch(() => undefined)
      .finally(() => background.delete(behind))
    background.add(behind)
  }

  const inFlight = new Map<string, Promise<void>>()
  /** The same question, asked by both arms at once, is put to the node once. */
  const once = (name: string, work: () => Promise<void>): Promise<void> => {
    const underWay = inFlight.get(name)
    if (underWay !== undefined) return underWay
    const started = work().finally(() => inFlight.delete(name))
    inFlight.set(name, started)
    return started
  }

  const read = (open: StateQuestion): Promise<void> => {
    switch (open.kind) {
      case 'keys': {
        const [key] = open.keys
        return open.keys.length === 1 && key !== undefined && !reading.has(key)
          ? once(key, () => readOne(key))
          : readValues(open.keys)
      }
      case 'below':
        return once(`below ${open.prefix}`, () => readBelow([open.prefix]))
      case 'from':
        return once(`from ${open.key}`, () => readFrom(open.key))
    }
  }

  const settle = async (question: StateQuestion): Promise<void> => {
    for (let open = known.open(question); open !== undefined; open = known.open(question)) {
      await explained(read(open as StateQuestion))
    }
  }

  return {
    known: () => ({
      storage: new Map(known.values) as Map<Hex, Hex>,
      absent: known.absentKeys() as Hex[],
      ranges: known.ranges() as KeyRange<Hex>[],
    }),
    async ask(question) {
      const child = keysIn(question).find((key) => key.startsWith(CHILD_TRIES))
      if (child !== undefined) throw childTrieUnread({ key: child })
      await settle(question)
      return answerFrom(known, question)
    },
    async prefetch({ keys, prefixes }, onProgress = () => undefined) {
      let [done, totalKeys, bytes] = [0, 0, 0]
      const count = (counted: readonly Hex[], read: Promise<void>): void => {
        totalKeys += counted.length
        void read.then(
          () => {
            done += counted.length
            for (const key of counted) bytes += (key.length + (known.values.get(key)?.length ?? 0)) / 2 - 2
            onProgress({ keys: done, totalKeys, bytes })
          },
          () => undefined,
        )
      }
      const open = prefixes.filter((prefix) => known.open({ kind: 'below', prefix }) !== undefined)
      const single = readValues(keys)
      count(keys, single)
      await explained(Promise.all([single, readBelow(open, count)]))
    },
    async settled() {
      await Promise.all(background)
    },
  }
}

/** A part of the keys below a prefix that is still to be listed. */
interface Listing {
  readonly prefix: Hex
  readonly below: Hex
  readonly after: Hex | null
}

/** What is left of a listing whose page was full. Keys of large maps begin with a hash: how far the first page came says how many
 *  there are, and 256 slices of them are much alike. */
function following({ prefix, below, after }: Listing, last: Hex): Listing[] {
  const rest: Listing = { prefix, below, after: last }
  const byte = Number.parseInt(last.slice(below.length, below.length + 2), 16)
  if (after !== null || below !== prefix || below.length < ITEM_PREFIX || !(256 / (byte + 1) > MANY_PAGES))
    return [rest]
  const slice = (value: number): Hex => `${below}${value.toString(16).padStart(2, '0')}`
  return [
    { prefix, below: slice(byte), after: last },
    ...Array.from({ length: 255 - byte }, (_, index): Listing => {
      return { prefix, below: slice(byte + 1 + index), after: null }
    }),
  ]
}

/** One set of changes, of the block that was asked for, with every key that was asked for and no other. */
function changesAt(hash: Hex, keys: readonly Hex[]) {
  return z
    .tuple([z.looseObject({ block: hashSchema, changes: z.array(z.tuple([hexSchema, hexSchema.nullable()])) })])
    .refine(([{ block }]) => block === hash, 'values of another block')
    .transform(([{ changes }]) => changes)
    .refine((changes) => {
      const answered = new Set(changes.map(([key]) => key))
      return changes.length === keys.length && keys.every((key) => answered.has(key))
    }, 'other keys than those asked for')
}

/** At most `count` keys below the prefix, ascending, after the key. */
function keysAfter(prefix: Hex, after: Hex | null, count: number) {
  return z
    .array(hexSchema)
    .max(count)
    .refine(
      (keys) =>
        keys.every(
          (key, index) => key.startsWith(prefix) && key > (index === 0 ? (after ?? '') : (keys[index - 1] ?? '')),
        ),
      'keys out of order or of another prefix',
    )
}

function keysIn(question: StateQuestion): readonly Hex[] {
  return question.kind === 'keys' ? question.keys : [question.kind === 'below' ? question.prefix : question.key]
}

async function explained<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof NodeError)) throw error
    const { endpoint, method, reason } = error
    throw requestRefused({ endpoint, method, reason }, { cause: error })
  }
}
