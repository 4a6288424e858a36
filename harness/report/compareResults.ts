import { describePatch } from '../patch/describePatch.js'
import { jsonDifferences } from './jsonDifferences.js'
import { ranked } from './headline.js'
import { resultDigest } from './resultDigest.js'
import { resultMetrics } from './resultMetrics.js'
import type { RunResult } from './runResult.js'

type Account = RunResult['rewards']['accounts'][number]
type Level = RunResult['checks'][number]['level']

/** What two results have in a place; null: nothing. */
interface Pair<T> {
  readonly first: T | null
  readonly second: T | null
}

/** Amounts of what the proposal changes, in alpha rao as decimal strings. */
interface AccountComparison {
  readonly netuid: number
  readonly uid: number | null
  readonly hotkey: string
  readonly coldkey: string
  readonly role: Account['role']
  readonly firstChangeRao: string
  readonly secondChangeRao: string
  /** second - first. */
  readonly differenceRao: string
}

/** What differs between two results: of two versions of a proposal, or of one at two blocks. */
export interface ResultComparison {
  /** Whether they are the same result, timing excepted. */
  readonly equal: boolean
  readonly digests: Pair<string>
  /** What was compared differs in these: title, proposal, block, runtimes, epochs, ... Empty for repetitions of one run. */
  readonly setup: readonly (Pair<string> & { readonly what: string })[]
  /** Subnets that only one of them measures are not compared. */
  readonly subnets: readonly {
    readonly netuid: number
    readonly epochs: Pair<number>
    /** Metrics that differ, by name as in expectations. */
    readonly metrics: readonly (Pair<number> & { readonly name: string })[]
    /** What the proposal changes by role, where that differs. */
    readonly roles: readonly {
      readonly role: Account['role']
      readonly firstChangeRao: string
      readonly secondChangeRao: string
    }[]
    /** Accounts whose change differs, the largest difference first. */
    readonly accounts: readonly AccountComparison[]
  }[]
  readonly onlyFirst: readonly number[]
  readonly onlySecond: readonly number[]
  /** Checks with another verdict, or that only one of them has. */
  readonly checks: readonly (Pair<Level> & { readonly name: string })[]
}

/** Compares two results by what they say of the proposal. Pure. */
export function compareResults(first: RunResult, second: RunResult): ResultComparison {
  const digests = { first: resultDigest(first), second: resultDigest(second) }
  const [ours, theirs] = [resultMetrics(first), resultMetrics(second)]
  const both = [...ours.keys()].filter((netuid) => theirs.has(netuid))
  return {
    equal: digests.first === digests.second,
    digests,
    setup: setup(first, second),
    subnets: both.map((netuid) => ({
      netuid,
      epochs: { first: epochsOf(first, netuid), second: epochsOf(second, netuid) },
      metrics: metrics(ours.get(netuid) ?? new Map(), theirs.get(netuid) ?? new Map()),
      roles: roles(first, second, netuid),
      accounts: accounts(first, second, netuid),
    })),
    onlyFirst: [...ours.keys()].filter((netuid) => !theirs.has(netuid)),
    onlySecond: [...theirs.keys()].filter((netuid) => !ours.has(netuid)),
    checks: checks(first, second),
  }
}

function epochsOf({ epochs }: RunResult, netuid: number): number {
  return epochs.filter((epoch) => epoch.netuid === netuid).length
}

function setup(first: RunResult, second: RunResult): ResultComparison['setup'] {
  const described = ({ tool, scenario, patches, fork, runtimes, engine, crossCheckedEpochs }: RunResult) => ({
    epochdiff: tool.version,
    title: scenario.title,
    scenario: scenario.sha256,
    proposal: patches.map(describePatch).join('; ') || 'none',
    fork: fork.source.name,
    block: `${fork.block.number} (${fork.block.hash})`,
    'spec version': String(runtimes.baseline.specVersion),
    'baseline runtime': runtimes.baseline.sha256,
    'candidate runtime': runtimes.candidate.sha256,
    engine,
    'cross-checked epochs': String(crossCheckedEpochs),
    assumed: fork.assumed.join('; '),
  })
  return [...jsonDifferences(described(first), described(second))].map(({ path, first, second }) => ({
    what: path.replace(/^\.|^\["|"\]$/g, ''),
    first: String(first),
    second: String(second),
  }))
}

function metrics(ours: ReadonlyMap<string, number | undefined>, theirs: ReadonlyMap<string, number | undefined>) {
  return [...new Set([...ours.keys(), ...theirs.keys()])]
    .map((name) => ({ name, first: ours.get(name) ?? null, second: theirs.get(name) ?? null }))
    .filter(({ first, second }) => first !== second)
}

function roles(first: RunResult, second: RunResult, netuid: number) {
  const changes = ({ rewards }: RunResult) =>
    new Map(rewards.roles.filter((role) => role.netuid === netuid).map(({ role, changeRao }) => [role, changeRao]))
  const [ours, theirs] = [changes(first), changes(second)]
  return [...new Set([...ours.keys(), ...theirs.keys()])]
    .map((role) => ({ role, firstChangeRao: ours.get(role) ?? '0', secondChangeRao: theirs.get(role) ?? '0' }))
    .filter(({ firstChangeRao, secondChangeRao }) => firstChangeRao !== secondChangeRao)
}

function accounts(first: RunResult, second: RunResult, netuid: number): AccountComparison[] {
  const key = ({ role, hotkey, coldkey }: Account) => JSON.stringify([role, hotkey, coldkey])
  const changed = (result: RunResult) =>
    new Map(
      [...ranked(result, netuid, 'winners'), ...ranked(result, netuid, 'losers')].map((account) => [
        key(account),
        account,
      ]),
    )
  const [ours, theirs] = [changed(first), changed(second)]
  return [...new Map([...ours, ...theirs])]
    .map(([place, { netuid, uid, hotkey, coldkey, role }]) => {
      const [firstChangeRao, secondChangeRao] = [ours.get(place)?.changeRao ?? '0', theirs.get(place)?.changeRao ?? '0']
      const differenceRao = BigInt(secondChangeRao) - BigInt(firstChangeRao)
      return { account: { netuid, uid, hotkey, coldkey, role, firstChangeRao, secondChangeRao }, differenceRao }
    })
    .filter(({ differenceRao }) => differenceRao !== 0n)
    .sort((a, b) => {
      const [x, y] = [magnitude(a.differenceRao), magnitude(b.differenceRao)]
      return x > y ? -1 : x < y ? 1 : 0
    })
    .map(({ account, differenceRao }) => ({ ...account, differenceRao: String(differenceRao) }))
}

function magnitude(rao: bigint): bigint {
  return rao < 0n ? -rao : rao
}

function checks(first: RunResult, second: RunResult): ResultComparison['checks'] {
  const levels = (result: RunResult) => new Map(result.checks.map(({ name, level }) => [name, level]))
  const [ours, theirs] = [levels(first), levels(second)]
  return [...new Set([...ours.keys(), ...theirs.keys()])]
    .map((name) => ({ name, first: ours.get(name) ?? null, second: theirs.get(name) ?? null }))
    .filter(({ first, second }) => first !== second)
}
