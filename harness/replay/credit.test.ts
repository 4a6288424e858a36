import { describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Hex } from '../fork/forkState.js'
import { createStorageCodec } from '../fork/storageCodec.js'
import { counterKeys, creditBlocks } from './credit.js'

const metadata = gunzipSync(readFileSync(new URL('../fork/fixtures/finney-393.scale.gz', import.meta.url)))
const codec = createStorageCodec(`0x${metadata.toString('hex')}`)
const SM = 'SubtensorModule'
const ALICE = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY'

const volume = codec.key(SM, 'SubnetVolume', 31)
const pending = codec.key(SM, 'PendingServerEmission', 31)
const account = codec.key('System', 'Account', ALICE)
const accountWith = (free: bigint) =>
  codec.encode('System', 'Account', {
    nonce: 7,
    consumers: 1,
    providers: 2,
    sufficients: 3,
    data: { free, reserved: 11n, frozen: 12n, flags: 1n << 127n },
  })

describe('skipped blocks', () => {
  it('are credited by what the block added, whatever the width and place of the counter', () => {
    const diff: [Hex, Hex][] = [
      [volume, codec.encode(SM, 'SubnetVolume', (1n << 70n) + 5n)],
      [pending, codec.encode(SM, 'PendingServerEmission', 41n)],
      [account, accountWith(1_000n)],
    ]
    const before = new Map<Hex, Hex | null>([
      [volume, codec.encode(SM, 'SubnetVolume', 1n << 70n)],
      [pending, null],
      [account, accountWith(990n)],
    ])
    expect(counterKeys(codec, diff)).toEqual([volume, pending, account])
    expect(creditBlocks(codec, diff, before, 100)).toEqual({
      writes: [
        [volume, codec.encode(SM, 'SubnetVolume', (1n << 70n) + 505n)],
        [pending, codec.encode(SM, 'PendingServerEmission', 41n * 101n)],
        [account, accountWith(2_000n)],
      ],
      credited: [`${SM}.PendingServerEmission`, `${SM}.SubnetVolume`, 'System.Account'],
      notReplayed: [],
    })
  })

  it('keep what is not a counter, and that is named', () => {
    const diff: [Hex, Hex | null][] = [
      [codec.key(SM, 'SubnetMovingPrice', 31), `0x${'01'.repeat(16)}`],
      [codec.key(SM, 'SubnetAlphaOutEmission', 31), codec.encode(SM, 'SubnetAlphaOutEmission', 1n)],
      [codec.key('System', 'Number'), codec.encode('System', 'Number', 5)],
      ['0x3a65787472696e7369635f696e646578', '0x00000000'],
      [`0x${'ee'.repeat(32)}01`, null],
    ]
    expect(counterKeys(codec, diff)).toEqual([])
    expect(creditBlocks(codec, diff, new Map(), 10)).toEqual({
      writes: [],
      credited: [],
      notReplayed: [`${SM}.SubnetMovingPrice`, `storage 0x${'ee'.repeat(32)}`],
    })
  })
})
