import { describe, expect, it } from '@jest/globals'
import { exampleRun } from '../../test/exampleRun.js'
import { buildRunResult } from './buildRunResult.js'
import { resultDigest } from './resultDigest.js'
import type { RunResult } from './runResult.js'
import { renderTerminal } from './terminal.js'

const result = buildRunResult(exampleRun())
const plain = (run: RunResult, width = 100) => renderTerminal(run, { colour: false, width })
const withCheck = (level: 'warning' | 'error'): RunResult => ({
  ...result,
  checks: [...result.checks, { name: 'made up', level, seen: 'one', expected: 'two', why: 'because' }],
})

describe('renderTerminal', () => {
  const text = plain(result)

  it('answers first: what is proposed, on what, who gains and who loses', () => {
    const [title, proposal, fork, checks, , headline] = text.split('\n')
    expect(title).toBe('Stake cap at the 88th percentile on subnet 31')
    expect(proposal).toBe('Proposal: stake-cap (percentile 88, scope permitted)')
    expect(fork).toBe('Fork: block 3600000 (0xdddd..dddd) of example; runtime spec 425; native engine')
    expect(checks).toBe('Checks: 3 info, 6 pass')
    expect(headline).toMatch(/^4 accounts gain and 3 lose: 56.0000 of 634.0000 alpha \(8.83 %\)/)
  })

  it('lists winners and losers with their role, amounts and change', () => {
    expect(text).toContain('  5trout..xxxx    2  validator   40.0000    66.0000  +26.0000  +65.00 %')
    expect(text).toContain('  5minno..xxxx    3  validator    0.0000     2.0000   +2.0000       new')
    expect(text).toContain('  5whale..xxxx    0  nominator   20.0000    16.0000   -4.0000  -20.00 %')
  })

  it('says what moves between roles and which were never exercised', () => {
    expect(text).toContain('  validator  240.0000   244.0000  +4.0000   +1.67 %')
    expect(text).toContain('Never exercised: root, burned.')
  })

  it('shows concentration before and after', () => {
    expect(text).toContain('  Nakamoto coefficient                   1          2                   1          2')
  })

  it('draws what moves in each epoch', () => {
    const epochs = result.epochs.map((epoch, i) => ({ ...epoch, gainedRao: i === 0 ? '7000000000' : '0' }))
    expect(plain({ ...result, epochs })).toContain(
      'What the gaining accounts gain, epoch by epoch\n  █▁\n  from 0.0000 to 7.0000 alpha an epoch\n',
    )
    expect(plain({ ...result, epochs: epochs.slice(0, 1) })).not.toContain('epoch by epoch')
  })

  it('says what is recorded, assumed and mocked, and how to run it again', () => {
    expect(text).toContain('Recorded\n  - stake and weights of seven uids\n')
    expect(text).toContain('Assumed\n  - every hotkey has a wallet of its own\n')
    expect(text).toContain('Mocked\n  - blocks between epochs are credited, not run\n')
    expect(text).toContain('  epochdiff run example-cap.yaml --set replay.epochs=2 --engine native\n')
    expect(text).toContain(resultDigest(result))
  })

  it('explains warnings and errors, and disowns a run with an error', () => {
    expect(plain(withCheck('warning'))).toContain('Checks: 1 warning, 3 info, 6 pass\n')
    const failed = plain(withCheck('error'))
    expect(failed).toContain('Checks: 1 error, 3 info, 6 pass; do not rely on this run\n')
    expect(failed).toContain('  error   made up: one\n          expected: two\n          why: because\n')
  })

  it('tells a run without a proposal', () => {
    const noOp = plain(buildRunResult(exampleRun({ noOp: true })))
    expect(noOp).toContain('Proposal: none, both arms are the same')
    expect(noOp).toContain('Nobody gains and nobody loses')
    expect(noOp).toContain('Winners: none\n')
  })

  it('lists at most eight a side and says how many there are', () => {
    const [account] = result.rewards.accounts
    if (account === undefined) throw new Error('the example has accounts')
    const many = Array.from({ length: 11 }, (_, uid) => ({ ...account, uid, changeRao: String(uid + 1) }))
    const crowded = plain({ ...result, rewards: { ...result.rewards, accounts: many } })
    expect(crowded).toContain('Winners (8 of 11)')
  })

  it.each([60, 80, 100, 160])('stays within %p columns, hashes and checksums apart', (width) => {
    const long = plain(result, width)
      .split('\n')
      .filter((line) => line.length > width && !/[0-9a-f]{64}$/.test(line) && !line.includes('epochdiff run'))
    expect(long).toEqual([])
  })

  it('has colours only when told', () => {
    expect(text).not.toContain('\u001b')
    const coloured = renderTerminal(result, { colour: true, width: 100 })
    expect(coloured).toContain('\u001b[32m')
    // eslint-disable-next-line no-control-regex
    const bare = coloured.replace(/\u001b\[\d+m/g, '')
    expect(bare.replace(/ +$/gm, '')).toBe(text)
  })

  it('lets no name move the cursor', () => {
    const [account] = result.rewards.accounts
    const [check] = result.checks
    if (account === undefined || check === undefined) throw new Error('the example has accounts and checks')
    const evil = '\u001b[2Jx\r\n\u202e'
    const hostile: RunResult = {
      ...result,
      scenario: { ...result.scenario, title: evil, file: evil, overrides: [evil] },
      patches: [{ kind: 'policy', policy: evil, params: { [evil]: evil } }],
      fork: { ...result.fork, recorded: [evil], assumed: [evil], source: { kind: 'built-in', name: evil } },
      rewards: { ...result.rewards, accounts: [{ ...account, hotkey: evil }] },
      checks: [{ ...check, name: evil, seen: evil }],
      mocks: [evil],
    }
    for (const character of ['\u001b', '\r', '\u202e']) expect(plain(hostile)).not.toContain(character)
    expect(plain(hostile)).toContain('\\u{1b}[2Jx\\u{d}\\u{a}\\u{202e}')
  })
})
