import { describe, expect, it } from '@jest/globals'
import type { EpochVectors, Ledger, RewardEntry } from '../ledger/ledger.js'
import { checkConsensus } from './consensus.js'

// uids 0, 1: validators that set weights. 2, 3, 4: permitted, active, no weights. 5, 6: miners.
const sound: EpochVectors = {
  epoch: 0,
  netuid: 31,
  hotkeys: ['v0', 'v1', 'd2', 'd3', 'd4', 'm5', 'm6'],
  coldkeys: ['', '', '', '', '', '', ''],
  stakeRao: [600n, 300n, 40n, 30n, 30n, 0n, 0n],
  stakeWeight: [39321, 19660, 2621, 1966, 1966, 0, 0],
  consensus: [0, 0, 0, 0, 0, 40000, 20000],
  incentive: [0, 0, 0, 0, 0, 43690, 21845],
  dividends: [43690, 21845, 0, 0, 0, 0, 0],
  validatorTrust: [60000, 60000, 0, 0, 0, 0, 0],
  validatorPermit: [true, true, true, true, true, false, false],
  active: [true, true, true, true, true, true, true],
}
const collapsed: EpochVectors = {
  ...sound,
  stakeWeight: [13107, 13107, 13107, 13107, 13107, 0, 0],
  consensus: [0, 0, 0, 0, 0, 0, 0],
  incentive: [0, 0, 0, 0, 0, 0, 0],
  validatorTrust: [0, 0, 0, 0, 0, 0, 0],
}
const pays = (role: RewardEntry['role'], alphaRao: bigint, epoch = 0): RewardEntry => ({
  epoch,
  netuid: 31,
  uid: 0,
  hotkey: role,
  coldkey: '',
  role,
  alphaRao,
})
const ledger = (vectors: EpochVectors[], entries: RewardEntry[]): Ledger => ({ vectors, entries, totals: [] })
const baseline = ledger([sound], [pays('miner', 50n), pays('validator', 50n)])
const kappa = new Map([[31, 32767]])

