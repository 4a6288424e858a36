import { describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { spawnCli } from './runCli.js'

async function printed(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { exitCode, stdout, stderr } = await spawnCli(args, { env })
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  return stdout
}

describe('--help', () => {
  it('lists the commands, the options and examples', async () => {
    const help = await printed(['--help'])
    for (const command of ['run <scenario>', 'policies', 'doctor', 'completion']) {
      expect(help).toMatch(new RegExp(`^ {2}epochdiff ${command} {2,}\\S`, 'm'))
    }
    for (const option of ['--debug', '--version', '--help']) expect(help).toContain(option)
    const examples = help.slice(help.indexOf('Examples:'))
    expect(examples).toContain('epochdiff run scenarios/sn31-stake-cap-88.yaml')
    expect(await printed(['-h'])).toBe(help)
  })

  it('of a command lists its options', async () => {
    const help = await printed(['run', '--help'])
    for (const option of ['--epochs', '--engine', '--out', '--json', '--set', '--debug']) expect(help).toContain(option)
    expect(help).toContain('"native", "chopsticks"')
  })

  it('gives examples of scenarios that exist and load', async () => {
    const help = (await printed(['--help'])) + (await printed(['run', '--help']))
    const files = new Set(help.match(/scenarios\/\S+\.yaml/g))
    expect(files.size).toBeGreaterThan(0)
    const { loadScenario } = await import('../harness/scenario/loadScenario.js')
    for (const file of files) await loadScenario(new URL(`../${file}`, import.meta.url).pathname)
  })
})

it('--version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  expect(await printed(['--version'])).toBe(`${version}\n`)
})

describe('policies', () => {
  interface Policy {
    readonly name: string
    readonly hook: string
    readonly formula: string
    readonly neutral: Record<string, unknown>
    readonly params: readonly { name: string; description: string; default: unknown }[]
  }

  it('says of each policy what --json says', async () => {
    const policies = JSON.parse(await printed(['policies', '--json'])) as Policy[]
    expect(policies.map(({ name }) => name)).toEqual(expect.arrayContaining(['stake-cap', 'performance-weighted']))
    const text = (await printed(['policies'])).replaceAll(/\s+/g, ' ')
    for (const { name, hook, formula, params, neutral } of policies) {
      for (const part of [name, hook, formula, ...params.flatMap((param) => [param.name, param.description])]) {
        expect(text).toContain(part.replaceAll(/\s+/g, ' '))
      }
      const names = params.map((param) => param.name)
      expect(names).toEqual(expect.arrayContaining(Object.keys(neutral)))
    }
  })

  it('offers the stake cap of the paper by default', async () => {
    const policies = JSON.parse(await printed(['policies', '--json'])) as Policy[]
    const cap = policies.find(({ name }) => name === 'stake-cap')
    expect(cap).toMatchObject({ hook: 'stake_weights', neutral: { percentile: 100 } })
    expect(cap?.params.map((param) => [param.name, param.default])).toEqual([
      ['percentile', 88],
      ['scope', 'permitted'],
    ])
  })
})

describe('doctor', () => {
  interface Finding {
    readonly level: string
    readonly subject: string
    readonly seen: string
  }

  it('finds here what a run needs', async () => {
    const findings = JSON.parse(await printed(['doctor', '--json'])) as Finding[]
    for (const subject of ['node', 'memory', 'reference runtime', 'native engine', 'chopsticks engine']) {
      expect(findings).toContainEqual(expect.objectContaining({ subject, level: 'ok' }))
    }
    expect(findings.find(({ subject }) => subject === 'node')?.seen).toContain(process.versions.node)
  })

  it('prints a line for each subject', async () => {
    const lines = (await printed(['doctor'])).split('\n')
    for (const subject of ['node', 'memory', 'reference runtime', 'native engine', 'chopsticks engine']) {
      expect(lines.filter((line) => line.startsWith(`ok      ${subject} `))).toHaveLength(1)
    }
  })
})

describe('completion', () => {
  it.each([
    ['/bin/bash', 'complete '],
    ['/bin/zsh', '#compdef epochdiff'],
  ])('prints a script for %s', async (shell, part) => {
    const script = await printed(['completion'], { SHELL: shell, ZSH_NAME: undefined })
    expect(script).toContain(part)
    expect(script).toContain('_epochdiff_yargs_completions')
    expect(script).toContain('epochdiff --get-yargs-completions')
  })

  it('completes the commands', async () => {
    const words = (await printed(['--get-yargs-completions', 'epochdiff', ''])).split('\n')
    for (const command of ['run', 'policies', 'doctor']) {
      expect(words.some((word) => word.split(':')[0] === command)).toBe(true)
    }
  })
})
