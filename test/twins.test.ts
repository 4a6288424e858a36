import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { RewardEntry } from '../harness/ledger/ledger.js'
import { checkPolicyParams, policyDefinitions } from '../harness/runtime/policies.js'
import type { PolicyPatch } from '../harness/runtime/policy.js'
import { epochInput } from './epochInput.js'
import { openSn31Replay, type ReplayedEpoch, type Sn31Replay } from './replaySn31.js'

// The reference runtime and its twin, whose hooks are laid out as the chain's own build of spec 425 has them: every policy
// has to make the same state of both. Without policies they are the same runtime.

const epochs = 2
const strong: Readonly<Record<string, Record<string, number | string>>> = {
  'stake-cap': { percentile: 70 },
  'stake-power': { theta: 0.7 },
  'performance-weighted': { lambda: 0.6 },
  composite: { a: 0.6, b: 1.5, mix: 0.8 },
  'trust-bonus': { beta: 2.5 },
  'role-split': { miner: 0.35, validator: 0.65 },
  aiarena: { gamma: 0.1, alpha: 0.7, alphaMiner: 0.1, decay: 0.93, mix: 0.8 },
}
/** Two that move rao between the pools are refused (E321). */
const besideOthers: typeof strong = { ...strong, aiarena: { ...strong['aiarena'], pool: 'miner' } }

const cases: (readonly [name: string, patches: readonly PolicyPatch[]])[] = [
  ['no policy', []],
  ...policyDefinitions.map(({ name }) => [name, [checkPolicyParams(name, strong[name] ?? {})]] as const),
  ['all of them in turn', policyDefinitions.map(({ name }) => checkPolicyParams(name, besideOthers[name] ?? {}))],
]

let reference: Sn31Replay
let twin: Sn31Replay
let unpatched: ReplayedEpoch[]
beforeAll(async () => {
  reference = await openSn31Replay()
  twin = await openSn31Replay('epochdiff_runtime_terms')
  unpatched = await reference.arm([], epochs)
}, 240_000)
afterAll(async () => {
  await reference.close()
  await twin.close()
})

describe.each(cases)('%s', (name, patches) => {
  it('makes the same storage of both layouts, byte for byte', async () => {
    const [ours, theirs] = await Promise.all([reference.arm(patches, epochs), twin.arm(patches, epochs)])
    expect(ours).toHaveLength(epochs)
    expect(theirs.map(({ storageDiff }) => storageDiff)).toEqual(ours.map(({ storageDiff }) => storageDiff))
    // What is compared is not two times nothing.
    const isSame = JSON.stringify(ours[0]?.storageDiff) === JSON.stringify(unpatched[0]?.storageDiff)
    expect(isSame).toBe(patches.length === 0)
  }, 240_000)
})

/** Of an epoch, by role. */
function paid({ ledger }: ReplayedEpoch): Map<RewardEntry['role'], bigint> {
  const sums = new Map<RewardEntry['role'], bigint>()
  for (const { role, alphaRao } of ledger.entries) sums.set(role, (sums.get(role) ?? 0n) + alphaRao)
  return sums
}

const sum = (paid: Map<unknown, bigint>, ...roles: RewardEntry['role'][]) =>
  roles.reduce((total, role) => total + (paid.get(role) ?? 0n), 0n)

it.each([0.6, 0.25, 0.999999999])(
  'a role split to %d for miners moves what it says and conserves the rest',
  async (miner) => {
    const split = checkPolicyParams('role-split', { miner, validator: Number((1 - miner).toFixed(9)) })
    const [before] = unpatched
    const [after] = await reference.arm([split], 1)
    if (before === undefined || after === undefined) throw new Error('no epoch')
    const [was, is] = [paid(before), paid(after)]
    const { serverRao, validatorRao } = epochInput(reference, before)
    const moved = ((serverRao + validatorRao) * (BigInt(Math.round(miner * 1e9)) - 500_000_000n)) / 1_000_000_000n
    expect(sum(is, 'miner', 'burned') - sum(was, 'miner', 'burned')).toBe(moved)
    // Nothing else: as much was drained, and what is not paid of it is what the payout rounds off.
    const [wasTotal, isTotal] = [before.ledger.totals[0], after.ledger.totals[0]]
    expect(isTotal?.drainedRao).toBe(wasTotal?.drainedRao)
    expect(isTotal?.unpaidRao).toBeLessThanOrEqual(isTotal?.slackRao ?? -1n)
    expect(isTotal?.unpaidRao).toBeGreaterThanOrEqual(0n)
    expect(is.get('owner')).toBe(was.get('owner'))
  },
  240_000,
)
