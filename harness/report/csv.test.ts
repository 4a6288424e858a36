import { describe, expect, it } from '@jest/globals'
import { exampleRun } from '../../test/exampleRun.js'
import { hostileNames, hostileResult, invisible } from '../../test/hostileResult.js'
import { largeResult } from '../../test/largeResult.js'
import { buildRunResult } from './buildRunResult.js'
import { renderCsv } from './csv.js'

const run = exampleRun()
const result = buildRunResult(run)
const lines = [...renderCsv(result)].join('').split('\n')

/** Cells of a line by RFC 4180. */
const cells = (line: string) =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  )

describe('renderCsv', () => {
  it('has a row for each account, epoch, arm and role', () => {
    expect(lines[0]).toBe('epoch,netuid,block,arm,role,uid,hotkey,coldkey,alpha_rao')
    expect(lines[1]).toBe(
      `0,31,3600360,baseline,miner,4,5diggerHotkey${'x'.repeat(35)},5diggerColdkey${'x'.repeat(34)},90000000000`,
    )
    expect(lines.at(-1)).toBe('')
    expect(new Set(lines).size).toBe(lines.length)
  })

  it('adds up to the ledgers, entry by entry', () => {
    for (const arm of ['baseline', 'candidate'] as const) {
      const rows = lines
        .slice(1, -1)
        .map(cells)
        .filter((row) => row[3] === arm && row[8] !== '0')
        .map(([epoch, netuid, , , role, uid, hotkey, coldkey, rao]) =>
          [epoch, netuid, role, uid, hotkey, coldkey, rao].join(),
        )
      const entries = run[arm].entries.map(({ epoch, netuid, role, uid, hotkey, coldkey, alphaRao }) =>
        [epoch, netuid, role, uid, hotkey, coldkey, alphaRao].join(),
      )
      expect(rows.sort()).toEqual(entries.sort())
    }
  })

  it('refuses a ledger that is not of these accounts and epochs', () => {
    const refusal = expect.objectContaining({ code: 'E703' })
    expect(() => [...renderCsv({ ...result, ledger: result.ledger.slice(1) })]).toThrow(refusal)
    expect(() => [...renderCsv({ ...result, epochs: result.epochs.slice(1) })]).toThrow(refusal)
  })

  it('writes the size of mainnet in pieces', () => {
    let rows = 0
    for (const piece of renderCsv(largeResult(result))) rows += piece.split('\n').length - 1
    expect(rows).toBe(1 + 30_000 * 3 * 2)
  })

  it.each(hostileNames)('keeps hostile name %# a cell and no formula', (name) => {
    const hostile = [...renderCsv(hostileResult(result, name))].join('').split('\n')
    expect(hostile).toHaveLength(lines.length)
    for (const line of hostile.slice(1, -1)) {
      expect(cells(line)).toHaveLength(9)
      for (const cell of cells(line)) expect(cell).not.toMatch(/^[\s=+\-@|%]/)
      expect(line).not.toMatch(invisible)
    }
  })
})
