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

export function insertSorted(keys: string[], key: string): void {
  const index = lowerBound(keys, key)
  if (keys[index] !== key) keys.splice(index, 0, key)
}

export function removeSorted(keys: string[], key: string): void {
  const index = lowerBound(keys, key)
  if (keys[index] === key) keys.splice(index, 1)
}
