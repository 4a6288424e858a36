import { execFile } from 'node:child_process'
import { availableParallelism, totalmem } from 'node:os'
import { promisify } from 'node:util'

/** `missing` stops the main job; `absent` only narrows what can be done. */
export interface Finding {
  readonly level: 'ok' | 'absent' | 'missing'
  readonly subject: string
  readonly seen: string
  readonly fix?: string
}

const oldestNode: readonly [major: number, minor: number] = [20, 19]
const memoryForMainJobBytes = 2 ** 30

/** Tries each thing that epochdiff needs, the way it would use it. */
export async function examineMachine(): Promise<readonly Finding[]> {
  return [
    examineNode(process.versions.node),
    examineMemory(),
    await examineReferenceRuntime(),
    await examineNativeEngine(),
    await examineChopsticks(),
    await examineCommand('cargo', ['--version'], 'Only needed to change the Rust side: install Rust 1.95 or newer.'),
  ]
}

/** @param version as in process.versions.node */
function examineNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const newEnough = major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])
  const finding = { subject: 'node', seen: `${version}, ${availableParallelism()} cores` }
  return newEnough
    ? { level: 'ok', ...finding }
    : { level: 'missing', ...finding, fix: `Install Node ${oldestNode.join('.')} or newer.` }
}

function examineMemory(): Finding {
  const seen = `${(totalmem() / 2 ** 30).toFixed(1)} GiB`
  return totalmem() >= memoryForMainJobBytes
    ? { level: 'ok', subject: 'memory', seen }
    : { level: 'missing', subject: 'memory', seen, fix: 'The main job wants 1 GiB.' }
}

async function examineReferenceRuntime(): Promise<Finding> {
  const subject = 'reference runtime'
  try {
    const { loadPrebuilt } = await import('../runtime/prebuilt.js')
    const { sha256, wasm } = await loadPrebuilt('epochdiff_runtime')
    return { level: 'ok', subject, seen: `sha256 ${sha256.slice(0, 12)}, ${wasm.length} bytes, as its manifest says` }
  } catch (error) {
    return { level: 'missing', subject, seen: messageOf(error), fix: 'Reinstall epochdiff.' }
  }
}

async function examineNativeEngine(): Promise<Finding> {
  const subject = 'native engine'
  try {
    const { loadPrebuilt } = await import('../runtime/prebuilt.js')
    const { openEngine } = await import('../engine/openEngine.js')
    const { wasm } = await loadPrebuilt('epochdiff_runtime')
    const engine = await openEngine('native')
    try {
      const arm = await engine.openArm({ name: 'doctor', wasm, storage: new Map() })
      const startedAt = performance.now()
      await arm.call('Core_version', '0x')
      return { level: 'ok', subject, seen: `Core_version in ${(performance.now() - startedAt).toFixed(1)} ms` }
    } finally {
      await engine.close()
    }
  } catch (error) {
    return { level: 'missing', subject, seen: messageOf(error), fix: 'Use a Node with WebAssembly and worker threads.' }
  }
}

async function examineChopsticks(): Promise<Finding> {
  const subject = 'chopsticks engine'
  try {
    await import('@acala-network/chopsticks-core')
    return { level: 'ok', subject, seen: 'loads' }
  } catch (error) {
    return { level: 'absent', subject, seen: messageOf(error), fix: 'The cross-check engine will not run: npm ci.' }
  }
}

async function examineCommand(name: string, args: readonly string[], fix: string): Promise<Finding> {
  try {
    const { stdout } = await promisify(execFile)(name, args, { timeout: 10_000 })
    return { level: 'ok', subject: name, seen: stdout.trim() }
  } catch {
    return { level: 'absent', subject: name, seen: 'not found', fix }
  }
}

/** One line a finding, the mend below it. */
export function renderFindings(findings: readonly Finding[]): string {
  const lines = findings.flatMap(({ level, subject, seen, fix }) => [
    `${level.padEnd(7)} ${subject.padEnd(18)} ${seen}`,
    ...(fix === undefined ? [] : [`${' '.repeat(27)}${fix}`]),
  ])
  return `${lines.join('\n')}\n`
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
