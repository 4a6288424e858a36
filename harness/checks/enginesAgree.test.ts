import { describe, expect, it } from '@jest/globals'
import { checkEnginesAgree, type EpochStorage } from './enginesAgree.js'

const epochs: EpochStorage[] = (['baseline', 'candidate'] as const).flatMap((arm) =>
  [0, 1, 2].map((epoch) => ({
    arm,
    epoch,
    netuid: 31,
    block: 360 * (epoch + 1),
    storageSha256: `${arm.charCodeAt(0)}${epoch}`,
  })),
)
const repeated = epochs.filter(({ epoch }) => epoch < 2)
const check = (theirs: readonly EpochStorage[]) =>
  checkEnginesAgree({ engine: 'native', other: 'chopsticks', firstEpochs: 2, epochs, repeated: theirs })

describe('checkEnginesAgree', () => {
  it('passes when every repeated epoch leaves the same storage', () => {
    expect(check(repeated)).toMatchObject({ level: 'pass', seen: 'the same storage in 4 of 6 epochs' })
  })

  it('fails for one that differs, and names it', () => {
    const wrong = repeated.map((each) =>
      each.arm === 'candidate' && each.epoch === 1 ? { ...each, storageSha256: 'x' } : each,
    )
    expect(check(wrong)).toMatchObject({
      level: 'error',
      seen: 'the storage differs in 1 of 4 epochs, first in epoch 1 of subnet 31 (candidate, block 720)',
    })
  })

  it('fails for an epoch that the first engine never had, and for none at all', () => {
    expect(check([{ ...epochs[0], epoch: 9 } as EpochStorage]).level).toBe('error')
    expect(check([])).toMatchObject({ level: 'error', seen: 'no epoch was repeated' })
  })
})
