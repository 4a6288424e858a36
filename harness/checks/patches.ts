import type { AppliedPatch } from '../patch/appliedPatch.js'
import { describePatch } from '../patch/describePatch.js'
import type { PatchedStart } from '../patch/applyPatches.js'
import type { Check } from './check.js'

/** A warning for each patch of state that leaves the state as it was: what it proposes is so already, or was not what was meant. */
export function checkPatches({ applied, withoutEffect }: Pick<PatchedStart, 'applied' | 'withoutEffect'>): Check[] {
  return applied
    .filter((patch, index) => patch.kind !== 'policy' && withoutEffect[index] === true)
    .map((patch) => ({
      name: `patch: ${patch.kind}`,
      level: 'warning',
      seen: `${describePatch(patch)}: ${unchanged(patch)}`,
      expected: 'a patch changes something',
      why: 'What it proposes is so already, or it does not do what was meant.',
    }))
}

function unchanged(patch: AppliedPatch): string {
  if (patch.kind === 'code') return 'the blob is the runtime that the baseline runs'
  return patch.kind === 'storage' ? 'every entry has that value already' : 'the call succeeded and changed nothing'
}
