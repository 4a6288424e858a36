import type { Engine } from '../harness/engine/engine.js'
import { createStorageCodec, type StorageCodec } from '../harness/fork/storageCodec.js'

/** The codec of a runtime's own metadata. */
export async function codecOf(engine: Engine, wasm: Uint8Array): Promise<StorageCodec> {
  const arm = await engine.openArm({ name: 'metadata', wasm, storage: new Map() })
  try {
    return createStorageCodec((await arm.call('Metadata_metadata', '0x')).result)
  } finally {
    await arm.close()
  }
}
