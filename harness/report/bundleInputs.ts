import { dirname, relative, resolve, sep } from 'node:path'

/** Where the input files of a run stand in a bundle: below `inputs/`, in the same places to each other as on disk, so that what they
 *  say of each other's places stays true.
 *  @param files paths, no two the same
 *  @returns paths with slashes, in the order of `files` */
export function bundleInputs(files: readonly string[]): string[] {
  const folders = files.map((file) => dirname(resolve(file)))
  const root = folders.reduce(commonFolder, folders[0] ?? '')
  return files.map((file) => `inputs/${relative(root, resolve(file)).split(sep).join('/')}`)
}

function commonFolder(a: string, b: string): string {
  let folder = a
  while (relative(folder, b).split(sep)[0] === '..') folder = dirname(folder)
  return folder
}
