import { expect, it } from '@jest/globals'
import { runForResult } from './runResult.js'

it('the native engine and Chopsticks give the same result, storage byte by byte', async () => {
  const scenario = ['scenarios/sn31-stake-cap-88.yaml', '--epochs', '3']
  const { result: native } = await runForResult([...scenario, '--engine', 'native'])
  const { result: chopsticks } = await runForResult([...scenario, '--engine', 'chopsticks'])
  expect(native.engine).toBe('native')
  expect(chopsticks.engine).toBe('chopsticks')
  expect(native.epochs).toHaveLength(3)

  const hashes = ({ epochs }: typeof native) =>
    epochs.flatMap(({ baseline, candidate }) => [baseline.storageSha256, candidate.storageSha256])
  expect(hashes(chopsticks)).toEqual(hashes(native))
  expect(new Set(hashes(native)).size).toBe(6)

  // Mocks as well: this runtime calls no host function that either engine lacks.
  expect({ ...chopsticks, engine: '', timing: '' }).toEqual({ ...native, engine: '', timing: '' })
}, 300_000)
