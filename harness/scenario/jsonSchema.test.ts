import { describe, expect, it } from '@jest/globals'
import { Ajv } from 'ajv'
import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { exampleRun } from '../../test/exampleRun.js'
import { buildRunResult } from '../report/buildRunResult.js'
import { serialiseRunResult } from '../report/runResult.js'
import { forkJsonSchema, jsonSchemaOf, resultJsonSchema, scenarioJsonSchema, schemaAt } from './jsonSchema.js'
import { forkSchemas } from './schema.js'

const scenarios = new URL('../../scenarios/', import.meta.url)
const text = (name: string) => readFileSync(new URL(name, scenarios), 'utf8')
const NAMES = readdirSync(scenarios).filter((name) => name.endsWith('.yaml') && !name.endsWith('.fork.yaml'))
const FORKS = readdirSync(scenarios).filter((name) => name.endsWith('.fork.yaml'))

describe('the JSON schemas of the repository', () => {
  it('are those of the code (else: npm run generate)', () => {
    expect(JSON.parse(text('scenario.schema.json'))).toEqual(scenarioJsonSchema())
    expect(JSON.parse(text('fork.schema.json'))).toEqual(forkJsonSchema())
    expect(JSON.parse(text('../docs/result.schema.json'))).toEqual(JSON.parse(JSON.stringify(resultJsonSchema())))
  })

  const ajv = new Ajv({ strict: false, validateFormats: false })
  it.each(NAMES)('accept %s, which names them in its first line', (name) => {
    expect(text(name).split('\n')[0]).toBe('# yaml-language-server: $schema=./scenario.schema.json')
    expect(ajv.validate(scenarioJsonSchema(), parse(text(name)))).toBe(true)
  })

  it.each(FORKS)('accept the fork file %s, which names them in its first line', (name) => {
    expect(text(name).split('\n')[0]).toBe('# yaml-language-server: $schema=./fork.schema.json')
    expect(ajv.validate(forkJsonSchema(), parse(text(name)))).toBe(true)
    expect(ajv.validate(forkJsonSchema(), { ...(parse(text(name)) as object), seeds: 1 })).toBe(false)
  })

  it('accept a result, one with more members than they know, and none with less', () => {
    const result = JSON.parse(serialiseRunResult(buildRunResult(exampleRun()))) as Record<string, unknown>
    expect(ajv.validate(resultJsonSchema(), result)).toBe(true)
    expect(ajv.validate(resultJsonSchema(), { ...result, later: 1 })).toBe(true)
    expect(ajv.validate(resultJsonSchema(), { ...result, epochs: undefined })).toBe(false)
    expect(ajv.validate(resultJsonSchema(), { ...result, schemaVersion: 2 })).toBe(false)
  })

  it('know every built-in fork', () => {
    expect(FORKS.map((name) => (parse(text(name)) as { builtIn: string }).builtIn).sort()).toEqual(
      Object.keys(forkSchemas).sort(),
    )
  })

  it.each([
    [{ percentile: 0 }, false],
    [{ percentile: 101 }, false],
    [{ percentile: 'abc' }, false],
    [{ percentil: 88 }, false],
    [{ scope: 'everyone' }, false],
    [{ percentile: 100, scope: 'all' }, true],
  ])('judge a patch with %j', (params, valid) => {
    const noop = parse(text('sn31-noop.yaml')) as object
    const patches = [{ kind: 'policy', policy: 'stake-cap', ...params }]
    expect(ajv.validate(scenarioJsonSchema(), { ...noop, patches })).toBe(valid)
  })
})

describe('schemaAt', () => {
  it('walks keys and list elements', () => {
    expect(schemaAt(scenarioJsonSchema(), ['replay', 'epochs'])?.description).toMatch(/How many epochs/)
    expect(schemaAt(scenarioJsonSchema(), ['expect', 3, 'op'])?.['enum']).toContain('>=')
    expect(schemaAt(jsonSchemaOf(forkSchemas.sn31), ['assume', 'alphaValues', 1])?.['maximum']).toBe(65_535)
    expect(schemaAt(scenarioJsonSchema(), ['replay', 'nothing'])).toBeUndefined()
  })
})
