import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { execFile } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

// The GitHub Action as a runner would do it: each step's script in bash, its environment filled in, its outputs read back.

const repository = fileURLToPath(new URL('..', import.meta.url))

interface Step {
  readonly name: string
  readonly id?: string
  readonly if?: string
  readonly shell: string
  readonly env?: Readonly<Record<string, string>>
  readonly run: string
}
interface Action {
  readonly inputs: Readonly<Record<string, { description: string; default: string }>>
  readonly outputs: Readonly<Record<string, { value: string }>>
  readonly runs: { readonly using: string; readonly steps: readonly Step[] }
}
interface Workflow {
  readonly permissions: Readonly<Record<string, string>>
  readonly jobs: { readonly check: { readonly steps: readonly { uses?: string; with?: Record<string, unknown> }[] } }
}

const action = parse(readFileSync(join(repository, 'ci/action.yml'), 'utf8')) as Action
const workflow = parse(readFileSync(join(repository, 'ci/example-workflow.yml'), 'utf8')) as Workflow

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'epochdiff-action-'))
  cpSync(join(repository, 'scenarios'), join(folder, 'scenarios'), { recursive: true })
  mkdirSync(join(folder, 'ci'))
  mkdirSync(join(folder, 'bin'))
  const config =
    'version: 1\nbaselines: kept\nscenarios: [{ file: ../scenarios/sn31-noop.yaml, set: [replay.epochs=1] }]\n'
  writeFileSync(join(folder, 'ci/check.yaml'), config)
  // Stands for GitHub's command line: tells what it was asked.
  const gh = '#!/bin/sh\nfor word in "$@"; do echo "$word"; done >> "$GH_LOG"\necho "repo $GH_REPO" >> "$GH_LOG"\n'
  writeFileSync(join(folder, 'bin/gh'), gh)
  chmodSync(join(folder, 'bin/gh'), 0o755)
})
afterAll(() => rmSync(folder, { recursive: true }))

interface Outcome {
  readonly exitCode: number
  readonly outputs: Readonly<Record<string, string>>
  readonly summary: string
  readonly asked: string
  readonly log: string
}

const command = `${process.execPath} ${join(repository, 'dist/cli/main.js')}`

async function runAction(inputs: Record<string, string> = {}, event = 'pull_request'): Promise<Outcome> {
  const given: Record<string, string> = { command, ...inputs }
  const context: Record<string, string> = {
    'github.token': 'secret',
    'github.repository': 'owner/name',
    'github.event.pull_request.number': '7',
  }
  const outputs: Record<string, Record<string, string>> = {}
  const valueOf = (expression: string): string => {
    const [, kind, name, output] = /^(?:(inputs)\.([\w-]+)|steps\.([\w-]+)\.outputs\.[\w-]+)$/.exec(expression) ?? []
    if (kind === 'inputs' && name !== undefined) return fill(given[name] ?? action.inputs[name]?.default ?? '')
    if (output !== undefined) return outputs[output]?.[expression.split('.').at(-1) ?? ''] ?? ''
    const value = context[expression]
    if (value === undefined) throw new Error(`the test does not know ${expression}`)
    return value
  }
  const fill = (text: string) => text.replace(/\$\{\{ *(.+?) *\}\}/g, (_, expression: string) => valueOf(expression))
  const [summaryFile, askedFile] = [join(folder, 'summary'), join(folder, 'asked')]
  for (const file of [summaryFile, askedFile]) writeFileSync(file, '')

  let [exitCode, log] = [0, '']
  for (const step of action.runs.steps) {
    if (exitCode !== 0) break
    if (step.if !== undefined) {
      expect(step.if).toBe("inputs.comment == 'true' && github.event_name == 'pull_request'")
      if (valueOf('inputs.comment') !== 'true' || event !== 'pull_request') continue
    }
    expect(step.shell).toBe('bash')
    const outputFile = join(folder, 'output')
    writeFileSync(outputFile, '')
    const env = Object.fromEntries(Object.entries(step.env ?? {}).map(([name, value]) => [name, fill(value)]))
    const done = await bash(step.run, {
      ...env,
      GITHUB_OUTPUT: outputFile,
      GITHUB_STEP_SUMMARY: summaryFile,
      GH_LOG: askedFile,
      PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
    })
    exitCode = done.exitCode
    log += done.log
    const lines = readFileSync(outputFile, 'utf8')
      .trim()
      .split('\n')
      .filter((line) => line !== '')
    if (step.id !== undefined)
      outputs[step.id] = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]))
  }
  return {
    exitCode,
    outputs: Object.fromEntries(Object.entries(action.outputs).map(([name, { value }]) => [name, fill(value)])),
    summary: readFileSync(summaryFile, 'utf8'),
    asked: readFileSync(askedFile, 'utf8'),
    log,
  }
}

