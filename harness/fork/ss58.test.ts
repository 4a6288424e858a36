import { expect, it } from '@jest/globals'
import { blake2AsU8a, decodeAddress as theirDecode, encodeAddress as theirEncode } from '@polkadot/util-crypto'
import { decodeAddress, encodeAddress } from './ss58.js'

it('reads and writes addresses as @polkadot/util-crypto does', () => {
  const made = Array.from({ length: 100 }, (_, index) => blake2AsU8a(`account ${index}`, 256))
  for (const account of [...made, new Uint8Array(32), new Uint8Array(32).fill(255)]) {
    expect(encodeAddress(account)).toBe(theirEncode(account, 42))
    // Polkadot's prefix is zero; from 64 on a prefix has two bytes.
    for (const prefix of [0, 42, 63, 64, 1_328, 16_383]) {
      expect(Buffer.from(decodeAddress(theirEncode(account, prefix)))).toEqual(
        Buffer.from(theirDecode(theirEncode(account, prefix))),
      )
    }
  }
})

const alice = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY'
it.each([
  ['', /of no account/],
  ['5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQZ', /checksum/],
  [`${alice}1`, /of no account/],
  [`${alice.slice(0, -1)}0`, /"0" is no digit/],
  [alice.repeat(1_000), /too long/],
])('refuses %.60s', (address, says) => {
  expect(() => decodeAddress(address)).toThrow(says)
})
