// How long `epochdiff --help` takes beside an empty Node process, in one run: alternating, so that both see the same machine.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const runs = 15
const help = [fileURLToPath(new URL('../dist/cli/main.js', import.meta.url)), '--help']
const empty = ['-e', '0']

function milliseconds(args) {
  const startedAt = performance.now()
  const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' })
  if (status !== 0) throw new Error(`node ${args.join(' ')} exited with ${status}`)
  return performance.now() - startedAt
}

function summary(samples) {
  const sorted = samples.toSorted((a, b) => a - b)
  const [min, median, max] = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)]
  return { min, median, max, text: [min, median, max].map((value) => value.toFixed(0).padStart(5)).join(' ') }
}

milliseconds(help)
const samples = Array.from({ length: runs }, () => ({ empty: milliseconds(empty), help: milliseconds(help) }))
const nodeAlone = summary(samples.map((sample) => sample.empty))
const withHelp = summary(samples.map((sample) => sample.help))
console.log('ms                   min median  max')
console.log(`node -e 0          ${nodeAlone.text}`)
console.log(`epochdiff --help   ${withHelp.text}`)
console.log(`epochdiff's own part, by medians: ${(withHelp.median - nodeAlone.median).toFixed(0)} ms`)
if (withHelp.median >= 200) {
  console.error('epochdiff --help takes 200 ms or more')
  process.exitCode = 1
}
