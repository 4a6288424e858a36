import { describe, expect, it } from '@jest/globals'
import { parseStoragePath } from './storagePath.js'

const ALICE = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY'

describe('parseStoragePath', () => {
  it.each([
    ['System.Number', []],
    ['System.Number()', []],
    ['SubtensorModule.Kappa(31)', [31]],
    [' SubtensorModule.Weights( 31 , 7 ) ', [31, 7]],
    [`SubtensorModule.Alpha(${ALICE}, 0x${'ab'.repeat(32)}, 1)`, [ALICE, `0x${'ab'.repeat(32)}`, 1]],
    ['A.B(18446744073709551615, -1, true)', ['18446744073709551615', -1, true]],
    ['A.B([1, 2], {"Id": "a, b"}, Name)', [[1, 2], { Id: 'a, b' }, 'Name']],
  ])('reads %s', (text, keys) => {
    expect(parseStoragePath(text).keys).toEqual(keys)
  })

  it('takes the pallet and the item apart', () => {
    expect(parseStoragePath('SubtensorModule.Kappa(31)')).toMatchObject({ pallet: 'SubtensorModule', item: 'Kappa' })
  })

  it.each(['Kappa', 'SubtensorModule.Kappa(31', 'A.B.C', 'A.B(1,)', 'A.B([1)', 'A.B({x})', '', 'A.B(1) 2'])(
    'refuses %j',
    (text) => {
      expect(() => parseStoragePath(text)).toThrow(RangeError)
    },
  )
})
