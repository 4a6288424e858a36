import { describe, expect, it } from '@jest/globals'
import { type Column, textTable } from './textTable.js'

const columns: Column[] = [
  { title: 'who', align: 'left' },
  { title: 'before', align: 'right', optional: 'amounts' },
  { title: 'after', align: 'right', optional: 'amounts' },
  { title: 'change', align: 'right' },
]
const rows = [
  ['miner', '10.0', '9.5', '-0.5'],
  ['v', '100.0', '100.5', '+0.5'],
]

describe('textTable', () => {
  it('aligns its columns', () => {
    expect(textTable(columns, rows, 80)).toBe(
      ['  who    before  after  change', '  miner    10.0    9.5    -0.5', '  v       100.0  100.5    +0.5'].join('\n'),
    )
  })

  it('leaves out a group of columns that does not fit', () => {
    expect(textTable(columns, rows, 30)).toContain('before')
    expect(textTable(columns, rows, 29)).toBe(['  who    change', '  miner    -0.5', '  v        +0.5'].join('\n'))
    expect(textTable(columns, rows, 5)).toContain('change')
  })

  it('keeps the alignment of painted cells', () => {
    const painted = textTable(columns, rows, 80, (cell) => `\u001b[31m${cell}\u001b[39m`)
    // eslint-disable-next-line no-control-regex
    const bare = painted.replace(/\u001b\[\d+m/g, '')
    expect(bare.split('\n').map((line) => line.trimEnd())).toEqual(textTable(columns, rows, 80).split('\n'))
    expect(painted).toContain('\u001b[31m')
  })
})
