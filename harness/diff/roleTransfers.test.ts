import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { Ledger, Role } from '../ledger/ledger.js'
import { diffLedgers, roles } from './diffLedgers.js'
import { movers } from './movers.js'
import { roleTransfers } from './roleTransfers.js'

type Paid = readonly (readonly [role: Role, account: string, rao: bigint])[]

const ledger = (paid: Paid): Ledger => {
  const paidRao = paid.reduce((sum, [, , rao]) => sum + rao, 0n)
  const sums = { drainedRao: paidRao, paidRao, unpaidRao: 0n, unownedRao: 0n, slackRao: 0n, creditedRao: paidRao }
  return {
    entries: paid.map(([role, account, alphaRao]) => {
      return { epoch: 0, netuid: 1, uid: undefined, hotkey: `${account}H`, coldkey: account, role, alphaRao }
    }),
    totals: [{ epoch: 0, netuid: 1, block: 1, ...sums }],
    vectors: [],
  }
}
const diffOf = (baseline: Paid, candidate: Paid) => diffLedgers(ledger(baseline), ledger(candidate))

describe('roleTransfers', () => {
  it('settles inside a role first, and divides the rest in proportion', () => {
    const before: Paid = [
      ['miner', 'a', 100n],
      ['miner', 'b', 50n],
      ['validator', 'c', 100n],
      ['nominator', 'd', 100n],
      ['owner', 'e', 10n],
    ]
    const after: Paid = [
      ['miner', 'a', 40n], // -60
      ['miner', 'b', 70n], // +20
      ['validator', 'c', 130n], // +30
      ['nominator', 'd', 105n], // +5
      ['owner', 'e', 10n],
    ]
    // Miners lose 60 and gain 20: 40 cross, of which 30 : 5 : 5 go to validators, nominators and nobody.
    expect(roleTransfers(diffOf(before, after))).toEqual([
      { netuid: 1, from: 'miner', to: 'miner', alphaRao: 20n },
      { netuid: 1, from: 'miner', to: 'validator', alphaRao: 30n },
      { netuid: 1, from: 'miner', to: 'nominator', alphaRao: 5n },
      { netuid: 1, from: 'miner', to: 'unpaid', alphaRao: 5n },
    ])
  })

  it('is nothing where nothing changes', () => {
    const same: Paid = [['miner', 'a', 1n]]
    expect(roleTransfers(diffOf(same, same))).toEqual([])
  })

  const payments = fc.array(
    fc.tuple(fc.constantFrom(...roles), fc.constantFrom('a', 'b', 'c', 'd'), fc.bigInt({ min: 0n, max: 10n ** 12n })),
    { maxLength: 24 },
  )

  it('accounts for every rao lost and gained, and lets no more cross than must', () => {
    fc.assert(
      fc.property(payments, payments, (before, after) => {
        const diff = diffOf(before, after)
        const transfers = roleTransfers(diff)
        const flow = (matches: (t: (typeof transfers)[number]) => boolean) =>
          transfers.filter(matches).reduce((sum, { alphaRao }) => sum + alphaRao, 0n)
        for (const { alphaRao } of transfers) expect(alphaRao).toBeGreaterThan(0n)
        for (const role of roles) {
          const changes = diff.accounts.filter((account) => account.role === role).map(({ changeRao }) => changeRao)
          const gained = changes.filter((c) => c > 0n).reduce((a, b) => a + b, 0n)
          const lost = -changes.filter((c) => c < 0n).reduce((a, b) => a + b, 0n)
          expect(flow(({ from }) => from === role)).toBe(lost)
          expect(flow(({ to }) => to === role)).toBe(gained)
          // Nobody both gives to other roles and takes from them.
          const given = flow(({ from, to }) => from === role && to !== role)
          const taken = flow(({ from, to }) => to === role && from !== role)
          expect(given === 0n || taken === 0n).toBe(true)
        }
        const total = (paid: Paid) => paid.reduce((sum, [, , rao]) => sum + rao, 0n)
        const unpaid = flow(({ to }) => to === 'unpaid') - flow(({ from }) => from === 'unpaid')
        expect(unpaid).toBe(total(before) - total(after))
      }),
    )
  })

  describe('movers', () => {
    it('counts hotkeys and wallets, role by role and all together, burned left out of the whole', () => {
      const before: Paid = [
        ['miner', 'a', 10n],
        ['validator', 'a', 10n],
        ['validator', 'b', 5n],
        ['burned', 'z', 9n],
      ]
      const after: Paid = [
        ['miner', 'a', 4n],
        ['validator', 'a', 18n],
        ['validator', 'b', 5n],
        ['burned', 'z', 1n],
      ]
      const counted = movers(diffOf(before, after)).filter(({ unit }) => unit === 'coldkey')
      expect(counted).toEqual([
        { netuid: 1, unit: 'coldkey', role: 'all', winners: 1, losers: 0, unchanged: 1, gainedRao: 2n, lostRao: 0n },
        { netuid: 1, unit: 'coldkey', role: 'miner', winners: 0, losers: 1, unchanged: 0, gainedRao: 0n, lostRao: 6n },
        {
          netuid: 1,
          unit: 'coldkey',
          role: 'validator',
          winners: 1,
          losers: 0,
          unchanged: 1,
          gainedRao: 8n,
          lostRao: 0n,
        },
        { netuid: 1, unit: 'coldkey', role: 'burned', winners: 0, losers: 1, unchanged: 0, gainedRao: 0n, lostRao: 8n },
      ])
    })

    it('agrees with the accounts of the diff', () => {
      fc.assert(
        fc.property(payments, payments, (before, after) => {
          const diff = diffOf(before, after)
          for (const { role, gainedRao, lostRao, unit } of movers(diff)) {
            if (role === 'all') continue
            const net = diff.roles.find((change) => change.role === role)?.changeRao
            expect(gainedRao - lostRao).toBe(net)
            expect(['hotkey', 'coldkey']).toContain(unit)
          }
        }),
      )
    })
  })
})
