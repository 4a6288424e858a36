import { z } from 'zod'
import { runResultSchema } from '../report/runResult.js'
import { policyDefinitions } from '../runtime/policies.js'
import type { PolicyDefinition, PolicyParam } from '../runtime/policy.js'
import { patchSchemas } from './patchSchemas.js'
import { forkSchema, scenarioSchema } from './schema.js'

/** The part of JSON Schema that is made and read here. */
export interface JsonSchema {
  readonly description?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly items?: JsonSchema | readonly JsonSchema[]
  readonly [keyword: string]: unknown
}

/** The JSON schema of what a schema takes. */
export const jsonSchemaOf = (schema: z.ZodType): JsonSchema =>
  z.toJSONSchema(schema, { target: 'draft-7', io: 'input' }) as JsonSchema

/** What an editor checks a fork file against. */
export const forkJsonSchema = (): JsonSchema => jsonSchemaOf(forkSchema)

/** What a program can rely on in result.json. Members may be added within a version: an older reader has to pass over them. */
export const resultJsonSchema = (): JsonSchema => {
  const published = open(z.toJSONSchema(runResultSchema, { target: 'draft-7', io: 'output' })) as JsonSchema
  return { ...published, title: 'result.json of epochdiff, version 1' }
}

/** The schema without its refusal of unknown members. */
function open(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(open)
  if (typeof schema !== 'object' || schema === null) return schema
  const members = Object.entries(schema).filter(([key, value]) => key !== 'additionalProperties' || value !== false)
  return Object.fromEntries(members.map(([key, value]) => [key, open(value)]))
}

/** What an editor checks a scenario against: the patches by kind, policies with each parameter's bounds. */
export function scenarioJsonSchema(): JsonSchema {
  const schema = jsonSchemaOf(scenarioSchema)
  const kinds = [...policyDefinitions.map(patchOf), ...Object.values(patchSchemas).map(jsonSchemaPart)]
  const patches = { ...schema.properties?.['patches'], items: { oneOf: kinds } }
  return { ...schema, properties: { ...schema.properties, patches } }
}

/** Without what only a whole document says of itself. */
function jsonSchemaPart(schema: z.ZodType): JsonSchema {
  return Object.fromEntries(Object.entries(jsonSchemaOf(schema)).filter(([keyword]) => keyword !== '$schema'))
}

function patchOf({ name, title, formula, params }: PolicyDefinition): JsonSchema {
  return {
    title: name,
    description: `${title} ${formula}`,
    type: 'object',
    properties: {
      kind: { const: 'policy' },
      policy: { const: name },
      ...Object.fromEntries(params.map((param) => [param.name, paramSchema(param)])),
    },
    required: ['kind', 'policy'],
    additionalProperties: false,
  }
}

function paramSchema(param: PolicyParam): JsonSchema {
  const common = { description: param.description, default: param.default }
  if (param.kind === 'choice') return { ...common, enum: param.choices }
  return {
    ...common,
    type: 'number',
    [param.minExclusive ? 'exclusiveMinimum' : 'minimum']: param.min,
    maximum: param.max,
  }
}

/** What the schema says about a place in a document; of `anyOf` and the like nothing. */
export function schemaAt(schema: JsonSchema, path: readonly PropertyKey[]): JsonSchema | undefined {
  const [key, ...rest] = path
  if (key === undefined) return schema
  const isList = typeof key === 'number'
  const next = isList ? itemAt(schema, key) : schema.properties?.[String(key)]
  return next && schemaAt(next, rest)
}

function itemAt({ items }: JsonSchema, index: number): JsonSchema | undefined {
  return Array.isArray(items) ? (items as readonly JsonSchema[])[index] : (items as JsonSchema | undefined)
}