/** As GitHub starts a script whose shell is bash. */
function bash(script: string, env: Record<string, string>): Promise<{ exitCode: number; log: string }> {
  const file = join(folder, 'step.sh')
  writeFileSync(file, script)
  return new Promise((resolve, reject) => {
    const args = ['--noprofile', '--norc', '-eo', 'pipefail', file]
    execFile('bash', args, { cwd: folder, env }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') reject(error)
      else resolve({ exitCode: Number(error?.code ?? 0), log: stdout + stderr })
    })
  })
}

describe('ci/action.yml', () => {
  it('takes values into its scripts through the environment alone', () => {
    expect(action.runs.using).toBe('composite')
    for (const { run } of action.runs.steps) expect(run).not.toContain('${{')
  })

  it('fails without a kept result, and says so in summary and comment', async () => {
    const { exitCode, outputs, summary, asked } = await runAction()
    expect(exitCode).toBe(1)
    expect(outputs['exit-code']).toBe('1')
    expect(summary).toContain('**1 of 1 scenarios fail.**')
    expect(asked.split('\n')).toEqual([
      'pr', 'comment', '7', '--body-file', outputs['markdown'], '--edit-last', '--create-if-none', 'repo owner/name', '',
    ]) // prettier-ignore
    expect(existsSync(join(folder, outputs['junit'] ?? ''))).toBe(true)
  }, 120_000)

  it('passes with one; named scenarios run alone, without a comment if none is wanted', async () => {
    await bash(`${command} check --config ci/check.yaml --update`, { PATH: process.env['PATH'] ?? '' })
    const { exitCode, summary, asked } = await runAction({ scenarios: 'scenarios/sn31-noop.yaml\n', comment: 'false' })
    expect({ exitCode, asked }).toEqual({ exitCode: 0, asked: '' })
    expect(summary).toContain('All 1 scenarios pass.')
    expect((await runAction({}, 'push')).asked).toBe('')
  }, 120_000)

  it('passes on the exit codes of usage, and runs nothing that a name contains', async () => {
    const name = 'scenarios/$(touch owned)`touch owned`;touch owned.yaml'
    const { exitCode, summary, log, asked } = await runAction({ scenarios: name })
    expect(exitCode).toBe(2)
    expect(log).toContain(`error E101: ${name} cannot be read`)
    expect(summary).toContain('exit code 2')
    expect(asked).toBe('')
    expect(existsSync(join(folder, 'owned'))).toBe(false)
    expect((await runAction({ scenarios: '--update' })).log).toContain('error E101: ./--update cannot be read')
  }, 120_000)
})

describe('ci/example-workflow.yml', () => {
  it('uses the action as the package ships it, with inputs that it has', () => {
    const [step] = workflow.jobs.check.steps.filter(({ uses }) => uses?.startsWith('./') === true)
    expect(step?.uses).toBe('./node_modules/epochdiff/ci')
    const { files } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { files: string[] }
    expect(files).toContain('ci')
    for (const input of Object.keys(step?.with ?? {})) expect(Object.keys(action.inputs)).toContain(input)
    expect(workflow.permissions).toEqual({ contents: 'read', 'pull-requests': 'write' })
  })
})
