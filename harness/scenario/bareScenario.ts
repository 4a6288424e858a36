import type { LoadedScenario, RpcForkSpec } from './scenario.js'

/** No proposal: the epochs of subnets as a chain's own runtime runs them, which is what every proposal about them reads of its state. */
export function bareScenario(fork: RpcForkSpec, subnets: readonly number[], epochs: number): LoadedScenario {
  return {
    scenario: {
      version: 1,
      name: 'state',
      title: 'The state that epochs read',
      description: undefined,
      fork,
      runtime: 'on-chain',
      subnets,
      replay: { epochs, mode: 'jump' },
      patches: [],
      attribution: undefined,
      callSites: 'all',
      expect: [],
    },
    file: '',
    dataFile: undefined,
    storageFile: undefined,
    runtimeFile: undefined,
    codeFile: undefined,
    hookPrograms: new Map(),
    patchPlaces: [],
    inputFiles: [],
    overrides: [],
  }
}
