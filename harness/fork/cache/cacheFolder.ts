import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/** Where state that was read from nodes is kept: EPOCHDIFF_CACHE, or `epochdiff` in the user's cache folder by the XDG rules. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const own = env['EPOCHDIFF_CACHE']
  if (own !== undefined && own !== '') return own
  const xdg = env['XDG_CACHE_HOME']
  // The XDG rules have relative paths ignored.
  return join(xdg !== undefined && isAbsolute(xdg) ? xdg : join(homedir(), '.cache'), 'epochdiff')
}
