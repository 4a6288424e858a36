import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { z } from 'zod'
import { chainSpecInvalid, chainSpecUnreadable, genesisNotBuilt, specAltered } from '../errors/chainSpec.js'
import { EpochdiffError } from '../errors/epochdiffError.js'
import { parseExact, stringifyExact } from './exactJson.js'
import type { Hex } from './forkState.js'
import { compactBytes, ScaleReader } from './scaleType.js'
import { CODE_KEY } from './storageParts.js'

/** A larger file is refused: the text has to fit into one JavaScript string. */
const MAX_FILE_BYTES = 256 * 1024 * 1024
const MAX_KEY_BYTES = 4_096
const MAX_VALUE_BYTES = 64 * 1024 * 1024
/** A configuration deeper than this is no genesis configuration. */
const MAX_CONFIG_DEPTH = 64
const MAX_MESSAGE = 500

export const chainSpecFork = z.strictObject({
  chainSpec: z
    .string()
    .min(1)
    .max(1000)
    .describe('A chain spec (JSON), raw or plain, relative to this file: the fork is its genesis state.'),
  preset: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe(
      "Of a plain spec: the runtime's genesis preset that the spec's patch is merged into; its default if left out.",
    ),
  storage: z
    .string()
    .min(1)
    .max(1000)
    .optional()
    .describe('Raw storage (JSON: {"0xkey": "0xvalue" or null}) written on top of it, relative to this file.'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional()
    .describe('sha256 of the chain spec, lower-case hexadecimal: a run on another file is refused.'),
})

/** A chain-spec fork as a run takes it: where the files lie is no part of it. */
export interface ChainSpecFork {
  readonly chainSpec: string
  readonly preset: string | undefined
  readonly storage: string | undefined
  readonly sha256: string | undefined
}

/** What a chain spec says of the genesis state, checked. */
export interface ChainSpec {
  /** Name of the file, without folders. */
  readonly file: string
  readonly sha256: string
  /** What the chain calls itself. */
  readonly name: string
  readonly genesis: RawGenesis | PlainGenesis
  /** Of the spec, what a fork of its genesis leaves out. */
  readonly leftOut: readonly string[]
}

interface RawGenesis {
  readonly kind: 'raw'
  readonly storage: ReadonlyMap<Hex, Hex>
}

interface PlainGenesis {
  readonly kind: 'plain'
  /** `:code` as the spec has it, possibly compressed. */
  readonly code: Hex
  /** The whole configuration, or what is merged into a preset. */
  readonly config: { readonly kind: 'config' | 'patch'; readonly value: Json }
  /** Name of the preset that the spec asks for. */
  readonly preset: string | undefined
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
type JsonObject = { readonly [key: string]: Json }

/** A runtime function of the spec's own code on an empty state; what it changes is not kept. */
export type GenesisCall = (
  fn: string,
  args: Hex,
) => Promise<{ readonly result: Hex; readonly storageDiff: readonly (readonly [key: Hex, value: Hex | null])[] }>

/** @throws E520 when the file cannot be read, E521 when it is no such spec, E523 when its sum is not `sha256` */
export async function readChainSpec(path: string, sha256: string | undefined): Promise<ChainSpec> {
  const bytes = await readBounded(path)
  const found = createHash('sha256').update(bytes).digest('hex')
  const file = basename(path)
  if (sha256 !== undefined && sha256 !== found) throw specAltered({ file, expected: sha256, found })
  return { ...parseChainSpec(parseJson(bytes, file), file), sha256: found }
}

/** Raw storage to be written over a state: key -> value, `null` removes the key.
 *  @throws E520, E521 */
export async function readStorageFile(path: string): Promise<ReadonlyMap<Hex, Hex | null>> {
  const file = basename(path)
  return rawStorage(objectAt(parseJson(await readBounded(path), file), file, ''), file, '', true)
}

async function readBounded(path: string): Promise<Buffer> {
  try {
    const handle = await open(path)
    try {
      const { size } = await handle.stat()
      if (size > MAX_FILE_BYTES) throw new RangeError(`it is larger than ${MAX_FILE_BYTES} bytes`)
      return await handle.readFile()
    } finally {
      await handle.close()
    }
  } catch (cause) {
    throw chainSpecUnreadable({ file: path, reason: (cause as Error).message }, { cause })
  }
}

function parseJson(bytes: Buffer, file: string): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    // Only a configuration has numbers.
    return text.includes('"runtimeGenesis"') ? parseExact(text) : JSON.parse(text)
  } catch (cause) {
    throw chainSpecInvalid({ file, where: '', reason: `no JSON: ${(cause as Error).message.slice(0, 200)}` }, { cause })
  }
}

