/** The reference runtime as another version: where it states its spec version, 425, it states another one from 256 to 511. Its code
 *  stays the same, so on a chain it is an upgrade that only runs what every upgrade runs. */
export function otherVersion(wasm: Uint8Array, specVersion: number): Uint8Array {
  const changed = Buffer.from(wasm)
  const [low, high] = [specVersion & 0xff, specVersion >> 8]
  // Only there: 425 is also an offset, and the last spec whose rules the pallet knows.
  const places: readonly (readonly [stated: readonly number[], change: readonly number[]])[] = [
    // In data and the section `runtime_version`: authoring version 1, spec version, implementation version 1.
    [
      [1, 0, 0, 0, 0xa9, 0x01, 0, 0, 1, 0, 0, 0],
      [1, 0, 0, 0, low, high, 0, 0, 1, 0, 0, 0],
    ],
    // In code: `i32.const 425` in LEB128, `i32.store`.
    [
      [0x41, 0xa9, 0x03, 0x36],
      [0x41, (specVersion & 0x7f) | 0x80, specVersion >> 7, 0x36],
    ],
    // In code, as what signatures cover: `i64.const` of it and of the transaction version 1, `i64.store`.
    [
      [0x42, 0xa9, 0x83, 0x80, 0x80, 0x10, 0x37],
      [0x42, (specVersion & 0x7f) | 0x80, (specVersion >> 7) | 0x80, 0x80, 0x80, 0x10, 0x37],
    ],
  ]
  for (const [stated, change] of places) {
    const from = Buffer.from(stated)
    let at = changed.indexOf(from)
    if (at < 0) throw new Error('the runtime states its version otherwise')
    for (; at >= 0; at = changed.indexOf(from, at + 1)) Buffer.from(change).copy(changed, at)
  }
  return changed
}
