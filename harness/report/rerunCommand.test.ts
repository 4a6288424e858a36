import { describe, expect, it } from '@jest/globals'
import { exampleRun } from '../../test/exampleRun.js'
import { buildRunResult } from './buildRunResult.js'
import { rerunCommand } from './rerunCommand.js'

const result = buildRunResult(exampleRun())

describe('rerunCommand', () => {
  it('names scenario, overrides and engine', () => {
    expect(rerunCommand(result)).toBe('epochdiff run example-cap.yaml --set replay.epochs=2 --engine native')
  })

  it('repeats the cross-check', () => {
    expect(rerunCommand({ ...result, crossCheckedEpochs: 3 })).toMatch(/ --cross-check 3$/)
  })

  it('allows the hooks of a run with hooks', () => {
    const hook = { kind: 'hook' as const, file: 'a.ts', sha256: 'a'.repeat(64), params: {} }
    expect(rerunCommand({ ...result, patches: [hook] })).toMatch(/ --engine native --allow-hooks$/)
  })

  it('names the nodes and the block of a chain, and what was proven as such', () => {
    const chain = (trust: string) => {
      const source = { kind: 'chain' as const, name: 'Bittensor' }
      const command = rerunCommand({ ...result, fork: { ...result.fork, source, trust } })
      return command.replace(result.fork.block.hash, 'HASH')
    }
    expect(chain('state trusted from ws://a:1, wss://b')).toMatch(
      / --rpc ws:\/\/a:1 --rpc wss:\/\/b --block HASH --eng/,
    )
    expect(chain('state proven')).toMatch(/ --rpc NODE --block HASH --verify --eng/)
  })

  it('quotes what a shell would read', () => {
    const scenario = { ...result.scenario, file: '$(rm -r x) it`s', overrides: ["a=';x"] }
    expect(rerunCommand({ ...result, scenario })).toBe(
      "epochdiff run '$(rm -r x) it`s' --set 'a='\\'';x' --engine native",
    )
  })
})
