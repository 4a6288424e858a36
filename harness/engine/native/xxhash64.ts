const mask = (1n << 64n) - 1n
const prime1 = 11_400_714_785_074_694_791n
const prime2 = 14_029_467_366_897_019_727n
const prime3 = 1_609_587_929_392_839_161n
const prime4 = 9_650_029_242_287_828_579n
const prime5 = 2_870_177_450_012_600_261n

const rotate = (x: bigint, by: bigint): bigint => ((x << by) & mask) | (x >> (64n - by))
const round = (lane: bigint, input: bigint): bigint => (rotate((lane + input * prime2) & mask, 31n) * prime1) & mask
const merge = (hash: bigint, lane: bigint): bigint => ((hash ^ round(0n, lane)) * prime1 + prime4) & mask

/** xxHash64 of the bytes. Plain arithmetic: results are cached where it is called often.
 *  @see https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md */
function xxhash64(bytes: Uint8Array, seed: bigint): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const length = bytes.length
  let at = 0
  let hash: bigint
  if (length >= 32) {
    const lanes = [seed + prime1 + prime2, seed + prime2, seed, seed - prime1].map((lane) => lane & mask)
    for (; at + 32 <= length; at += 32)
      for (const [index, lane] of lanes.entries()) lanes[index] = round(lane, view.getBigUint64(at + index * 8, true))
    const turned = lanes.reduce((sum, lane, index) => sum + rotate(lane, [1n, 7n, 12n, 18n][index] ?? 0n), 0n) & mask
    hash = lanes.reduce(merge, turned)
  } else hash = (seed + prime5) & mask
  hash = (hash + BigInt(length)) & mask
  for (; at + 8 <= length; at += 8)
    hash = (rotate(hash ^ round(0n, view.getBigUint64(at, true)), 27n) * prime1 + prime4) & mask
  if (at + 4 <= length) {
    hash = (rotate(hash ^ ((BigInt(view.getUint32(at, true)) * prime1) & mask), 23n) * prime2 + prime3) & mask
    at += 4
  }
  for (; at < length; at += 1)
    hash = (rotate(hash ^ ((BigInt(view.getUint8(at)) * prime5) & mask), 11n) * prime1) & mask
  hash = ((hash ^ (hash >> 33n)) * prime2) & mask
  hash = ((hash ^ (hash >> 29n)) * prime3) & mask
  return hash ^ (hash >> 32n)
}

/** Substrate's twox: xxHash64 with the seeds 0, 1, ..., each little-endian. */
export function twox(bytes: Uint8Array, hashBytes: 8 | 16 | 32): Uint8Array {
  const out = new Uint8Array(hashBytes)
  const view = new DataView(out.buffer)
  for (let at = 0; at < hashBytes; at += 8) view.setBigUint64(at, xxhash64(bytes, BigInt(at / 8)), true)
  return out
}
