import Table from 'cli-table3'

export interface Column {
  readonly title: string
  readonly align: 'left' | 'right'
  /** Columns of a group are left out together, the last group first, when the table is wider than the terminal. */
  readonly optional?: string
}

const gap = 2
const noBorders = {
  top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '',
  'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '',
  middle: ' '.repeat(gap),
} // prettier-ignore

/** Rows under their titles, without borders or colours of its own, indented by two spaces.
 *  @param paint colours one cell after its width is known */
export function textTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
  paint: (cell: string, column: Column) => string = (cell) => cell,
): string {
  let shown = columns.map((_, index) => index)
  const widthOf = (index: number) =>
    Math.max(...[columns[index]?.title ?? '', ...rows.map((row) => row[index] ?? '')].map(({ length }) => length))
  const needed = () => gap + shown.reduce((sum, index) => sum + widthOf(index) + gap, -gap)
  while (needed() > width) {
    const group = shown.map((index) => columns[index]?.optional).findLast((name) => name !== undefined)
    if (group === undefined) break
    shown = shown.filter((index) => columns[index]?.optional !== group)
  }
  const kept = shown.flatMap((index) => {
    const column = columns[index]
    return column === undefined ? [] : [{ index, column }]
  })
  const table = new Table({
    head: kept.map(({ column }) => column.title),
    colAligns: kept.map(({ column }) => column.align),
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 0 },
    chars: noBorders,
  })
  table.push(...rows.map((row) => kept.map(({ index, column }) => paint(row[index] ?? '', column))))
  return table
    .toString()
    .split('\n')
    .map((line) => `${' '.repeat(gap)}${line}`.trimEnd())
    .join('\n')
}
