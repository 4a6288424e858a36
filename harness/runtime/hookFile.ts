import { readFile, stat } from 'node:fs/promises'
import { createRequire, SourceMap } from 'node:module'
import { extname } from 'node:path'
import type * as TypeScript from 'typescript'
import { hookFileUnreadable, hookSyntax } from '../errors/hooks.js'
import type { HookProgram } from './hookPatch.js'
import { sha256 } from './prebuilt.js'

const maxBytes = 1024 * 1024
const extensions = ['.ts', '.js', '.mjs']

/** A hook's file, its types taken away and its imports turned into calls; nothing of it is run.
 *  @param file path
 *  @param name as the scenario states it, for errors and reports
 *  @throws E340 when it cannot be read, E342 when it does not parse */
export async function readHookFile(file: string, name: string): Promise<HookProgram> {
  if (!extensions.includes(extname(file))) {
    throw hookFileUnreadable({ file: name, reason: `its name ends in none of ${extensions.join(', ')}` })
  }
  let bytes: Buffer
  try {
    const { size } = await stat(file)
    if (size > maxBytes) throw new RangeError(`it has ${size} bytes, at most ${maxBytes} are taken`)
    bytes = await readFile(file)
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw hookFileUnreadable({ file: name, reason: code === 'ENOENT' ? 'there is no such file' : message }, { cause })
  }
  return compileHook(bytes.toString('utf8'), name, sha256(bytes))
}

/** @param sha256 of the file, hex
 *  @throws E342 */
export function compileHook(text: string, file: string, sha256: string): HookProgram {
  // Imported, its nine megabytes would be parsed twice more than they are when required.
  const ts = createRequire(import.meta.url)('typescript') as typeof TypeScript
  const { outputText, sourceMapText, diagnostics } = ts.transpileModule(text, {
    // By its extension an .mjs would be left a module.
    fileName: file.replace(/\.mjs$/, '.js'),
    reportDiagnostics: true,
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      // Async functions become calls of Promise, which a hook has not.
      target: ts.ScriptTarget.ES2016,
      sourceMap: true,
    },
  })
  const [first] = diagnostics ?? []
  if (first !== undefined) {
    const place = first.file?.getLineAndCharacterOfPosition(first.start ?? 0)
    const at = place === undefined ? file : `${file}:${place.line + 1}:${place.character + 1}`
    throw hookSyntax({ at, problem: ts.flattenDiagnosticMessageText(first.messageText, ' ') })
  }
  return { file, sha256, code: outputText, sourceMap: sourceMapText ?? '' }
}

/** Where a place of the compiled code is in the file: file:line:column, from 1; `undefined` for code of the compiler's. */
export function placeInFile({ file, sourceMap }: HookProgram, line: number, column: number): string | undefined {
  const map = new SourceMap(JSON.parse(sourceMap) as ConstructorParameters<typeof SourceMap>[0])
  const entry = map.findEntry(line - 1, column - 1)
  return 'originalLine' in entry ? `${file}:${entry.originalLine + 1}:${entry.originalColumn + 1}` : undefined
}
