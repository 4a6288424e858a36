// Runs jest with V8 told to optimise later than it would: most tests are over before optimised code has earned back what it cost,
// a quarter of a short run's time. Processes that tests start have the same flags.
import { execFileSync, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const { execPath } = process
const known = execFileSync(execPath, ['--v8-options'], { encoding: 'utf8' })
const later = ['--interrupt-budget=1000000', '--wasm-tiering-budget=30000000'].filter((flag) =>
  known.includes(` ${flag.split('=')[0]} (`),
)
const jest = fileURLToPath(new URL('../node_modules/jest/bin/jest.js', import.meta.url))
const args = [...later, '--experimental-vm-modules', '--no-warnings', jest, ...process.argv.slice(2)]
process.exitCode = spawnSync(execPath, args, { stdio: 'inherit' }).status ?? 1
