import { expect, it } from '@jest/globals'
import type { CallResult } from '../engine/engine.js'
import type { Hex } from '../fork/forkState.js'
import { completeBlock } from './completeBlock.js'

/** A runtime that makes two inherents and answers so. */
function runtime(applied: Hex) {
  const asked: [string, Hex][] = []
  const call = (fn: string, args: Hex): Promise<CallResult> => {
    asked.push([fn, args])
    const result = { BlockBuilder_inherent_extrinsics: '0x080801020c030405', BlockBuilder_apply_extrinsic: applied }[fn]
    const storageDiff = [['0x01', `0x0${asked.length}`]] as const
    return Promise.resolve({
      result: (result ?? '0xbeef') as Hex,
      storageDiff,
      logs: [],
      mockedHostFunctions: ['root'],
    })
  }
  return { asked, call }
}

it('applies each inherent with its length in front, then closes', async () => {
  const { asked, call } = runtime('0x0000')
  expect(await completeBlock(call, 7, '0x00')).toEqual({
    storageDiffs: [[['0x01', '0x02']], [['0x01', '0x03']], [['0x01', '0x04']]],
    mockedHostFunctions: ['root'],
  })
  expect(asked).toEqual([
    ['BlockBuilder_inherent_extrinsics', '0x00'],
    ['BlockBuilder_apply_extrinsic', '0x080102'],
    ['BlockBuilder_apply_extrinsic', '0x0c030405'],
    ['BlockBuilder_finalize_block', '0x'],
  ])
})

it.each(['0x0001', '0x010000'] as const)('stops when an inherent is answered with %s', async (answer) => {
  const { call } = runtime(answer)
  await expect(completeBlock(call, 7, '0x00')).rejects.toThrow(/E525: In block 7 .*0x080102/)
})
