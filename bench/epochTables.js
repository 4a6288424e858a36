// The tables that bench/epoch.js prints.

const ways = ['native', 'wasmtime', 'v8']
const titles = ['native', 'wasmtime', 'V8']
const families = ['storage', 'hashing', 'allocator']
const heads = '  uids validators  entries'

function column(text, width = 9) {
  return String(text).padStart(width)
}

/** An entry is a non-zero weight, and as many bonds. */
function head({ uids, validators, entries }) {
  return `${column(uids, 6)}${column(validators, 11)}${column(validators * entries)}`
}

export function printTimes(results, clock) {
  const ms = ({ [clock]: { min, median, max } }) =>
    [min, median, max].map((value) => column(value.toFixed(1), 8)).join('')
  console.log(`${heads}${titles.map((title) => column(title, 24)).join('')}         V8/native       V8/wasmtime`)
  for (const result of results) {
    const ratio = (other) =>
      [result.v8[clock].min / other[clock].min, other[clock].v8].map((value) => column(value.toFixed(2))).join('')
    const times = ways.map((way) => ms(result[way])).join('')
    console.log(`${head(result)}${times}${ratio(result.native)}${ratio(result.wasmtime)}`)
  }
}

export function printCalls(results) {
  console.log(`${heads}${['all', ...families].map((name) => column(name, 11)).join('')}     a uid`)
  for (const result of results) {
    const counts = ['all', ...families].map((name) => column(result.calls[name] ?? 0, 11)).join('')
    console.log(`${head(result)}${counts}${column((result.calls.all / result.uids).toFixed(0), 10)}`)
  }
}

/** How much more each case takes than the one with the fewest entries, by entry. */
export function printGrowth([fewest, ...more]) {
  const weights = ({ validators, entries }) => validators * entries
  console.log(`${heads}${titles.map((title) => column(title, 10)).join('')}`)
  for (const result of more) {
    const added = weights(result) - weights(fewest)
    const cost = (way) => column(((1e6 * (result[way].cpu.min - fewest[way].cpu.min)) / added).toFixed(0), 10)
    console.log(`${head(result)}${ways.map(cost).join('')}`)
  }
}
