/** The reference runtime as another version: every place that states its spec version, 425, states another one from 256 to 511. Its code
 *  stays the same, so on a chain it is an upgrade that only runs what every upgrade runs. */
export function otherVersion(wasm: Uint8Array, specVersion: number): Uint8Array {
  const changed = Buffer.from(wasm)
  const [low, high] = [specVersion & 0xff, specVersion >> 8]
  // As a little-endian u32 in data, and as the constant of an instruction (`i32.const`, LEB128).
  const leb = (value: number) => [0x41, (value & 0x7f) | 0x80, value >> 7]
  let places = 0
  for (const [from, to] of [
    [Buffer.from([0xa9, 0x01, 0, 0]), Buffer.from([low, high, 0, 0])],
    [Buffer.from(leb(425)), Buffer.from(leb(specVersion))],
  ] as const) {
    for (let at = changed.indexOf(from); at >= 0; at = changed.indexOf(from, at + 1)) {
      to.copy(changed, at)
      places += 1
    }
  }
  if (places === 0) throw new Error('the runtime states its version otherwise')
  return changed
}
