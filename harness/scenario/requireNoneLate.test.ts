import { expect, it } from '@jest/globals'
import type { AppliedCall } from '../patch/appliedPatch.js'
import { requireNoneLate } from './requireNoneLate.js'

const call: AppliedCall = { kind: 'call', call: 'A.b', args: {}, through: 'Sudo.sudo', changes: [], events: [] }

it('refuses a call that waits for the first block, and no other', () => {
  const started = (applied: AppliedCall) => () => requireNoneLate('epochdiff serve', { applied: [applied] })
  expect(started(call)).not.toThrow()
  expect(started({ ...call, afterBlock: 7 })).toThrow(/E371: A\.b stands after a code patch: .* epochdiff serve starts/)
})
