import { EpochdiffError } from '../errors/epochdiffError.js'
import { candidateRuntimeUnreadable, specNameDiffers, specVersionNotHigher } from '../errors/patch.js'
import type { EngineArm } from '../engine/engine.js'
import { createStorageCodec } from '../fork/storageCodec.js'
import type { StorageCodec } from '../fork/storageCodec.js'
import type { CodePatch } from '../runtime/patch.js'
import { sha256 } from '../runtime/prebuilt.js'
import { specVersionOf, type SpecVersion } from '../runtime/specVersion.js'
import type { AppliedCode } from './appliedPatch.js'
import { type FirstBlock, tryMigrations } from './migrations.js'

/** A runtime as an arm runs it. */
export interface RuntimeInForce {
  /** Uncompressed, without policies. */
  readonly wasm: Uint8Array
  readonly codec: StorageCodec
  readonly version: SpecVersion
}

/** Takes a blob for the candidate's runtime: checks that it is an upgrade, and tries its migrations.
 *  @param arm the blob over the state so far
 *  @throws E367 no runtime, E368 other spec name, E369 version not higher, E370 migrations failed */
export async function applyCodePatch(
  arm: EngineArm,
  wasm: Uint8Array,
  from: RuntimeInForce,
  patch: CodePatch,
  first: FirstBlock,
  at: string,
): Promise<{ applied: AppliedCode; runtime: RuntimeInForce }> {
  const runtime = await ask(arm, wasm, patch, at)
  const { specName, specVersion } = runtime.version
  const known = from.version
  const allows = (what: CodePatch['allow'][number]) => patch.allow.includes(what)
  if (specName !== known.specName && !allows('other-name')) {
    throw specNameDiffers({ at, from: known.specName, to: specName })
  }
  const low = specVersion < known.specVersion ? !allows('lower-version') : !allows('same-version')
  if (specVersion <= known.specVersion && low) {
    throw specVersionNotHigher({ at, from: known.specVersion, to: specVersion })
  }
  const codecs = { before: from.codec, after: runtime.codec }
  return {
    applied: {
      kind: 'code',
      wasm: patch.wasm,
      sha256: sha256(wasm),
      allow: [...patch.allow],
      from: { specName: known.specName, specVersion: known.specVersion, sha256: sha256(from.wasm) },
      to: { specName, specVersion },
      migrations: await tryMigrations(arm, codecs, runtime.version, first, at),
    },
    runtime,
  }
}

async function ask(arm: EngineArm, wasm: Uint8Array, patch: CodePatch, at: string): Promise<RuntimeInForce> {
  try {
    const version = specVersionOf((await arm.call('Core_version', '0x')).result)
    const codec = createStorageCodec((await arm.call('Metadata_metadata', '0x')).result)
    return { wasm, codec, version }
  } catch (cause) {
    throw asUnreadable(cause, patch, at)
  }
}

/** What an engine says of a blob that it cannot run, as an error about the patch (E367). */
export function asUnreadable(cause: unknown, { wasm }: CodePatch, at: string): unknown {
  if (!(cause instanceof EpochdiffError) && !(cause instanceof RangeError)) return cause
  const reason = cause instanceof EpochdiffError ? cause.short : cause.message
  return candidateRuntimeUnreadable({ at, file: wasm, reason: reason.replace(/\.$/, '') }, { cause })
}
