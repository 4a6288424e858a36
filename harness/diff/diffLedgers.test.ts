import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { EpochTotals, Ledger, RewardEntry, Role } from '../ledger/ledger.js'
import { diffLedgers } from './diffLedgers.js'

const entry = (
  epoch: number,
  hotkey: string,
  role: Role,
  alphaRao: bigint,
  more: Partial<RewardEntry> = {},
): RewardEntry => ({
  epoch,
  netuid: 31,
  uid: Number(hotkey.slice(1)),
  hotkey,
  coldkey: `c${hotkey}`,
  role,
  alphaRao,
  ...more,
})
const totals = (epoch: number, paidRao: bigint, netuid = 31): EpochTotals => ({
  epoch,
  netuid,
  block: 360 * (epoch + 1),
  drainedRao: 100n,
  paidRao,
  unpaidRao: 100n - paidRao,
  unownedRao: 0n,
  slackRao: 9n,
  creditedRao: paidRao,
})
const ledger = (entries: RewardEntry[], epochs = 2): Ledger => {
  const paid = (epoch: number) => entries.filter((e) => e.epoch === epoch).reduce((sum, e) => sum + e.alphaRao, 0n)
  return { entries, totals: Array.from({ length: epochs }, (_, epoch) => totals(epoch, paid(epoch))), vectors: [] }
}

const baseline = ledger([
  entry(0, 'h1', 'miner', 40n),
  entry(0, 'h2', 'validator', 50n),
  entry(0, 'h2', 'nominator', 5n, { coldkey: 'someone' }),
  entry(1, 'h1', 'miner', 60n),
  entry(1, 'h2', 'validator', 30n),
])
const candidate = ledger([
  entry(0, 'h1', 'miner', 45n),
  entry(0, 'h2', 'validator', 40n),
  entry(0, 'h2', 'nominator', 5n, { coldkey: 'someone' }),
  entry(0, 'h3', 'burned', 5n),
  entry(1, 'h1', 'miner', 60n),
  entry(1, 'h2', 'validator', 25n),
  entry(1, 'h4', 'validator', 5n),
])

describe('diffLedgers', () => {
  const diff = diffLedgers(baseline, candidate)

  it('sums each account and role over the run', () => {
    expect(diff.accounts).toEqual([
      {
        netuid: 31,
        uid: 1,
        hotkey: 'h1',
        coldkey: 'ch1',
        role: 'miner',
        baselineRao: 100n,
        candidateRao: 105n,
        changeRao: 5n,
      },
      {
        netuid: 31,
        uid: 2,
        hotkey: 'h2',
        coldkey: 'ch2',
        role: 'validator',
        baselineRao: 80n,
        candidateRao: 65n,
        changeRao: -15n,
      },
      {
        netuid: 31,
        uid: 4,
        hotkey: 'h4',
        coldkey: 'ch4',
        role: 'validator',
        baselineRao: 0n,
        candidateRao: 5n,
        changeRao: 5n,
      },
      {
        netuid: 31,
        uid: 2,
        hotkey: 'h2',
        coldkey: 'someone',
        role: 'nominator',
        baselineRao: 5n,
        candidateRao: 5n,
        changeRao: 0n,
      },
      {
        netuid: 31,
        uid: 3,
        hotkey: 'h3',
        coldkey: 'ch3',
        role: 'burned',
        baselineRao: 0n,
        candidateRao: 5n,
        changeRao: 5n,
      },
    ])
  })

  it('splits the change by epoch', () => {
    const changes = diff.epochs.map(({ epoch, accounts }) => [
      epoch,
      accounts.map(({ hotkey, changeRao }) => [hotkey, changeRao]),
    ])
    expect(changes).toEqual([
      [
        0,
        [
          ['h1', 5n],
          ['h2', -10n],
          ['h2', 0n],
          ['h3', 5n],
        ],
      ],
      [
        1,
        [
          ['h1', 0n],
          ['h2', -5n],
          ['h4', 5n],
        ],
      ],
    ])
  })

  it('totals the roles, also those that nobody had', () => {
    expect(diff.roles.map(({ role, changeRao }) => [role, changeRao])).toEqual([
      ['miner', 5n],
      ['validator', -10n],
      ['nominator', 0n],
      ['owner', 0n],
      ['root', 0n],
      ['burned', 5n],
    ])
  })

  it('lists winners and losers by size, without what is burned', () => {
    expect(diff.winners.map(({ hotkey }) => hotkey)).toEqual(['h1', 'h4'])
    expect(diff.losers.map(({ hotkey }) => hotkey)).toEqual(['h2'])
  })

  it('names the last uid of a hotkey that moved', () => {
    const moved = ledger([
      entry(0, 'h1', 'miner', 1n),
      entry(1, 'h1', 'miner', 1n, { uid: 9 }),
      entry(1, 'h5', 'miner', 1n, { uid: undefined }),
    ])
    expect(diffLedgers(moved, moved).accounts.map(({ uid }) => uid)).toEqual([9, undefined])
  })

  it('keeps subnets apart', () => {
    const two: Ledger = {
      entries: [entry(0, 'h1', 'miner', 7n), entry(0, 'h1', 'miner', 8n, { netuid: 2 })],
      totals: [totals(0, 7n), totals(0, 8n, 2)],
      vectors: [],
    }
    const result = diffLedgers(two, two)
    expect(result.accounts.map(({ netuid, baselineRao }) => [netuid, baselineRao])).toEqual([
      [2, 8n],
      [31, 7n],
    ])
    expect(result.roles).toHaveLength(12)
  })
})

