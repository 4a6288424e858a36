import { describe, expect, it } from '@jest/globals'
import type { Ledger, Role } from '../ledger/ledger.js'
import { checkCoverage } from './coverage.js'

const ledger = (paid: Partial<Record<Role, bigint>>, epochs = 1): Ledger => ({
  entries: (Object.entries(paid) as [Role, bigint][]).map(([role, alphaRao]) => ({
    epoch: 0,
    netuid: 31,
    uid: 0,
    hotkey: 'h',
    coldkey: 'c',
    role,
    alphaRao,
  })),
  totals: Array.from({ length: epochs }, (_, epoch) => ({
    epoch,
    netuid: 31,
    block: 360,
    drainedRao: 0n,
    paidRao: 0n,
    unpaidRao: 0n,
    unownedRao: 0n,
    slackRao: 0n,
    creditedRao: 0n,
  })),
  vectors: [],
})
const all = { miner: 1n, validator: 1n, nominator: 1n, owner: 1n, root: 1n, burned: 1n }

describe('checkCoverage', () => {
  it('passes when every role is paid in one of the arms', () => {
    const check = checkCoverage({ baseline: ledger({ ...all, root: 0n }), candidate: ledger({ root: 1n }) }, [
      'weights',
    ])
    expect(check).toMatchObject({ level: 'pass' })
    expect(check.seen).toBe(
      '1 epochs of subnet 31; paid: miner, validator, nominator, owner, root, burned; never exercised: no role; feeds: weights',
    )
  })

  it('names the roles that nobody has', () => {
    const arm = ledger({ miner: 1n, validator: 1n, owner: 1n, nominator: 0n }, 3)
    const check = checkCoverage({ baseline: arm, candidate: arm }, [])
    expect(check).toMatchObject({ level: 'info' })
    expect(check.seen).toContain('3 epochs')
    expect(check.seen).toContain(
      'never exercised: nominator (no nominator in this state), root (no root stake in this state)',
    )
  })

  it('warns when the baseline pays no miners, whatever the candidate does', () => {
    expect(checkCoverage({ baseline: ledger({ validator: 1n }), candidate: ledger(all) }, []).level).toBe('warning')
  })

  it('fails when nothing ran', () => {
    expect(checkCoverage({ baseline: ledger({}, 0), candidate: ledger({}, 0) }, []).level).toBe('error')
  })
})
