import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { forkSn31 } from '../dist/fork/sn31.js'
import { readSn31Data } from '../dist/fork/sn31Data.js'
import { createStorageCodec } from '../dist/fork/storageCodec.js'

/** The fork of subnet 31 with its feed of two epochs. */
export async function subnet31(engine, wasm) {
  const arm = await engine.openArm({ name: 'metadata', wasm, storage: new Map() })
  const codec = createStorageCodec((await arm.call('Metadata_metadata', '0x')).result)
  await arm.close()
  const forkFile = new URL('../scenarios/sn31.fork.yaml', import.meta.url)
  const { data: name, sha256, assume } = parse(readFileSync(forkFile, 'utf8'))
  const data = await readSn31Data(fileURLToPath(new URL(name, forkFile)), sha256)
  return { codec, ...forkSn31({ data, assume, codec, wasm, epochs: 2 }) }
}