describe('isEmpty', () => {
  it('is true for a ledger against itself, in any order', () => {
    const shuffled = { ...baseline, entries: baseline.entries.toReversed(), totals: baseline.totals.toReversed() }
    const diff = diffLedgers(baseline, shuffled)
    expect(diff.isEmpty).toBe(true)
    expect(diff.winners).toEqual([])
    expect(diff.losers).toEqual([])
  })

  it('is false when epochs differ that cancel over the run', () => {
    const one = ledger([entry(0, 'h1', 'miner', 1n), entry(1, 'h1', 'miner', 2n)])
    const other = ledger([entry(0, 'h1', 'miner', 2n), entry(1, 'h1', 'miner', 1n)])
    const diff = diffLedgers(one, other)
    expect(diff.accounts.every(({ changeRao }) => changeRao === 0n)).toBe(true)
    expect(diff.isEmpty).toBe(false)
  })

  it('is false when only a total differs', () => {
    const drained = { ...baseline, totals: baseline.totals.map((t) => ({ ...t, drainedRao: t.drainedRao + 1n })) }
    expect(diffLedgers(baseline, drained).isEmpty).toBe(false)
  })

  it('is false for a single rao anywhere', () => {
    fc.assert(
      fc.property(fc.nat({ max: baseline.entries.length - 1 }), fc.constantFrom(1n, -1n), (index, rao) => {
        const entries = baseline.entries.map((e, i) => (i === index ? { ...e, alphaRao: e.alphaRao + rao } : e))
        expect(diffLedgers(baseline, { ...baseline, entries }).isEmpty).toBe(false)
      }),
    )
  })

  it('leaves the vectors to sameVectors', () => {
    const vectors = {
      epoch: 0,
      netuid: 31,
      hotkeys: ['h1'],
      coldkeys: ['ch1'],
      stakeRao: [5n],
      stakeWeight: [65535],
      consensus: [0],
      incentive: [0],
      dividends: [0],
      validatorTrust: [0],
      validatorPermit: [true],
      active: [true],
    }
    const one = { ...baseline, vectors: [vectors] }
    const other = { ...baseline, vectors: [{ ...vectors, consensus: [1] }] }
    expect(diffLedgers(one, one).sameVectors).toBe(true)
    expect(diffLedgers(one, other)).toMatchObject({ isEmpty: true, sameVectors: false })
  })
})

describe('laws', () => {
  const rewards = fc.array(
    fc.record({
      epoch: fc.nat({ max: 1 }),
      hotkey: fc.constantFrom('h1', 'h2', 'h3'),
      role: fc.constantFrom<Role>('miner', 'validator', 'nominator', 'burned'),
      alphaRao: fc.bigInt({ min: 0n, max: 10n ** 15n }),
    }),
    { maxLength: 20 },
  )
  const toLedger = (list: { epoch: number; hotkey: string; role: Role; alphaRao: bigint }[]) =>
    ledger(list.map(({ epoch, hotkey, role, alphaRao }) => entry(epoch, hotkey, role, alphaRao)))
  const sum = (amounts: readonly { changeRao: bigint }[]) => amounts.reduce((total, a) => total + a.changeRao, 0n)

  it('accounts, epochs and roles all add up to the difference of what was paid', () => {
    fc.assert(
      fc.property(rewards, rewards, (a, b) => {
        const [one, other] = [toLedger(a), toLedger(b)]
        const diff = diffLedgers(one, other)
        const paid = (l: Ledger) => l.totals.reduce((total, { paidRao }) => total + paidRao, 0n)
        const change = paid(other) - paid(one)
        expect(sum(diff.accounts)).toBe(change)
        expect(sum(diff.epochs.flatMap(({ accounts }) => accounts))).toBe(change)
        expect(sum(diff.roles)).toBe(change)
      }),
    )
  })

  it('changes its sign when the arms are exchanged', () => {
    fc.assert(
      fc.property(rewards, rewards, (a, b) => {
        const there = diffLedgers(toLedger(a), toLedger(b)).accounts.map(({ changeRao }) => changeRao)
        const back = diffLedgers(toLedger(b), toLedger(a)).accounts.map(({ changeRao }) => -changeRao)
        expect(there).toEqual(back)
      }),
    )
  })
})

describe('refusals', () => {
  it.each([
    ['an epoch fewer', ledger([], 1), /epoch 1 of subnet 31 at block 720 is missing in the candidate/],
    ['an epoch more', ledger([], 4), /epoch 2 of subnet 31 .* missing in the baseline \(and 1 more\)/],
    ['another block', { ...ledger([]), totals: [totals(0, 0n), { ...totals(1, 0n), block: 9 }] }, /at block 720/],
    ['another subnet', { ...ledger([]), totals: [totals(0, 0n), totals(1, 0n, 2)] }, /subnet 31/],
    ['an epoch twice', { ...ledger([]), totals: [totals(0, 0n), totals(1, 0n), totals(1, 0n)] }, /twice/],
    ['a stray entry', { ...ledger([]), entries: [entry(7, 'h1', 'miner', 1n)] }, /candidate pays in epoch 7/],
  ])('refuses %s', (_, other, message) => {
    expect(() => diffLedgers(ledger([]), other)).toThrow(message)
    expect(() => diffLedgers(ledger([]), other)).toThrow(expect.objectContaining({ code: 'E601', exitCode: 1 }))
  })
})
