import { checkRun } from '../harness/checks/checkRun.js'
import { diffLedgers } from '../harness/diff/diffLedgers.js'
import type { EpochVectors, Ledger, RewardEntry, Role } from '../harness/ledger/ledger.js'
import { compareConcentration } from '../harness/metrics/compareConcentration.js'
import type { FinishedRun } from '../harness/report/buildRunResult.js'

const netuid = 31
const names = ['whale', 'shark', 'trout', 'minnow', 'digger', 'drone', 'owner']
const hotkeys = names.map((name) => `5${name}Hotkey${'x'.repeat(41 - name.length)}`)
const coldkeys = names.map((name) => `5${name}Coldkey${'x'.repeat(40 - name.length)}`)

type Payment = readonly [uid: number, role: Role, alphaRao: bigint]

const today: Payment[] = [
  [0, 'validator', 60_000_000_000n],
  [0, 'nominator', 10_000_000_000n],
  [1, 'validator', 40_000_000_000n],
  [2, 'validator', 20_000_000_001n],
  [4, 'miner', 90_000_000_000n],
  [5, 'miner', 40_000_000_000n],
  [6, 'owner', 57_000_000_000n],
]
const capped: Payment[] = [
  [0, 'validator', 44_000_000_000n],
  [0, 'nominator', 8_000_000_000n],
  [1, 'validator', 44_000_000_000n],
  [2, 'validator', 33_000_000_000n],
  [3, 'validator', 1_000_000_001n],
  [4, 'miner', 80_000_000_000n],
  [5, 'miner', 50_000_000_000n],
  [6, 'owner', 57_000_000_000n],
]

function ledger(payments: readonly Payment[], stakeWeight: readonly number[], epochs: number): Ledger {
  const paidRao = payments.reduce((sum, [, , alphaRao]) => sum + alphaRao, 0n)
  const entry = (epoch: number, [uid, role, alphaRao]: Payment): RewardEntry => ({
    epoch,
    netuid,
    uid,
    hotkey: hotkeys[uid] ?? '',
    coldkey: role === 'nominator' ? '5fanColdkey' : (coldkeys[uid] ?? ''),
    role,
    alphaRao,
  })
  const vectors = (epoch: number): EpochVectors => ({
    epoch,
    netuid,
    hotkeys,
    coldkeys,
    stakeRao: [600n, 300n, 90n, 10n, 0n, 0n, 0n],
    stakeWeight,
    consensus: [0, 0, 0, 0, 45000, 20000, 0],
    incentive: [0, 0, 0, 0, 45000, 20000, 0],
    dividends: [39321, 19660, 5898, 655, 0, 0, 0],
    validatorTrust: [60000, 60000, 60000, 0, 0, 0, 0],
    validatorPermit: [true, true, true, true, false, false, false],
    active: names.map(() => true),
  })
  const each = Array.from({ length: epochs }, (_, epoch) => epoch)
  return {
    entries: each.flatMap((epoch) => payments.map((payment) => entry(epoch, payment))),
    totals: each.map((epoch) => ({
      epoch,
      netuid,
      block: 3_600_360 + 360 * epoch,
      drainedRao: paidRao + 3n,
      paidRao,
      unpaidRao: 3n,
      unownedRao: 0n,
      slackRao: 40n,
      creditedRao: paidRao,
    })),
    vectors: each.map(vectors),
  }
}

/** A small run of two epochs with gains, losses, a new earner and roles that nobody has; `noOp` runs the baseline twice. */
export function exampleRun({ noOp = false } = {}): FinishedRun {
  const baseline = ledger(today, [39321, 19660, 5898, 655, 0, 0, 0], 2)
  const candidate = noOp ? baseline : ledger(capped, [21845, 21845, 19660, 2184, 0, 0, 0], 2)
  const diff = diffLedgers(baseline, candidate)
  const concentrations = compareConcentration(baseline, candidate)
  const mocks = ['blocks between epochs are credited, not run']
  const runtime = (digit: string) => ({ specVersion: 425, sha256: digit.repeat(64), weave: undefined })
  return {
    toolVersion: '0.1.0',
    scenario: {
      name: 'example-cap',
      title: 'Stake cap at the 88th percentile on subnet 31',
      file: 'example-cap.yaml',
      overrides: ['replay.epochs=2'],
      sha256: 'c'.repeat(64),
    },
    patches: noOp ? [] : [{ kind: 'policy', policy: 'stake-cap', params: { percentile: 88, scope: 'permitted' } }],
    forkSource: {
      kind: 'built-in',
      name: 'example',
      recorded: ['stake and weights of seven uids'],
      assumed: ['every hotkey has a wallet of its own'],
    },
    forkHeader: { number: 3_600_000, hash: `0x${'d'.repeat(64)}` },
    runtimes: {
      baseline: runtime('a'),
      candidate: {
        ...runtime('b'),
        weave: {
          inputSha256: 'a'.repeat(64),
          patchModuleSha256: 'e'.repeat(64),
          outputSha256: 'b'.repeat(64),
          bytesAdded: 4096,
          callSites: 'all',
          patches: [
            {
              policy: 'stake-cap',
              hook: 'stake_weights',
              params: { percentile: 88, scope: 'permitted' },
              functionIndex: 900,
              symbol: 'get_stake_weights_for_network',
              signature: '(i32, i32) -> ()',
              layout: 'vectors',
              originalIndex: 1000,
              policyIndex: 1001,
              callers: [{ name: 'epoch', sites: 1 }],
              payout: null,
              bytesAdded: 4000,
            },
          ],
        },
      },
    },
    engine: 'native',
    crossCheckedEpochs: 0,
    baseline,
    candidate,
    storageSha256: { baseline: ['1'.repeat(64), '2'.repeat(64)], candidate: ['3'.repeat(64), '4'.repeat(64)] },
    diff,
    concentrations,
    subnets: [{ netuid, name: 'Example', alphaPriceRao: '20000000' }],
    identities: { [coldkeys[1] ?? '']: 'Shark & Sons' },
    checks: checkRun({
      baseline,
      candidate,
      diff,
      concentrations,
      neutral: noOp,
      patches: { applied: [], withoutEffect: [] },
      feeds: ['weights'],
      mocks,
      kappa: new Map([[netuid, 32767]]),
      engines: undefined,
      expectations: [{ metric: 'change.stakeWeights.hotkey.gini', op: '<', value: 0 }].filter(() => !noOp) as [],
    }),
    mocks,
    timing: { startedAt: '2026-01-02T03:04:05.000Z', totalMs: 1234.5, stagesMs: { replay: 1000 } },
  }
}
