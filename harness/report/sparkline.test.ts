import { describe, expect, it } from '@jest/globals'
import { sparkline } from './sparkline.js'

describe('sparkline', () => {
  it('goes from nothing to the largest', () => {
    expect(sparkline([0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n], 80)).toBe('▁▂▃▄▅▆▇█')
    expect(sparkline([7n * 10n ** 20n, 0n], 80)).toBe('█▁')
  })

  it('is flat when nothing moves, full when all move alike, empty of nothing', () => {
    expect(sparkline([0n, 0n], 80)).toBe('▁▁')
    expect(sparkline([5n, 5n], 80)).toBe('██')
    expect(sparkline([], 80)).toBe('')
  })

  it('shows means of stretches when there are more epochs than columns', () => {
    expect(sparkline([0n, 0n, 7n, 7n], 2)).toBe('▁█')
    expect([
      ...sparkline(
        Array.from({ length: 100 }, (_, i) => BigInt(i)),
        7,
      ),
    ]).toHaveLength(7)
  })
})
