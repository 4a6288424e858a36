import { writeFile } from 'node:fs/promises'
import { forkJsonSchema, scenarioJsonSchema, type JsonSchema } from './jsonSchema.js'

// A script (`npm run generate`), run from dist/scenario/: the schemas that the scenario files name in their first line.
const write = (name: string, schema: JsonSchema) =>
  writeFile(new URL(`../../scenarios/${name}`, import.meta.url), `${JSON.stringify(schema, null, 2)}\n`)

await write('scenario.schema.json', scenarioJsonSchema())
await write('fork.schema.json', forkJsonSchema())
