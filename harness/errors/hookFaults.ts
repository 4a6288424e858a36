import {
  hookForbidden,
  hookNotPolicy,
  hookOverMemory,
  hookOverTime,
  hookResult,
  hookThrew,
  hookUnbalanced,
} from './hooks.js'

/** Errors of a hook in a call of the runtime. */
export const hookFaults: readonly string[] = [
  hookNotPolicy,
  hookThrew,
  hookForbidden,
  hookOverTime,
  hookOverMemory,
  hookResult,
  hookUnbalanced,
].map(({ code }) => code)
