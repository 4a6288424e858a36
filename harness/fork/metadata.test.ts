import { expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { Metadata, TypeRegistry } from '@polkadot/types'
import type { Hex } from './forkState.js'
import { readMetadata } from './metadata.js'
import { randomStream } from './random.js'

// Subtensor 393, version 16; versions 14 and 15 are in storageCodec.test.ts.
const raw = gunzipSync(readFileSync(new URL('./fixtures/finney-393.scale.gz', import.meta.url)))
const hexOf = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString('hex')}`

it('reads what @polkadot/types reads', () => {
  const { lookup, pallets, extrinsic } = new Metadata(new TypeRegistry(), hexOf(raw)).asLatest
  const read = readMetadata(hexOf(raw))
  const types = lookup.types.map(({ id }) => read.typeAt(id.toNumber()))
  expect(types.map(({ path, params, def }) => [path.join(), def.kind, ...params.map(({ type }) => type)])).toEqual(
    lookup.types.map(({ type: { path, params, def } }) => [
      path.map(String).join(),
      def.type,
      ...params.map(({ type }) => type.unwrapOr(undefined)?.toNumber()),
    ]),
  )
  expect(read.pallets).toEqual(
    pallets.map((pallet) => {
      const storage = pallet.storage.unwrapOr(undefined)
      return {
        name: pallet.name.toString(),
        index: pallet.index.toNumber(),
        storage: storage && {
          prefix: storage.prefix.toString(),
          entries: storage.items.map(({ name, modifier, type, fallback }) => ({
            name: name.toString(),
            hasDefault: modifier.isDefault,
            hashers: type.isMap ? type.asMap.hashers.map((hasher) => hasher.type) : [],
            key: type.isMap ? type.asMap.key.toNumber() : undefined,
            value: (type.isMap ? type.asMap.value : type.asPlain).toNumber(),
            fallback: Buffer.from(fallback.toU8a(true)),
          })),
        },
        calls: pallet.calls.unwrapOr(undefined)?.type.toNumber(),
        errors: pallet.errors.unwrapOr(undefined)?.type.toNumber(),
        constants: pallet.constants.map(({ name, type, value }) => ({
          name: name.toString(),
          type: type.toNumber(),
          value: Buffer.from(value.toU8a(true)),
        })),
      }
    }),
  )
  expect(read.extrinsic).toEqual({
    addressType: extrinsic.addressType.toNumber(),
    signatureType: extrinsic.signatureType.toNumber(),
    extensions: extrinsic.transactionExtensions.map(({ identifier, type }) => ({
      identifier: identifier.toString(),
      type: type.toNumber(),
    })),
  })
})

it('refuses what is cut or goes on, and never fails otherwise', () => {
  const random = randomStream(1, 'metadata')
  expect(() => readMetadata(hexOf(Buffer.concat([raw, Uint8Array.of(0)])))).toThrow(/E201.*1 bytes are left over/)
  for (let round = 0; round < 12; round += 1) {
    expect(() => readMetadata(hexOf(raw.subarray(0, random.below(raw.length))))).toThrow(/E201/)
    const altered = Buffer.from(raw)
    altered[5 + random.below(raw.length - 5)] = random.below(256)
    try {
      readMetadata(hexOf(altered))
    } catch (error) {
      expect(String(error)).toMatch(/E201/)
    }
  }
})
