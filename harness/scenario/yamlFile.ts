import { readFile, stat } from 'node:fs/promises'
import { isAlias, isMap, isNode, isScalar, Lexer, LineCounter, parseDocument, visit, type Document } from 'yaml'
import { inputMissing, yamlInvalid } from '../errors/input.js'

const MAX_BYTES = 1024 * 1024
const MAX_FLOW_DEPTH = 50
/** Every level of a block takes a column at least. */
const BLOCK_TOO_DEEP = /^[ \-?:]{200}/m

type Path = readonly PropertyKey[]

/** A YAML file as plain data that knows where each part of it stands. */
export interface YamlFile {
  readonly value: unknown
  /** file:line:column of the value at a path; of what encloses it when there is none. */
  at(path: Path): string
  /** file:line:column of the key itself. */
  atKey(path: Path, key: string): string
}

/** One YAML 1.2 document of at most 1 MiB, without anchors, aliases or tags of its own.
 *  @throws E101 when the file cannot be read, E102 when it is not such YAML */
export async function readYamlFile(file: string): Promise<YamlFile> {
  const bytes = await readBounded(file)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw yamlInvalid({ at: file, reason: 'it is not UTF-8 text' }, { cause })
  }
  return parseYaml(text, file)
}

export function parseYaml(text: string, file: string): YamlFile {
  const lines = new LineCounter()
  const position = (offset: number | undefined): string => {
    const { line, col } = lines.linePos(offset ?? 0)
    return `${file}:${Math.max(1, line)}:${Math.max(1, col)}`
  }
  refuseDeepNesting(text, file)
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true })
  const [fault] = [...document.errors, ...document.warnings]
  if (fault !== undefined) throw yamlInvalid({ at: position(fault.pos[0]), reason: fault.message.replace(/\.$/, '') })
  const { version, explicit } = document.directives.yaml
  if (explicit === true && version !== '1.2') throw yamlInvalid({ at: position(0), reason: 'it is not YAML 1.2' })
  visit(document, {
    Node(_key, node) {
      if (node.tag?.startsWith('tag:yaml.org,2002:binary') === true) {
        throw yamlInvalid({ at: position(node.range?.[0]), reason: 'tags are not taken' })
      }
      if (isAlias(node) || ('anchor' in node && node.anchor !== undefined)) {
        throw yamlInvalid({ at: position(node.range?.[0]), reason: 'anchors and aliases are not taken' })
      }
    },
  })

  return {
    value: document.toJS() as unknown,
    at(path) {
      for (let length = path.length; length >= 0; length -= 1) {
        const node = nodeAt(document, path.slice(0, length))
        if (isNode(node) && node.range) return position(node.range[0])
      }
      return position(0)
    },
    atKey(path, key) {
      const map = nodeAt(document, path)
      const pair = isMap(map) ? map.items.find((item) => isScalar(item.key) && item.key.value === key) : undefined
      return pair !== undefined && isScalar(pair.key) ? position(pair.key.range?.[0]) : this.at(path)
    },
  }
}

function nodeAt(document: Document.Parsed, path: Path): unknown {
  return path.length === 0 ? document.contents : document.getIn(path, true)
}

/** The parser recurses: text nested without end would exhaust its stack. The lexer does not. */
function refuseDeepNesting(text: string, file: string): void {
  let flowDepth = 0
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') flowDepth += 1
    else if (token === ']' || token === '}') flowDepth -= 1
    if (flowDepth > MAX_FLOW_DEPTH) throw yamlInvalid({ at: file, reason: 'it is nested too deeply' })
  }
  if (BLOCK_TOO_DEEP.test(text)) throw yamlInvalid({ at: file, reason: 'a line is indented too deeply' })
}

async function readBounded(file: string): Promise<Buffer> {
  try {
    const entry = await stat(file)
    if (!entry.isFile()) throw new Error('it is not a file')
    if (entry.size > MAX_BYTES) throw new Error(`it has ${entry.size} bytes, at most ${MAX_BYTES} are taken`)
    return await readFile(file)
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw inputMissing({ file, reason: code === 'ENOENT' ? 'there is no such file' : message }, { cause })
  }
}
