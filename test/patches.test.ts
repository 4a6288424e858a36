import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { openEngine } from '../harness/engine/openEngine.js'
import { loadPrebuilt } from '../harness/runtime/prebuilt.js'
import { codecOf } from './codecOf.js'
import { otherVersion } from './otherVersion.js'
import { runCli } from './runCli.js'
import { runForResult } from './runResult.js'

// Patches of state and of the runtime through the command line, on the built-in fork `small`.

const ALICE = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY'
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'epochdiff-'))
  writeFileSync(join(folder, 'small.fork.yaml'), 'version: 1\nbuiltIn: small\nseed: 1\n')
  const { wasm } = loadPrebuilt('epochdiff_runtime')
  const named = Buffer.from(wasm).toString('latin1').replaceAll('node-subtensor', 'node-otherchain'.slice(0, 14))
  const blobs = {
    same: wasm,
    next: otherVersion(wasm, 426),
    last: otherVersion(wasm, 424),
    named: otherVersion(Buffer.from(named, 'latin1'), 426),
    cut: otherVersion(wasm, 426).subarray(0, 100_000),
    text: Buffer.from('This is no runtime.'),
  }
  for (const [name, blob] of Object.entries(blobs)) writeFileSync(join(folder, `${name}.wasm`), blob)
})
afterAll(() => rmSync(folder, { recursive: true }))

/** A scenario of one epoch of subnet 1; its patches start at line 11. */
function scenario(name: string, patches: readonly object[], more: object = {}): string {
  const file = join(folder, `${name}.yaml`)
  const head = { version: 1, name: 'patched', title: 'Patched', fork: 'small.fork.yaml', runtime: 'reference' }
  const rest = { subnets: [1], replay: { epochs: 1, mode: 'jump' }, ...more }
  writeFileSync(file, stringify({ ...head, ...rest, patches }))
  return file
}
const storage = (set: Record<string, unknown>) => ({ kind: 'storage', set })
const call = (name: string, args: Record<string, unknown> = {}) => ({ kind: 'call', call: name, args })
const code = (wasm: string, allow: string[] = []) => ({ kind: 'code', wasm: `${wasm}.wasm`, allow })

describe('a storage patch', () => {
  it('that writes what is there gives an exactly empty difference, with a warning', async () => {
    const { result } = await runForResult([scenario('same', [storage({ 'SubtensorModule.Kappa(1)': 32_767 })])])
    expect(result.rewards).toMatchObject({ isEmpty: true, sameVectors: true })
    const hashes = (arm: 'baseline' | 'candidate') => result.epochs.map((epoch) => epoch[arm].storageSha256)
    expect(hashes('candidate')).toEqual(hashes('baseline'))
    expect(result.checks).toContainEqual(expect.objectContaining({ name: 'no-op', level: 'pass' }))
    const warnings = result.checks.filter(({ level }) => level === 'warning')
    expect(warnings.map(({ name, seen }) => [name, seen])).toEqual([
      ['patch: storage', 'storage SubtensorModule.Kappa(1): 32767 -> 32767: every entry has that value already'],
    ])
  }, 120_000)

  it('acts in the epochs, is recorded decoded, and takes its value from --set', async () => {
    const file = scenario('kappa', [storage({ 'SubtensorModule.Kappa(1)': 30_000 })])
    const { result } = await runForResult([file, '--set', 'SubtensorModule.Kappa(1)=43690'])
    expect(result.rewards.isEmpty).toBe(false)
    expect(result.patches).toEqual([
      {
        kind: 'storage',
        writes: [
          {
            item: 'SubtensorModule.Kappa',
            keys: [1],
            before: { stored: true, value: 32_767 },
            after: { stored: true, value: 43_690 },
          },
        ],
      },
    ])
    expect(result.scenario.overrides).toEqual(['SubtensorModule.Kappa(1)=43690'])
  }, 120_000)
})

it('patches apply in the order stated, each on what the ones before it left', async () => {
  const balance = (free: number) => call('balances.forceSetBalance', { who: ALICE, newFree: free })
  const patches = [balance(5_000_000), storage({ 'Balances.TotalIssuance': 7 }), balance(6_000_000)]
  const { result } = await runForResult([scenario('order', patches)])
  const [first, , second] = result.patches
  expect(first).toMatchObject({ kind: 'call', call: 'Balances.force_set_balance', args: { new_free: '5000000' } })
  const changeOf = (patch: typeof first, item: string) =>
    patch?.kind === 'call' ? patch.changes.find((change) => change.item === item)?.entries[0] : undefined
  expect(changeOf(second, 'System.Account')?.before.value).toMatchObject({ data: { free: '5000000' } })
  // The issuance that the storage patch wrote, and the balance that the call added to it.
  expect(changeOf(second, 'Balances.TotalIssuance')).toMatchObject({
    before: { value: '7' },
    after: { value: '1000007' },
  })
  expect(result.mocks.filter((mock) => mock.includes('Balances.force_set_balance'))).toHaveLength(1)
}, 120_000)

