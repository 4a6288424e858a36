/** One place where two JSON documents differ. */
export interface JsonDifference {
  /** As jq writes it: .rewards.accounts[3].changeRao */
  readonly path: string
  /** `undefined` where the document has no such member. */
  readonly first: unknown
  readonly second: unknown
}

/** Every place where two JSON documents differ, in the order of the first; of lists of different length the missing elements. */
export function* jsonDifferences(first: unknown, second: unknown, path = ''): Generator<JsonDifference> {
  if (Array.isArray(first) && Array.isArray(second)) {
    for (let i = 0; i < Math.max(first.length, second.length); i += 1) {
      yield* jsonDifferences(first[i], second[i], `${path}[${i}]`)
    }
  } else if (isObject(first) && isObject(second)) {
    for (const name of new Set([...Object.keys(first), ...Object.keys(second)])) {
      const step = /^[a-zA-Z_]\w*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`
      yield* jsonDifferences(own(first, name), own(second, name), path + step)
    }
  } else if (!Object.is(first, second)) {
    yield { path: path === '' ? '.' : path, first, second }
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function own(object: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}
