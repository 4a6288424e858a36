import { writeFile } from 'node:fs/promises'
import { errorReference } from './errorReference.js'

// A script (`npm run generate`), run from dist/errors/.
await writeFile(new URL('../../docs/errors.md', import.meta.url), errorReference())