/** @throws E521 */
export function parseChainSpec(json: unknown, file: string): Omit<ChainSpec, 'sha256'> {
  const spec = objectAt(json, file, '')
  const genesis = objectAt(own(spec, 'genesis'), file, 'genesis')
  const name = own(spec, 'name')
  const substitutes = own(spec, 'codeSubstitutes')
  const leftOut =
    typeof substitutes === 'object' && substitutes !== null && Object.keys(substitutes).length > 0
      ? ['code substitutes of the spec']
      : []
  const head = { file, name: typeof name === 'string' ? name.slice(0, 100) : 'unnamed', leftOut }
  const raw = own(genesis, 'raw')
  if (raw !== undefined) return { ...head, genesis: rawGenesis(objectAt(raw, file, 'genesis.raw'), file) }
  const plain = own(genesis, 'runtimeGenesis')
  if (plain !== undefined)
    return { ...head, genesis: plainGenesis(objectAt(plain, file, 'genesis.runtimeGenesis'), file) }
  const reason =
    own(genesis, 'runtime') !== undefined
      ? 'it is a plain spec of a node without GenesisBuilder, whose state only that node can build'
      : 'it has neither raw nor runtimeGenesis'
  throw chainSpecInvalid({ file, where: 'genesis', reason })
}

function rawGenesis(raw: Readonly<Record<string, unknown>>, file: string): RawGenesis {
  const children = own(raw, 'childrenDefault')
  if (typeof children === 'object' && children !== null && Object.keys(children).length > 0) {
    throw chainSpecInvalid({ file, where: 'genesis.raw.childrenDefault', reason: 'child tries are not supported' })
  }
  const storage = rawStorage(objectAt(own(raw, 'top'), file, 'genesis.raw.top'), file, 'genesis.raw.top', false)
  if (!storage.has(CODE_KEY)) {
    throw chainSpecInvalid({ file, where: 'genesis.raw.top', reason: `it has no runtime (:code, ${CODE_KEY})` })
  }
  return { kind: 'raw', storage }
}

function plainGenesis(written: Readonly<Record<string, unknown>>, file: string): PlainGenesis {
  const at = 'genesis.runtimeGenesis'
  const code = own(written, 'code')
  if (!isHex(code, MAX_VALUE_BYTES) || code === '0x')
    throw chainSpecInvalid({ file, where: `${at}.code`, reason: 'hexadecimal bytes of a runtime are wanted' })
  const config = own(written, 'config')
  const patch = own(written, 'patch')
  const preset = own(written, 'configPreset') ?? own(written, 'preset')
  if (preset !== undefined && (typeof preset !== 'string' || preset.length > 100))
    throw chainSpecInvalid({ file, where: `${at}.configPreset`, reason: 'the name of a preset is wanted' })
  if (config !== undefined && (patch !== undefined || preset !== undefined))
    throw chainSpecInvalid({ file, where: at, reason: 'it has a whole config and a patch or preset as well' })
  if (config === undefined && patch === undefined && preset === undefined)
    throw chainSpecInvalid({ file, where: at, reason: 'it has neither patch, config nor configPreset' })
  const key = config === undefined ? 'patch' : 'config'
  const value = objectAt(config ?? patch ?? {}, file, `${at}.${key}`)
  if (deeperThan(value, MAX_CONFIG_DEPTH))
    throw chainSpecInvalid({
      file,
      where: `${at}.${key}`,
      reason: `it is nested deeper than ${MAX_CONFIG_DEPTH} levels`,
    })
  // Parsed from JSON, so it is JSON.
  return { kind: 'plain', code, config: { kind: key, value: value as JsonObject }, preset }
}

function rawStorage(
  written: Readonly<Record<string, unknown>>,
  file: string,
  where: string,
  removals: true,
): Map<Hex, Hex | null>
function rawStorage(
  written: Readonly<Record<string, unknown>>,
  file: string,
  where: string,
  removals: false,
): Map<Hex, Hex>
function rawStorage(
  written: Readonly<Record<string, unknown>>,
  file: string,
  where: string,
  removals: boolean,
): Map<Hex, Hex | null> {
  const storage = new Map<Hex, Hex | null>()
  for (const [key, value] of Object.entries(written)) {
    if (!isHex(key, MAX_KEY_BYTES))
      throw chainSpecInvalid({
        file,
        where,
        reason: `"${key.slice(0, 80)}" is no storage key (hexadecimal, at most ${MAX_KEY_BYTES} bytes)`,
      })
    const valid = isHex(value, MAX_VALUE_BYTES) || (removals && value === null)
    if (!valid)
      throw chainSpecInvalid({ file, where: `${where}["${key.slice(0, 80)}"]`, reason: 'no hexadecimal value' })
    storage.set(key.toLowerCase() as Hex, value === null ? null : (value.toLowerCase() as Hex))
  }
  return storage
}

