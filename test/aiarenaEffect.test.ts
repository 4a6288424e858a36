import { expect, it } from '@jest/globals'
import { openEngine } from '../harness/engine/openEngine.js'
import { forkSmall, SMALL_NETUIDS } from '../harness/fork/small.js'
import { createStorageCodec } from '../harness/fork/storageCodec.js'
import { chainState } from '../harness/ledger/chainState.js'
import type { Ledger, Role } from '../harness/ledger/ledger.js'
import { drainedPendings, type Pendings } from '../harness/ledger/pendings.js'
import { readEpoch } from '../harness/ledger/readEpoch.js'
import { replayEpochs } from '../harness/replay/replayEpochs.js'
import { movedRao } from '../harness/runtime/movedRao.js'
import { checkPolicyParams } from '../harness/runtime/policies.js'
import type { PolicyPatch } from '../harness/runtime/policy.js'
import { loadPrebuilt, type PrebuiltName } from '../harness/runtime/prebuilt.js'
import { weave } from '../harness/runtime/weave.js'

// AIArena's pools on the made-up chain, whose subnets have child keys, root stake and mechanisms: what the roles are paid
// against the rule, by what the chain without it pays them.

/** What waited for an epoch, and who got it. */
type PaidEpoch = Ledger & { readonly drained: Pendings }

/** The first epoch of each subnet. */
async function epochs(name: PrebuiltName, patches: readonly PolicyPatch[]): Promise<PaidEpoch[]> {
  const { wasm } = loadPrebuilt(name)
  const engine = await openEngine('native')
  const probe = await engine.openArm({ name: 'metadata', wasm, storage: new Map() })
  const codec = createStorageCodec((await probe.call('Metadata_metadata', '0x')).result)
  const { fork, feed } = forkSmall({ seed: 1, codec, wasm })
  const code = patches.length === 0 ? wasm : weave(wasm, patches).wasm
  const arm = await engine.openArm({ ...fork, name: 'arm', wasm: code })
  const plan = { codec, head: fork.header, netuids: SMALL_NETUIDS, epochs: 1, mode: 'jump', feed } as const
  const ledgers: PaidEpoch[] = []
  for await (const record of replayEpochs(arm, plan)) {
    const [pre, post] = [chainState(codec, record.pre), chainState(codec, record.post)]
    const drained = drainedPendings(pre, post, record.netuid, pre.netuids())
    ledgers.push({ ...readEpoch(codec, record, movedRao(patches)), drained })
  }
  await engine.close()
  return ledgers
}

function paid({ entries }: Ledger, ...roles: readonly Role[]): bigint {
  return entries.reduce((sum, { role, alphaRao }) => (roles.includes(role) ? sum + alphaRao : sum), 0n)
}

const apart = (a: bigint, b: bigint) => Math.abs(Number(a - b))

it.each<[PrebuiltName, number]>([
  ['epochdiff_runtime', 0.05],
  ['epochdiff_runtime_terms', 0.05],
  ['epochdiff_runtime', 0.4],
  ['epochdiff_runtime_terms', 0.4],
])(
  '%s with gamma %d: the pools follow the stake of the roles, and pay and burn as much together',
  async (name, gamma) => {
    const before = await epochs(name, [])
    const after = await epochs(name, [checkPolicyParams('aiarena', { gamma })])
    expect(after).toHaveLength(SMALL_NETUIDS.length)
    after.forEach((ledger, index) => {
      const [was, totals, vectors] = [before[index], ledger.totals[0], ledger.vectors[0]]
      const wasTotals = was?.totals[0]
      if (was === undefined || wasTotals === undefined || totals === undefined || vectors === undefined) {
        throw new Error('no epoch')
      }
      // The first epoch of all finds the same state; what it pays moves the later ones by a rao of rounding.
      const earlierRao = index === 0 ? 0 : 2
      // Conserved: as much was to be paid, all that is credited is in the ledger, and roundings alone are not.
      expect(totals.netuid).toBe(wasTotals.netuid)
      expect(apart(totals.drainedRao, wasTotals.drainedRao)).toBeLessThanOrEqual(earlierRao)
      expect(totals.creditedRao).toBe(totals.paidRao)
      expect(apart(totals.unpaidRao, totals.unownedRao)).toBeLessThanOrEqual(Number(totals.slackRao))
      expect(apart(totals.unownedRao, wasTotals.unownedRao)).toBeLessThanOrEqual(earlierRao)
      expect(apart(paid(ledger, 'owner'), paid(was, 'owner'))).toBeLessThanOrEqual(earlierRao)

      const stakeOf = (permitted: boolean) =>
        vectors.stakeWeight.reduce((sum, own, uid) => sum + (vectors.validatorPermit[uid] === permitted ? own : 0), 0)
      const [miners, validators] = [stakeOf(false), stakeOf(true)]
      const todayRao = paid(was, 'miner', 'burned')
      const bothRao = ledger.drained.serverRao + ledger.drained.validatorRao
      const part = gamma + ((1 - 2 * gamma) * miners) / (miners + validators)
      const expectedRao = part * Number(bothRao)
      const slackRao = 2 * Number(totals.slackRao) + Number(bothRao) * 1e-12
      expect(Math.abs(Number(paid(ledger, 'miner', 'burned')) - expectedRao)).toBeLessThanOrEqual(slackRao)
      // What root stakers are paid follows the validators' shares, which the rule changes too, and takes.
      const others = (epoch: Ledger) => paid(epoch, 'validator', 'nominator', 'root')
      const gainedRao = paid(ledger, 'miner', 'burned') - todayRao
      expect(apart(others(was) - others(ledger), gainedRao)).toBeLessThanOrEqual(slackRao)
      expect(Math.abs(Number(todayRao) - expectedRao)).toBeGreaterThan(1_000 * slackRao)
    })
  },
  120_000,
)
