import { execFile } from 'node:child_process'
import { access, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { zombienetMissing } from '../errors/rehearsal.js'
import { cacheFolder } from '../fork/cache/cacheFolder.js'

/** The version that was tried; one of its dependencies names a git repository that cannot be installed, and is replaced. */
const MANIFEST = {
  private: true,
  dependencies: { '@zombienet/cli': '1.3.138' },
  overrides: { toml: 'npm:toml@3.0.0' },
}

const installMs = 600_000
const folder = (): string => join(cacheFolder(), 'zombienet')
const commandFile = (): string => join(folder(), 'node_modules', '@zombienet', 'cli', 'dist', 'cli.js')

/** Path of Zombienet's command.
 *  @param install whether to install it into the cache when it is not there
 *  @throws E813 */
export async function findZombienet(install: boolean, signal: AbortSignal): Promise<string> {
  const file = commandFile()
  const isThere = () =>
    access(file).then(
      () => true,
      () => false,
    )
  if (!(await isThere()) && install) {
    await mkdir(folder(), { recursive: true })
    await writeFile(join(folder(), 'package.json'), JSON.stringify(MANIFEST))
    const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts']
    try {
      await promisify(execFile)('npm', args, { cwd: folder(), timeout: installMs, signal, maxBuffer: 2 ** 24 })
    } catch (cause) {
      signal.throwIfAborted()
      throw zombienetMissing({ folder: folder() }, { cause })
    }
  }
  if (!(await isThere())) throw zombienetMissing({ folder: folder() })
  return file
}
