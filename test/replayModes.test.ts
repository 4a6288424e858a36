import { expect, it } from '@jest/globals'
import { runForResult } from './runResult.js'

it('every block of two epochs gives the accounts and totals that the jump gives', async () => {
  const scenario = ['scenarios/sn31-stake-cap-88.yaml', '--epochs', '2']
  const { result: jump } = await runForResult([...scenario, '--set', 'replay.mode=jump'])
  const { result: blocks } = await runForResult([...scenario, '--set', 'replay.mode=blocks'])

  // The storage of the epoch's block differs, in the items that the jump names as not replayed.
  const amounts = ({ epochs }: typeof jump) =>
    epochs.map(({ baseline, candidate, ...epoch }) => ({
      ...epoch,
      baseline: { ...baseline, storageSha256: '' },
      candidate: { ...candidate, storageSha256: '' },
    }))
  expect(jump.epochs).toHaveLength(2)
  expect(amounts(blocks)).toEqual(amounts(jump))
  expect(blocks.rewards).toEqual(jump.rewards)
  expect(blocks.concentration).toEqual(jump.concentration)
  const aboutRewards = ({ checks }: typeof jump) => checks.filter(({ name }) => name !== 'mocks')
  expect(aboutRewards(blocks)).toEqual(aboutRewards(jump))

  // Only the jump skips blocks, and says so.
  const skipping = ({ mocks }: typeof jump) => mocks.filter((mock) => mock.startsWith('358 of 360 blocks'))
  expect(skipping(jump)).toHaveLength(1)
  expect(skipping(blocks)).toHaveLength(0)
  expect(jump.mocks.filter((mock) => !skipping(jump).includes(mock))).toEqual(blocks.mocks)
}, 300_000)
