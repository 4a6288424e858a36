import {
  hookForbidden,
  hookNotPolicy,
  hookOverTime,
  hookResult,
  hookThrew,
  hookUnbalanced,
} from '../../../errors/hooks.js'

type Details<Make> = Make extends (details: infer D, ...rest: never[]) => unknown ? D : never

const faults = {
  threw: hookThrew,
  forbidden: hookForbidden,
  overTime: hookOverTime,
  badResult: hookResult,
  unbalanced: hookUnbalanced,
  notPolicy: hookNotPolicy,
} as const

/** What a hook did wrong, as a worker can send it. */
export type HookFaultMessage = {
  readonly [Kind in keyof typeof faults]: { readonly kind: Kind; readonly details: Details<(typeof faults)[Kind]> }
}[keyof typeof faults]

/** Thrown through the runtime that called the hook. */
export class HookFault extends Error {
  constructor(readonly fault: HookFaultMessage) {
    super(fault.kind)
  }
}

/** The numbered error of a fault: E343 to E346, E348, E349. */
export function hookError({ kind, details }: HookFaultMessage): Error {
  // Kind and details belong together by their type.
  return (faults[kind] as (details: unknown) => Error)(details)
}
