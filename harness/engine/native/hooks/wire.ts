/** JSON of what may hold bigints, between a hook's realm and its host's: only text crosses. */
export function toWire(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? { bigint: String(part) } : part))
}

export function fromWire(text: string): unknown {
  return JSON.parse(text, (_, part: unknown) => {
    if (typeof part !== 'object' || part === null || !('bigint' in part) || typeof part.bigint !== 'string') return part
    return Object.keys(part).length === 1 ? BigInt(part.bigint) : part
  })
}
