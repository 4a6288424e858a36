import type { AppliedPatch, ItemChanges } from '../patch/appliedPatch.js'
import { describeChange, describePatch } from '../patch/describePatch.js'
import type { RunResult } from './runResult.js'

/** How many entries of a patch a report lists; the others are in result.json. */
const listed = 12

/** What the patches of state did before the first epoch, a line each thing; policies and hooks only act in epochs. */
export function patchLines({ patches }: RunResult): string[] {
  return patches.flatMap((patch) => (patch.kind === 'policy' || patch.kind === 'hook' ? [] : linesOf(patch)))
}

function linesOf(patch: Exclude<AppliedPatch, { kind: 'policy' | 'hook' }>): string[] {
  switch (patch.kind) {
    case 'storage':
      return capped(patch.writes.map((write) => `storage: ${describeChange(write)}`))
    case 'call':
      return [
        `${describePatch(patch)}, through ${patch.through}: ok${patch.events.length === 0 ? '' : `; events ${patch.events.join(', ')}`}`,
        ...changesOf(patch.changes),
      ]
    case 'code': {
      const { from, migrations } = patch
      const head = `${describePatch(patch)} instead of ${from.specName} ${from.specVersion} (${from.sha256.slice(0, 8)})`
      if (migrations === null) return [`${head}: no migrations run, by its version it is no upgrade`]
      const { weight, isolated, changes, logs, tryRuntime } = migrations
      const known =
        weight === null ? 'weight not known' : `weight ${weight.refTime} ps and ${weight.proofSize} bytes of proof`
      const which = isolated ? '' : ' (all changes of the first block: without migrations it fails)'
      const checks = tryRuntime === 'passed' ? 'its own checks passed' : 'it has no TryRuntime checks'
      return [
        `${head}: its migrations change ${changes.length === 0 ? 'nothing' : `${changes.length} items`}${which}; ${known}; ${checks}`,
        ...changesOf(changes),
        ...capped(logs.map((line) => `it logged: ${line}`)),
      ]
    }
  }
}

function changesOf(changes: readonly ItemChanges[]): string[] {
  return capped(
    changes.flatMap(({ item, written, removed, entries }) => [
      ...entries.map(describeChange),
      ...(written + removed > entries.length ? [`${item}: ${written} written, ${removed} removed in all`] : []),
    ]),
  )
}

function capped(lines: readonly string[]): string[] {
  const more = lines.length - listed
  return more > 1 ? [...lines.slice(0, listed), `and ${more} more, in result.json`] : [...lines]
}