describe('a code patch', () => {
  it('runs the migrations of an upgrade and reports them; code that is otherwise the same changes no reward', async () => {
    const { result } = await runForResult([scenario('next', [code('next')])])
    const [patch] = result.patches
    if (patch?.kind !== 'code') throw new Error('no code patch')
    expect(patch).toMatchObject({ from: { specVersion: 425 }, to: { specName: 'node-subtensor', specVersion: 426 } })
    // What the frame does on any upgrade: it states the storage version of pallets that have no storage yet.
    expect(patch.migrations?.isolated).toBe(true)
    expect(patch.migrations?.changes.map(({ item, written }) => [item, written])).toEqual([
      ['Sudo.:__STORAGE_VERSION__:', 1],
      ['Timestamp.:__STORAGE_VERSION__:', 1],
    ])
    expect(patch.migrations?.changes[0]?.entries[0]).toMatchObject({ before: { stored: false }, after: { value: 0 } })
    expect(patch.migrations?.logs).toContainEqual(expect.stringContaining('New pallet "Timestamp" detected'))
    expect(patch.migrations?.tryRuntime).toBe('absent')
    expect(result.runtimes.candidate).toMatchObject({ specVersion: 426, sha256: patch.sha256 })
    expect(result.rewards).toMatchObject({ isEmpty: true, sameVectors: true })
    expect(result.checks.filter(({ level }) => level === 'error')).toEqual([])
  }, 120_000)

  it('takes policies, woven into its blob; --runtime is the same', async () => {
    const cap = { kind: 'policy', policy: 'stake-cap', percentile: 60 }
    const [onOld, stated, given] = await Promise.all([
      runForResult([scenario('cap', [cap])]),
      runForResult([scenario('next-cap', [code('next'), cap])]),
      runForResult([scenario('cap-alone', [cap]), '--runtime', join(folder, 'next.wasm')]),
    ])
    expect(stated.result.runtimes.candidate.weave?.inputSha256).toBe(
      stated.result.patches[0]?.kind === 'code' ? stated.result.patches[0].sha256 : '',
    )
    expect(given.result.runtimes).toEqual(stated.result.runtimes)
    expect(given.result.rewards).toEqual(stated.result.rewards)
    expect(given.result.patches.map(({ kind }) => kind)).toEqual(['code', 'policy'])
    // The code is the same: what the cap does on the next runtime it does on this one, but for which block a jump credits.
    const roles = ({ result }: typeof onOld) =>
      result.rewards.roles.map(({ role, changeRao }) => [role, BigInt(changeRao) > 0n])
    expect(roles(stated)).toEqual(roles(onOld))
  }, 240_000)

  it('is met by a call after it at the end of the first block, as on a chain, and so by what stands after that', async () => {
    const engine = await openEngine('native')
    const codec = await codecOf(engine, loadPrebuilt('epochdiff_runtime').wasm)
    await engine.close()
    const [kappa, version] = [['SubtensorModule', 'Kappa'] as const, ['Sudo', ':__STORAGE_VERSION__:'] as const]
    const items = [
      [codec.key(...kappa, 1), codec.encode(...kappa, 20_000)],
      // The migrations write it: without them there is no such entry.
      [codec.key(...version), '0x0100'],
    ]
    const set = storage({ 'SubtensorModule.Kappa(1)': 43_690 })
    const [late, early] = await Promise.all([
      runForResult([scenario('late', [code('next'), call('System.set_storage', { items }), set])]),
      runForResult([scenario('early', [code('next'), set])]),
    ])
    const [, called, written] = late.result.patches
    const before = (value: unknown) => expect.objectContaining({ before: { stored: true, value } })
    expect(called).toMatchObject({
      afterBlock: 100_001,
      changes: [
        { item: 'SubtensorModule.Kappa', entries: [before(32_767)] },
        { item: 'Sudo.:__STORAGE_VERSION__:', entries: [before(0)] },
      ],
    })
    expect(written).toMatchObject({ afterBlock: 100_001, writes: [before(20_000)] })
    expect(late.result.mocks.join()).toContain('System.set_storage was dispatched as root at the end of block 100001')
    // The epoch is later: it makes no difference when the parameter was set.
    expect(late.result.rewards).toEqual(early.result.rewards)
    expect(late.result.epochs).toEqual(early.result.epochs)
    expect(late.result.rewards.isEmpty).toBe(false)
  }, 240_000)

  it('of the runtime itself changes nothing, with a warning', async () => {
    const { result } = await runForResult([scenario('itself', [code('same', ['same-version'])])])
    expect(result.patches[0]).toMatchObject({ kind: 'code', migrations: null })
    expect(result.rewards).toMatchObject({ isEmpty: true, sameVectors: true })
    expect(result.checks.filter(({ level }) => level === 'warning').map(({ name }) => name)).toEqual(['patch: code'])
  }, 120_000)

  it('says in the report what the migrations change', async () => {
    const { stdout } = await runCli(['run', scenario('next-text', [code('next')])])
    const text = stdout.replaceAll(/\s+/g, ' ')
    expect(text).toContain('runtime next.wasm (node-subtensor 426, ')
    expect(text).toContain('its migrations change 2 items; weight 0 ps')
    expect(text).toContain('Timestamp.:__STORAGE_VERSION__:: none -> 0')
  }, 120_000)
})

