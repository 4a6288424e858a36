import { writeFile } from 'node:fs/promises'
import { forkJsonSchema, resultJsonSchema, scenarioJsonSchema, type JsonSchema } from './jsonSchema.js'

// A script (`npm run generate`), run from dist/scenario/: the schemas that the scenario files name in their first line, and that of
// result.json.
const write = (file: string, schema: JsonSchema) =>
  writeFile(new URL(`../../${file}`, import.meta.url), `${JSON.stringify(schema, null, 2)}\n`)

await write('scenarios/scenario.schema.json', scenarioJsonSchema())
await write('scenarios/fork.schema.json', forkJsonSchema())
await write('docs/result.schema.json', resultJsonSchema())
