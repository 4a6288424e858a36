import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { prebuiltChanged, prebuiltMissing } from '../errors/runtime.js'

export interface Prebuilt {
  readonly wasm: Uint8Array
  /** As in the manifest, and of the bytes. */
  readonly sha256: string
}

/** The reference runtime, the one that nodes run, the twin with the hooks laid out as the chain's own build of spec 425 has them, the policies,
 *  and the native engine's cache of storage. */
export type PrebuiltName =
  'epochdiff_runtime' | 'epochdiff_runtime_terms' | 'epochdiff_runtime_node' | 'patch_module' | 'storage_cache'

/** Both harness/runtime and dist/runtime are two folders below the package's root. */
const prebuiltFolder = new URL('../../runtime-patches/prebuilt/', import.meta.url)

/** What is read of the manifest that runtime-patches/build.sh writes; the rest (toolchain, sizes) is for people. */
interface PrebuiltManifest {
  readonly modules: readonly { readonly file: string; readonly sha256: string }[]
}

/** A wasm of runtime-patches/prebuilt, exactly as its manifest.json states it.
 *  @param name without `.wasm`
 *  @throws E314 if it or its entry is missing, E315 if its sha256 is another */
export function loadPrebuilt(name: PrebuiltName, folder: URL = prebuiltFolder): Prebuilt {
  const file = `${name}.wasm`
  let wasm: Uint8Array
  let expected: string | undefined
  try {
    wasm = readFileSync(new URL(file, folder))
    const manifest = JSON.parse(readFileSync(new URL('manifest.json', folder), 'utf8')) as PrebuiltManifest
    expected = manifest.modules.find((module) => module.file === file)?.sha256
  } catch (error) {
    throw prebuiltMissing({ file }, { cause: error })
  }
  if (expected === undefined) throw prebuiltMissing({ file })
  const found = sha256(wasm)
  if (found !== expected) throw prebuiltChanged({ file, found, expected })
  return { wasm, sha256: found }
}

/** Lower-case hexadecimal without a prefix, as sha256sum prints it. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