const kappa = 'SubtensorModule.Kappa(1)'
const transfer = call('Balances.force_transfer', { source: ALICE, dest: ALICE, value: 1 })
type Case = readonly [
  title: string,
  patches: readonly object[],
  exitCode: 1 | 2,
  says: RegExp,
  args?: readonly string[],
]
const refused: readonly Case[] = [
  ['an unknown kind', [{ kind: 'hocus' }], 2, /E103: .*:\d+:\d+: patches\[0\]\.kind: "hocus" is not accepted/],
  ['no entries', [storage({})], 2, /E103: .*patches\[0\]\.set: \{\} is not accepted, nothing is set/],
  ['a path that is none', [storage({ Kappa: 1 })], 2, /E103: .*:\d+:\d+: patches\[0\]\.set\.Kappa: .*Pallet\.Item/],
  ['an unknown key', [{ ...storage({ [kappa]: 1 }), sett: 1 }], 2, /E103: .*patches\[0\]\.sett: .*\n.*"set"/],
  [
    'an unknown item',
    [storage({ 'SubtensorModule.Kapa(1)': 1 })],
    2,
    /E360: .*\.yaml:\d+:\d+: .*\n.*\n.*SubtensorModule\.Kappa/,
  ],
  ['too few keys', [storage({ 'SubtensorModule.Kappa': 1 })], 2, /E361: .*has 1 key, 0 given/],
  ['a wrong type', [storage({ [kappa]: 'half' })], 2, /E362: .*"half" is no u16/],
  ['a value out of range', [storage({ [kappa]: 65_536 })], 2, /E362: .*65536 does not fit u16/],
  [
    'a value out of range by --set',
    [storage({ [kappa]: 1 })],
    2,
    /E362: .*-1 does not fit u16/,
    ['--set', `${kappa}=-1`],
  ],
  ['an unknown call', [call('Balances.force_set')], 2, /E363: .*\.yaml:\d+:\d+: .*Balances\.force_set\.\n/],
  ['arguments of other types', [call('Sudo.set_key', { new: 7 })], 2, /E364: .*new: /],
  ['a call that fails', [transfer], 1, /E365: .*force_transfer was dispatched as root and failed: .*(Funds|Balance)/],
  [
    'a call that replaces the runtime',
    [call('System.set_code_without_checks', { code: '0x00' })],
    2,
    /E366: .*code patch/,
  ],
  ['no such blob', [code('none')], 2, /E367: .*\.yaml:\d+:\d+: .*none\.wasm cannot be read: there is no such file/],
  ['no such blob by --runtime', [], 2, /E367: --runtime: .*none\.wasm cannot/, ['--runtime', '/none.wasm']],
  ['a blob that is no wasm', [code('text')], 2, /E367: .*text\.wasm cannot be read/],
  ['a blob that is cut off', [code('cut')], 2, /E367: .*cut\.wasm cannot be read/],
  ['another spec name', [code('named')], 2, /E368: .*"node-otherchai", the fork's runtime has "node-subtensor"/],
  ['the same version', [code('same')], 2, /E369: .*425, which is that of .*\n.*\n.*same-version/],
  ['a lower version', [code('last', ['same-version'])], 2, /E369: .*424, which is lower than .*\n.*\n.*lower-version/],
  ['two runtimes', [code('next'), code('next')], 2, /E103: .*patches\[1\]: a code patch stands twice/],
]

describe('is refused:', () => {
  it.each(refused)('%s', async (_title, patches, exitCode, says, args = []) => {
    const file = scenario('refused', patches)
    const before = readdirSync(folder)
    const outcome = await runCli(['run', file, ...args])
    expect(outcome.stderr.slice(outcome.stderr.indexOf('error '))).toMatch(says)
    expect(outcome).toMatchObject({ exitCode, stdout: '' })
    expect(outcome.stderr).not.toMatch(/^ +at /m)
    expect(readdirSync(folder)).toEqual(before)
    expect(readFileSync(file, 'utf8')).toContain('patches')
  })
})
