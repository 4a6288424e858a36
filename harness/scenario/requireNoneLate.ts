import { callWaitsForUpgrade } from '../errors/patch.js'
import type { PatchedStart } from '../patch/applyPatches.js'

/** For a command that starts from the state before the first block.
 *  @throws E371 when a call waits for the first block of an upgrade */
export function requireNoneLate(command: string, { applied }: Pick<PatchedStart, 'applied'>): void {
  for (const patch of applied) {
    if (patch.kind === 'call' && patch.afterBlock !== undefined)
      throw callWaitsForUpgrade({ command, call: patch.call })
  }
}
