import { describe, expect, it } from '@jest/globals'
import type { EpochTotals, Ledger } from '../ledger/ledger.js'
import { checkConservation } from './conservation.js'

const totals: EpochTotals = {
  epoch: 0,
  netuid: 31,
  block: 360,
  drainedRao: 1000n,
  paidRao: 996n,
  unpaidRao: 4n,
  unownedRao: 0n,
  slackRao: 5n,
  creditedRao: 996n,
}
const ledger = (change: Partial<EpochTotals> = {}, alphaRao = 996n): Ledger => ({
  entries: [
    { epoch: 0, netuid: 31, uid: 0, hotkey: 'h', coldkey: 'c', role: 'miner', alphaRao: alphaRao - 6n },
    { epoch: 0, netuid: 31, uid: 0, hotkey: 'h', coldkey: 'c', role: 'burned', alphaRao: 6n },
  ],
  totals: [{ ...totals, ...change }],
  vectors: [],
})
const levels = (baseline: Ledger, candidate = ledger()) =>
  checkConservation({ baseline, candidate }).map(({ name, level }) => [name, level])

describe('checkConservation', () => {
  it('passes when every rao is accounted for', () => {
    expect(levels(ledger())).toEqual([
      ['conservation: credited (baseline)', 'pass'],
      ['conservation: unpaid (baseline)', 'pass'],
      ['conservation: credited (candidate)', 'pass'],
      ['conservation: unpaid (candidate)', 'pass'],
    ])
  })

  it.each([
    ['entries that do not add up to what was paid', ledger({}, 995n)],
    ['a payment that no balance shows', ledger({ creditedRao: 995n })],
    ['drained, paid and unpaid that do not fit', ledger({ unpaidRao: 3n })],
  ])('fails on %s, by a single rao', (_, broken) => {
    expect(levels(broken)[0]).toEqual(['conservation: credited (baseline)', 'error'])
    expect(levels(ledger(), broken)[2]).toEqual(['conservation: credited (candidate)', 'error'])
  })

  it('fails beyond the slack, in both directions, not at it', () => {
    expect(levels(ledger({ unpaidRao: 5n }))[1]?.[1]).toBe('pass')
    expect(levels(ledger({ unpaidRao: -5n }))[1]?.[1]).toBe('pass')
    expect(levels(ledger({ unpaidRao: 6n }))[1]?.[1]).toBe('error')
    expect(levels(ledger({ unpaidRao: -6n }))[1]?.[1]).toBe('error')
  })

  it('says what happened', () => {
    const [, unpaid] = checkConservation({ baseline: ledger({ unpaidRao: -6n }), candidate: ledger() })
    expect(unpaid?.seen).toBe(
      'in 1 of 1 epochs, first epoch 0 of subnet 31 (block 360): 6 rao paid beyond what was drained',
    )
  })

  it('tells alpha without an owner, and warns of overpaying mechanisms', () => {
    expect(levels(ledger({ unpaidRao: 504n, unownedRao: 500n }))[1]?.[1]).toBe('info')
    expect(levels(ledger({ unpaidRao: -496n, unownedRao: -500n }))[1]?.[1]).toBe('warning')
    expect(levels(ledger({ unpaidRao: 504n, unownedRao: 498n }))[1]?.[1]).toBe('error')
  })
})
