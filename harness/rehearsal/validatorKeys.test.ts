import { encodeAddress } from '@polkadot/util-crypto'
import { expect, it } from '@jest/globals'
import { MOST_VALIDATORS, validatorKeys } from './validatorKeys.js'

it('validators have the keys that nodes derive from their names', () => {
  const [alice, bob] = validatorKeys(2)
  // As `subkey inspect //Alice` prints them, with --scheme sr25519 and ed25519.
  expect(encodeAddress(alice?.aura ?? '', 42)).toBe('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY')
  expect(encodeAddress(alice?.grandpa ?? '', 42)).toBe('5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu')
  expect(encodeAddress(bob?.aura ?? '', 42)).toBe('5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty')
  expect(bob?.secret).toBe('//Bob')
})

it('each has a network identity of its own, the same in every run', () => {
  const all = validatorKeys(MOST_VALIDATORS)
  expect(new Set(all.map(({ peerId }) => peerId)).size).toBe(MOST_VALIDATORS)
  expect(all.every(({ peerId }) => /^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/.test(peerId))).toBe(true)
  expect(validatorKeys(MOST_VALIDATORS)).toEqual(all)
})