describe('checkConsensus', () => {
  it('is information when nothing falls', () => {
    const [check] = checkConsensus({ baseline, candidate: baseline }, kappa)
    expect(check).toMatchObject({ name: 'consensus (subnet 31)', level: 'info' })
    expect(check?.seen).toContain(
      '5 -> 5 validators vote (permit, active, stake weight), 1 -> 1 of them share the largest stake weight',
    )
    expect(check?.seen).toContain('(sum of Consensus) 0.9155 -> 0.9155, sum of Incentive 1.0000 -> 1.0000')
    expect(check?.seen).toContain(
      'paid 100.0 % of what the baseline pays them (0.0 % goes to other accounts than there)',
    )
    expect(check?.seen).toContain('0 of 2 miners with consensus lose all of it')
    expect(check?.why).toBe(
      "The validators whose weights count in the baseline (ValidatorTrust above 0) hold 90.0 % of the validators' stake " +
        'weight there and 90.0 % under the candidate; consensus on a weight needs kappa, 50.0 % of it.',
    )
  })

  it('explains a collapse: who is equal, who agrees, who got the money', () => {
    const candidate = ledger([collapsed], [pays('validator', 90n), pays('nominator', 10n), pays('owner', 7n)])
    const [check] = checkConsensus({ baseline, candidate }, kappa)
    expect(check?.level).toBe('warning')
    expect(check?.seen).toContain(
      '5 -> 5 validators vote (permit, active, stake weight), 1 -> 5 of them share the largest',
    )
    expect(check?.seen).toContain('miners together are paid 0.0 % of what the baseline pays them (0.0 % goes')
    expect(check?.seen).toContain(
      'validators, nominators and root 200.0 % of what the baseline pays them (100.0 % goes',
    )
    expect(check?.seen).toContain('2 of 2 miners with consensus lose all of it')
    expect(check?.seen).toContain('epochs that pay no miner: 0 -> 1')
    expect(check?.why).toContain('In 1 of 1 epochs the baseline pays miners and the candidate pays none: ')
    expect(check?.why).toContain("hold 90.0 % of the validators' stake weight there and 40.0 % under the candidate")
    expect(check?.why).toContain('less than consensus needs (kappa, 50.0 %)')
    expect(check?.why).toContain('received 2.00 times what the baseline paid them in these epochs')
  })

  it('does not claim what it does not know: kappa', () => {
    const candidate = ledger([collapsed], [])
    expect(checkConsensus({ baseline, candidate })[0]?.why).toContain('consensus on a weight needs kappa of it')
  })

  it('warns when consensus falls by more than a tenth, not by less', () => {
    const falling = (consensus: number) =>
      checkConsensus(
        {
          baseline,
          candidate: ledger(
            [{ ...sound, consensus: [0, 0, 0, 0, 0, consensus, 20000] }],
            baseline.entries as RewardEntry[],
          ),
        },
        kappa,
      )[0]
    expect(falling(34001)?.level).toBe('info')
    expect(falling(33999)?.level).toBe('warning')
    expect(falling(33999)?.why).toContain('the sum of Consensus falls by 10.0 %')
  })

  it('warns when miners are paid less by more than a tenth', () => {
    const paying = (alphaRao: bigint) =>
      checkConsensus({ baseline, candidate: ledger([sound], [pays('miner', alphaRao), pays('burned', 2n)]) }, kappa)[0]
    expect(paying(43n)?.level).toBe('info')
    expect(paying(42n)?.level).toBe('warning')
    expect(paying(42n)?.why).toContain("the miners' pay falls by 12.0 %")
  })

  it('warns when all validators are made equal, though consensus stays', () => {
    const equal = { ...sound, stakeWeight: collapsed.stakeWeight }
    const [check] = checkConsensus({ baseline, candidate: ledger([equal], baseline.entries as RewardEntry[]) }, kappa)
    expect(check?.level).toBe('warning')
    expect(check?.seen).toContain('1 -> 5 of them share the largest stake weight')
    expect(check?.why).toContain(
      'In 1 of 1 epochs the candidate gives every validator that votes the same stake weight',
    )
    expect(check?.why).toContain('40.0 % under the candidate')
    const almost = { ...equal, stakeWeight: [13107, 13107, 13107, 13107, 13106, 0, 0] }
    expect(checkConsensus({ baseline, candidate: ledger([almost], baseline.entries as RewardEntry[]) })[0]?.level).toBe(
      'info',
    )
    const alike = ledger([equal], [])
    expect(checkConsensus({ baseline: alike, candidate: alike })[0]?.level).toBe('info')
  })

  it('warns when validators lose their permits', () => {
    const fewer = { ...sound, validatorPermit: [true, true, true, true, false, false, false] }
    const [check] = checkConsensus({ baseline, candidate: ledger([fewer], baseline.entries as RewardEntry[]) }, kappa)
    expect(check?.level).toBe('warning')
    expect(check?.seen).toContain('5 -> 4 validators vote')
    expect(check?.why).toContain('the number of validators that vote falls by 20.0 %')
    expect(check?.why).toContain('among equal ones to the higher uid')
  })

  it('says what part of the pay goes to other accounts', () => {
    const of = (...amounts: readonly bigint[]) =>
      ledger(
        [sound],
        amounts.map((alphaRao, uid) => ({ ...pays('validator', alphaRao), hotkey: `v${uid}` })),
      )
    const [check] = checkConsensus({ baseline: of(60n, 40n), candidate: of(45n, 40n, 10n) }, kappa)
    expect(check?.seen).toContain('miners together are paid nothing in either arm')
    expect(check?.seen).toContain(
      'root 95.0 % of what the baseline pays them (10.0 % goes to other accounts than there)',
    )
  })

  it('does not blame the candidate for epochs in which the baseline pays no miner either', () => {
    const silent = ledger([collapsed], [pays('validator', 100n)])
    const [check] = checkConsensus({ baseline: silent, candidate: silent }, kappa)
    expect(check?.level).toBe('info')
    expect(check?.seen).toContain('epochs that pay no miner: 1 -> 1')
  })

  it('leaves out validators without permit, activity or stake weight', () => {
    const vectors = {
      ...sound,
      validatorPermit: [false, true, true, true, true, true, false],
      active: [true, true, false, true, true, true, true],
    }
    const [check] = checkConsensus({ baseline: ledger([vectors], []), candidate: ledger([vectors], []) })
    expect(check?.seen).toContain('3 -> 3 validators vote')
  })

  it('judges each subnet for itself', () => {
    const other = { ...sound, netuid: 2 }
    const two = ledger([sound, other], [])
    const half = ledger([sound, { ...collapsed, netuid: 2 }], [])
    expect(checkConsensus({ baseline: two, candidate: half }).map(({ level }) => level)).toEqual(['warning', 'info'])
  })

  it('refuses a candidate without the outputs of an epoch', () => {
    expect(() => checkConsensus({ baseline, candidate: ledger([], []) })).toThrow(
      expect.objectContaining({ code: 'E601' }),
    )
  })
})