/** The genesis state of a spec: what a raw one holds, or what the runtime of a plain one makes of its configuration.
 *  @param preset overrides the preset that the spec asks for
 *  @param call of the spec's own runtime, on a state that has nothing
 *  @throws E521 when a preset is no configuration, E522 when the runtime refuses */
export async function genesisStorage(
  { file, genesis }: ChainSpec,
  preset: string | undefined,
  call: GenesisCall,
): Promise<ReadonlyMap<Hex, Hex>> {
  if (genesis.kind === 'raw') {
    if (preset === undefined) return genesis.storage
    throw chainSpecInvalid({ file, where: 'preset', reason: 'the spec is raw: no preset is merged into it' })
  }
  const asked = async (fn: string, args: Hex) => {
    try {
      return await call(fn, args)
    } catch (cause) {
      if (!(cause instanceof EpochdiffError)) throw cause
      throw genesisNotBuilt({ file, call: fn, reason: cause.short.slice(0, MAX_MESSAGE) }, { cause })
    }
  }
  let config = genesis.config.value
  if (genesis.config.kind === 'patch') {
    const name = preset ?? genesis.preset
    const { result } = await asked('GenesisBuilder_get_preset', presetId(name))
    config = merged(presetConfig(result, name, file), config)
  }
  const { result, storageDiff } = await asked('GenesisBuilder_build_state', byteVector(stringifyExact(config)))
  const refusal = buildFailure(result)
  if (refusal !== undefined) throw genesisNotBuilt({ file, call: 'GenesisBuilder_build_state', reason: refusal })
  const storage = new Map<Hex, Hex>([[CODE_KEY, genesis.code]])
  for (const [key, value] of storageDiff) if (value !== null) storage.set(key, value)
  return storage
}

/** `Option<PresetId>`: the default preset is asked for by none. */
function presetId(name: string | undefined): Hex {
  return name === undefined ? '0x00' : `0x01${byteVector(name).slice(2)}`
}

/** `Option<Vec<u8>>`: JSON of a preset. */
function presetConfig(result: Hex, name: string | undefined, file: string): Json {
  const shown = name === undefined ? 'the default preset' : `preset "${name}"`
  try {
    const reader = new ScaleReader(Buffer.from(result.slice(2), 'hex'))
    if (reader.u8() !== 1) throw new RangeError('the runtime has no such preset')
    const json = parseExact(Buffer.from(reader.take(reader.length())).toString('utf8'))
    if (deeperThan(json, MAX_CONFIG_DEPTH)) throw new RangeError('it is nested too deep')
    return json as Json
  } catch (cause) {
    const reason = `${shown}: ${(cause as Error).message.slice(0, MAX_MESSAGE)}`
    throw genesisNotBuilt({ file, call: 'GenesisBuilder_get_preset', reason }, { cause })
  }
}

/** `Result<(), String>`: the runtime's complaint. */
function buildFailure(result: Hex): string | undefined {
  const reader = new ScaleReader(Buffer.from(result.slice(2), 'hex'))
  try {
    if (reader.u8() === 0) return undefined
    const text = Buffer.from(reader.take(reader.length())).toString('utf8')
    // eslint-disable-next-line no-control-regex
    return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ').slice(0, MAX_MESSAGE)
  } catch {
    return 'it answered neither success nor a reason'
  }
}

/** JSON merge patch (RFC 7396), as Substrate applies a spec's patch to a preset: objects are merged, `null` removes, anything else
 *  replaces. */
export function merged(base: Json, patch: Json): Json {
  if (!isObject(patch)) return patch
  const result = new Map<string, Json>(isObject(base) ? Object.entries(base) : [])
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) result.delete(key)
    else result.set(key, merged(result.get(key) ?? null, value))
  }
  return Object.fromEntries(result)
}

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function byteVector(text: string): Hex {
  const bytes = Buffer.from(text, 'utf8')
  return `0x${Buffer.concat([Uint8Array.from(compactBytes(BigInt(bytes.length))), bytes]).toString('hex')}`
}

/** Without going further down than that. */
function deeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((inner) => deeperThan(inner, levels - 1))
}

function objectAt(value: unknown, file: string, where: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw chainSpecInvalid({ file, where, reason: value === undefined ? 'it is missing' : 'an object is wanted' })
}

const own = (object: Readonly<Record<string, unknown>>, key: string): unknown =>
  Object.hasOwn(object, key) ? object[key] : undefined

function isHex(value: unknown, maxBytes: number): value is Hex {
  return (
    typeof value === 'string' &&
    value.length <= 2 + 2 * maxBytes &&
    value.length % 2 === 0 &&
    /^0x[0-9a-fA-F]*$/.test(value)
  )
}
