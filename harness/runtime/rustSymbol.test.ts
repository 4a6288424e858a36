import { describe, expect, it } from '@jest/globals'
import { rustPath } from './rustSymbol.js'

describe('legacy symbols', () => {
  it('give the path without the hash', () => {
    expect(rustPath('_ZN16pallet_subtensor5epoch9run_epoch5epoch17h0123456789abcdefE')).toEqual([
      'pallet_subtensor',
      'epoch',
      'run_epoch',
      'epoch',
    ])
  })

  it('give implementations and closures as parts of their own', () => {
    const implementation = '59_$LT$impl$u20$pallet_subtensor..pallet..Pallet$LT$T$GT$$GT$'
    expect(rustPath(`_ZN16pallet_subtensor5epoch${implementation}5epoch17h0123456789abcdefE`)).toEqual([
      'pallet_subtensor',
      'epoch',
      '<impl pallet_subtensor::pallet::Pallet<T>>',
      'epoch',
    ])
    expect(rustPath('_ZN1a1b28_$u7b$$u7b$closure$u7d$$u7d$17h0123456789abcdefE')?.at(-1)).toBe('{{closure}}')
  })

  it('are not guessed at', () => {
    for (const symbol of [
      '_ZN',
      '_ZN5epochE',
      '_ZN99epoch17h0123456789abcdefE',
      '_ZN5epoch17h0123456789abcdef',
      '_ZN5epoch17hXXXXXXXXXXXXXXXXE',
      '_ZNxE',
    ]) {
      expect(rustPath(symbol)).toBeUndefined()
    }
  })
})

describe('v0 symbols', () => {
  // Paths as the compiler's own documentation and rustc-demangle name them.
  it.each([
    ['_RNvCs1234_7mycrate3foo', ['mycrate', 'foo']],
    ['_RNvNtCs1234_7mycrate3foo3bar', ['mycrate', 'foo', 'bar']],
    ['_RNvMs_Cs4Cv8Wi1oAIB_7mycrateNtB4_3Foo3bar', ['mycrate', 'bar']],
    ['_RNvXCs1234_7mycrateNtB2_3FooNtB2_5Trait6method', ['mycrate', 'method']],
    ['_RINvNtC3std3mem8align_ofjE', ['std', 'mem', 'align_of']],
    ['_RINvNtC3std3mem8align_ofjEC3foo', ['std', 'mem', 'align_of']],
    ['_RNCNvCs1234_7mycrate3foo0B3_', ['mycrate', 'foo', '{closure}']],
    ['_RINvC1a1bANtB2_1cj10_TRL_eQhPaOxSlFUKCzEuDNtB2_1dp1EuEL_pB7_EKj3_L_E', ['a', 'b']],
    [
      '_RNvMs0_NtNtC16pallet_subtensor5epoch9run_epochINtNtB9_6pallet6PalletpE5epoch',
      ['pallet_subtensor', 'epoch', 'run_epoch', 'epoch'],
    ],
    ['_RNvCs1234_7mycrateu8gdel_5qa', ['mycrate', 'gdel_5qa']],
    ['_RNvC6_123foo3bar', ['123foo', 'bar']],
  ])('%s', (symbol, path) => {
    expect(rustPath(symbol)).toEqual(path)
  })

  it('are not guessed at', () => {
    for (const symbol of [
      '_R',
      '_RN',
      '_RNv',
      '_RNvC3fo',
      '_RZ',
      '_RNvB_3foo',
      '_RNvB9_3foo',
      `_R${'Nv'.repeat(300)}C1a`,
    ]) {
      expect(rustPath(symbol)).toBeUndefined()
    }
  })

  it('do not take forever where back references multiply', () => {
    const startedAt = performance.now()
    // Every type argument is a pair of references to the one before.
    let symbol = '_RINvC1a1b'
    let last = symbol.length - 2
    symbol += 'TuuE'
    for (let count = 0; count < 40; count += 1) {
      const next = symbol.length - 2
      symbol += `TB${last.toString(36)}_B${last.toString(36)}_E`
      last = next
    }
    expect(rustPath(`${symbol}E`)).toBeUndefined()
    expect(performance.now() - startedAt).toBeLessThan(1000)
  })
})

it('other names are no Rust symbols', () => {
  expect(rustPath('memcpy')).toBeUndefined()
  expect(rustPath('')).toBeUndefined()
})
