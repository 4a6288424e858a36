export { EpochdiffError } from './errors/epochdiffError.js'
export {
  definePolicy,
  type HookContext,
  type HookParam,
  type HookPolicy,
  type HookPools,
  type HookReward,
  type HookUid,
} from './runtime/hookPolicy.js'
export { policyDefinitions } from './runtime/policies.js'
export type { PolicyDefinition } from './runtime/policy.js'
export { type WeaveManifest, type WeaveResult, weave } from './runtime/weave.js'
export { renderHtml } from './report/html/renderHtml.js'
export { parseRunResult, type RunResult, serialiseRunResult } from './report/runResult.js'
export { renderTerminal } from './report/terminal.js'
export { loadScenario } from './scenario/loadScenario.js'
export { type RunOptions, runScenario } from './scenario/runScenario.js'
export type { LoadedScenario, Scenario } from './scenario/scenario.js'
