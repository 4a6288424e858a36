/** Index of the first key that is not less than `key`, in an ascending list. */
export function lowerBound(keys: readonly string[], key: string): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((keys[middle] as string) < key) low = middle + 1
    else high = middle
  }
  return low
}

/** Index of the first key greater than `key`. */
export function upperBound(keys: readonly string[], key: string): number {
  const index = lowerBound(keys, key)
  return keys[index] === key ? index + 1 : index
}

/** So few keys are moved one by one, in place. */
const FEW = 16

/** An ascending list brought up to date with keys that came or went: in one pass over it, however many they are.
 *  @param sorted may be changed
 *  @param isThere whether a key belongs to the list now */
export function movedKeys(sorted: string[], moved: Iterable<string>, isThere: (key: string) => boolean): string[] {
  const keys = [...moved].sort()
  if (keys.length <= FEW) {
    for (const key of keys) {
      const index = lowerBound(sorted, key)
      const gone = sorted[index] === key ? 1 : 0
      sorted.splice(index, gone, ...(isThere(key) ? [key] : []))
    }
    return sorted
  }
  const merged: string[] = []
  let at = 0
  for (const key of keys) {
    for (const until = lowerBound(sorted, key); at < until; at += 1) merged.push(sorted[at] as string)
    if (sorted[at] === key) at += 1
    if (isThere(key)) merged.push(key)
  }
  for (; at < sorted.length; at += 1) merged.push(sorted[at] as string)
  return merged
}
