import type { z } from 'zod'
import { scenarioInvalid } from '../errors/input.js'
import { didYouMean } from '../errors/didYouMean.js'
import { jsonSchemaOf, schemaAt, type JsonSchema } from './jsonSchema.js'
import type { YamlFile } from './yamlFile.js'

/** One thing that is wrong, and where. */
export interface Problem {
  readonly path: readonly PropertyKey[]
  /** The key itself is wrong, not its value. */
  readonly key: string | undefined
  readonly problem: string
  readonly fix: string
}

/** The value as the schema has it.
 *  @throws E103 with the first problem by place in the file */
export function validateYaml<T>(file: YamlFile, schema: z.ZodType<T>, json: JsonSchema): T {
  return validated(file, [], schema, json, file.value)
}

/** What stands at a path of the file, as its own schema has it.
 *  @throws E103 with the first problem by place in the file */
export function validatePart<T>(file: YamlFile, path: readonly PropertyKey[], schema: z.ZodType<T>, value: unknown): T {
  return validated(file, path, schema, jsonSchemaOf(schema), value)
}

function validated<T>(
  file: YamlFile,
  path: readonly PropertyKey[],
  schema: z.ZodType<T>,
  json: JsonSchema,
  value: unknown,
): T {
  const parsed = schema.safeParse(value, { reportInput: true })
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue, json))
  const first = problems[0] ?? { path: [], key: undefined, problem: 'not understood', fix: '' }
  throw problemError(file, { ...first, path: [...path, ...first.path] }, problems.length - 1)
}

export function problemError(file: YamlFile, { path, key, problem, fix }: Problem, more: number) {
  const at = key === undefined ? file.at(path) : file.atKey(path, key)
  return scenarioInvalid({ at, path: pathText(key === undefined ? path : [...path, key]), problem, fix, more })
}

/** What a failed check says, for a document that the JSON schema describes. */
export function problemsOf(issue: z.core.$ZodIssue, json: JsonSchema): Problem[] {
  const { path } = issue
  const here = schemaAt(json, path)
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(here?.properties ?? {})
    return issue.keys.map((key) => {
      const meant = didYouMean(key, known)
      return {
        path,
        key,
        problem: 'there is no such key here',
        fix: meant === undefined ? `Use: ${known.join(', ')}.` : `Did you mean "${meant}"?`,
      }
    })
  }
  const missing = issue.code === 'invalid_type' && issue.input === undefined
  const problem = missing ? 'is missing' : `${shown(issue.input)} is not accepted, ${lowerFirst(issue.message)}`
  const name = pathText(path)
  return [
    {
      path,
      key: undefined,
      problem,
      fix: `${name === '' ? '' : `${name}: `}${here?.description ?? 'Correct the value.'}`,
    },
  ]
}

const lowerFirst = (message: string): string => {
  const bare = message.replace(/^Invalid input: /, '')
  return bare.charAt(0).toLowerCase() + bare.slice(1)
}

function shown(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value))
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

/** replay.epochs, patches[0].percentile */
function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`))
    .join('')
}
