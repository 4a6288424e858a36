import { execFile } from 'node:child_process'
import { access, constants, readFile } from 'node:fs/promises'
import { delimiter, isAbsolute, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { nodeBinaryMissing, nodeFailed } from '../errors/rehearsal.js'
import { cacheFolder } from '../fork/cache/cacheFolder.js'

export interface NodeBinary {
  readonly path: string
  /** What it says of itself, one line. */
  readonly version: string
}

/** The node to rehearse with: the one that is named, else EPOCHDIFF_NODE, else ours as runtime-patches/node/build.sh leaves it.
 *  @param named a path, or a command of the PATH
 *  @throws E801, E802 */
export async function findNodeBinary(
  named: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
): Promise<NodeBinary> {
  const own = env['EPOCHDIFF_NODE']
  const wanted = named ?? (own === undefined || own === '' ? undefined : own)
  const candidates = wanted === undefined ? [await builtNode(env)] : placesOf(wanted, env)
  for (const path of candidates) {
    if (!(await isExecutable(path))) continue
    try {
      const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: 20_000 })
      return { path, version: stdout.trim().split('\n')[0]?.slice(0, 200) ?? '' }
    } catch (cause) {
      const reason = `${path} --version fails (${(cause as Error).message.split('\n')[0] ?? ''})`
      throw nodeFailed({ node: path, reason, log: [] }, { cause })
    }
  }
  throw nodeBinaryMissing({ tried: candidates })
}

function placesOf(named: string, env: NodeJS.ProcessEnv): string[] {
  if (isAbsolute(named) || named.includes('/')) return [resolve(named)]
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return [resolve(named), ...folders.map((folder) => join(folder, named))]
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}

const builtFile = new URL('../../runtime-patches/node/built.json', import.meta.url)

/** Where the build script leaves the node, by the sources that it was built from. */
async function builtNode(env: NodeJS.ProcessEnv): Promise<string> {
  const text = await readFile(builtFile, 'utf8').catch(() => undefined)
  const built = text === undefined ? undefined : (JSON.parse(text) as { sourcesSha256?: unknown })
  const { sourcesSha256 = 'unknown' } = built ?? {}
  return join(cacheFolder(env), 'node', String(sourcesSha256), 'epochdiff-node')
}
