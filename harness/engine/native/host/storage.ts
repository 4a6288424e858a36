import type { HookCalls } from '../hooks/hookCalls.js'
import { packSpan, spanLength, spanOffset } from '../guestMemory.js'
import type { Cell, Cleared, Overlay } from '../overlay.js'
import { compactBytes, concatBytes, encodeCompact, encodeU32, ScaleReader, writeCompact } from '../scale.js'
import type { CacheSource } from '../storageCache.js'
import { childKey, type StorageKey } from '../storageKey.js'
import { returnSpan, type HostContext, type HostFunctions } from './context.js'

const none = Uint8Array.of(0)
/** Of a key that the cache cannot keep. */
const noId = -1

/** What the cache does not know of single keys of the main trie, which are all written through it.
 *  @param call answers the hooks that are woven into the runtime: it calls them by reading */
export function mainTrieSource(host: HostContext, call?: HookCalls): Omit<CacheSource, 'hash'> {
  const { memory, cache, storage } = host
  /** Of the keys that the cache has seen, by id. */
  let cells: Cell[] = []
  const cellAt = (id: number, keyAt: number, keyLength: number): Cell =>
    cells[id] ?? keep(id, storage.cell(memory.latin1At(keyAt >>> 0, keyLength >>> 0)))
  const keep = (id: number, cell: Cell): Cell => (id === noId ? cell : (cells[id] = cell))
  const cellOf = (id: number, key: bigint): Cell => cells[id] ?? cellAt(id, spanOffset(key), spanLength(key))
  const lookUp = (id: number, entry: number, key: bigint): Uint8Array | undefined => {
    const cell = cellOf(id, key)
    const value = storage.read(cell)
    cache.learn(entry, value, cell.written !== undefined)
    return value
  }
  return {
    forgotten: () => {
      cells = []
      storage.forgetCells()
    },
    get: (id, entry, key) => call?.(key) ?? returnValue(host, lookUp(id, entry, key)),
    exists: (id, entry, key) => (lookUp(id, entry, key) ? 1 : 0),
    read: (id, key, out, offset) => readValue(host, storage.read(cellOf(id, key)), out, offset),
    set: (id, keyAt, keyLength, valueAt, valueLength) =>
      storage.write(cellAt(id, keyAt, keyLength), memory.copyAt(valueAt >>> 0, valueLength >>> 0)),
    clear: (id, keyAt, keyLength) => storage.write(cellAt(id, keyAt, keyLength), null),
    append: (id, key, item) => storage.append(cellOf(id, key), memory.copy(item)),
    next_key: (id, key) => returnKey(host, storage.nextKey(cellOf(id, key).key)),
  }
}

/** The main trie's transactions, and what concerns many of its keys. The storage root is not computed: it answers 32 zero bytes, as Chopsticks does, and is
 *  listed as mocked. */
export function storageFunctions(host: HostContext): HostFunctions {
  const { memory, cache, storage } = host
  const clearPrefix: Overlay['clearPrefix'] = (prefix, limit, cursor) => {
    const cleared = storage.clearPrefix(prefix, limit, cursor)
    if (cleared.unique > 0) cache.forgetValues()
    return cleared
  }
  const root = (name: string): bigint => {
    host.mocked.add(name)
    return returnSpan(host, new Uint8Array(32))
  }
  return {
    ext_storage_clear_prefix_version_1: (prefix: bigint) => clearPrefix(memory.latin1(prefix), undefined),
    ext_storage_clear_prefix_version_2: (prefix: bigint, limit: bigint) =>
      returnSpan(host, killResult(clearPrefix(memory.latin1(prefix), readLimit(host, limit)))),
    ext_storage_clear_prefix_version_3: (prefix: bigint, limit: bigint, cursor: bigint) =>
      returnSpan(
        host,
        removalResults(
          clearPrefix(memory.latin1(prefix), readLimit(host, limit), readCursor(host, cursor)),
          (key) => key,
        ),
      ),
    ext_storage_root_version_1: () => root('ext_storage_root_version_1'),
    ext_storage_root_version_2: () => root('ext_storage_root_version_2'),
    ext_storage_changes_root_version_1: () => returnSpan(host, none),
    ext_storage_start_transaction_version_1: () => storage.startTransaction(),
    ext_storage_commit_transaction_version_1: () => storage.commitTransaction(),
    ext_storage_rollback_transaction_version_1: () => {
      if (storage.rollbackTransaction() > 0) cache.forgetValues()
    },
    // A proof is never recorded; a node without a recorder answers the largest number.
    ext_storage_proof_size_storage_proof_size_version_1: () => 0xffff_ffff_ffff_ffffn,
  }
}

/** Child tries, by the name that the runtime gives them. */
export function childStorageFunctions(host: HostContext): HostFunctions {
  const { memory, storage } = host
  const keyOf = (trie: bigint, key: bigint): StorageKey => childKey(memory.latin1(trie), memory.latin1(key))
  const allOf = (trie: bigint): StorageKey => childKey(memory.latin1(trie), '')
  const clear = (trie: bigint, prefix: bigint | undefined, limit?: bigint, cursor?: bigint): Cleared => {
    const from = cursor === undefined ? undefined : readCursor(host, cursor)
    return storage.clearPrefix(
      prefix === undefined ? allOf(trie) : keyOf(trie, prefix),
      limit === undefined ? undefined : readLimit(host, limit),
      from === undefined ? undefined : allOf(trie) + from,
    )
  }
  const strip = (trie: bigint) => (key: StorageKey) => key.slice(allOf(trie).length)
  const root = (name: string): bigint => {
    host.mocked.add(name)
    return returnSpan(host, new Uint8Array(32))
  }
  return {
    ext_default_child_storage_get_version_1: (trie: bigint, key: bigint) =>
      returnValue(host, storage.get(keyOf(trie, key))),
    ext_default_child_storage_read_version_1: (trie: bigint, key: bigint, out: bigint, offset: number) =>
      readValue(host, storage.get(keyOf(trie, key)), out, offset),
    ext_default_child_storage_set_version_1: (trie: bigint, key: bigint, value: bigint) =>
      storage.set(keyOf(trie, key), memory.copy(value)),
    ext_default_child_storage_clear_version_1: (trie: bigint, key: bigint) => storage.set(keyOf(trie, key), null),
    ext_default_child_storage_exists_version_1: (trie: bigint, key: bigint) => (storage.get(keyOf(trie, key)) ? 1 : 0),
    ext_default_child_storage_storage_kill_version_1: (trie: bigint) => clear(trie, undefined),
    ext_default_child_storage_storage_kill_version_2: (trie: bigint, limit: bigint) =>
      clear(trie, undefined, limit).next === undefined ? 1 : 0,
    ext_default_child_storage_storage_kill_version_3: (trie: bigint, limit: bigint) =>
      returnSpan(host, killResult(clear(trie, undefined, limit))),
    ext_default_child_storage_storage_kill_version_4: (trie: bigint, limit: bigint, cursor: bigint) =>
      returnSpan(host, removalResults(clear(trie, undefined, limit, cursor), strip(trie))),
    ext_default_child_storage_clear_prefix_version_1: (trie: bigint, prefix: bigint) => clear(trie, prefix),
    ext_default_child_storage_clear_prefix_version_2: (trie: bigint, prefix: bigint, limit: bigint) =>
      returnSpan(host, killResult(clear(trie, prefix, limit))),
    ext_default_child_storage_clear_prefix_version_3: (trie: bigint, prefix: bigint, limit: bigint, cursor: bigint) =>
      returnSpan(host, removalResults(clear(trie, prefix, limit, cursor), strip(trie))),
    ext_default_child_storage_next_key_version_1: (trie: bigint, key: bigint) => {
      const next = storage.nextKey(keyOf(trie, key), allOf(trie))
      return returnKey(host, next === undefined ? undefined : strip(trie)(next))
    },
    ext_default_child_storage_root_version_1: () => root('ext_default_child_storage_root_version_1'),
    ext_default_child_storage_root_version_2: () => root('ext_default_child_storage_root_version_2'),
  }
}

/** `Option<Vec<u8>>` of a value, written straight into the runtime's memory. */
function returnValue(host: HostContext, value: Uint8Array | undefined): bigint {
  if (!value) return returnSpan(host, none)
  const offset = openSome(host, value.length)
  const at = offset + someBytes(value.length)
  host.memory.bytes.set(value, at)
  return packSpan(offset, at - offset + value.length)
}

function returnKey(host: HostContext, key: StorageKey | undefined): bigint {
  if (key === undefined) return returnSpan(host, none)
  const offset = openSome(host, key.length)
  const at = offset + someBytes(key.length)
  host.memory.writeLatin1(at, key)
  return packSpan(offset, at - offset + key.length)
}

/** What stands before the bytes of `Some`. */
function someBytes(length: number): number {
  return 1 + compactBytes(length)
}

/** Room for `Some` of so many bytes, which have yet to be written. */
function openSome({ memory, cache }: HostContext, length: number): number {
  const size = someBytes(length) + length
  const offset = cache.malloc(size)
  memory.check(offset, size)
  memory.bytes[offset] = 1
  writeCompact(memory.bytes, offset + 1, length)
  return offset
}

/** Copies what fits of the value from `offset` on; answers `Option<u32>` of all that is left there. */
function readValue(host: HostContext, value: Uint8Array | undefined, out: bigint, offset: number): bigint {
  if (!value) return returnSpan(host, none)
  const rest = value.subarray(Math.min(offset >>> 0, value.length))
  host.memory.check(spanOffset(out), spanLength(out))
  host.memory.write(spanOffset(out), rest.subarray(0, Math.min(rest.length, spanLength(out))))
  return returnSpan(host, concatBytes(Uint8Array.of(1), encodeU32(rest.length)))
}

function readLimit({ memory }: HostContext, span: bigint): number | undefined {
  const reader = new ScaleReader(memory.copy(span))
  return reader.option(() => reader.u32())
}

function readCursor({ memory }: HostContext, span: bigint): StorageKey | undefined {
  const reader = new ScaleReader(memory.copy(span))
  const bytes = reader.option(() => reader.byteVector())
  return bytes && Buffer.from(bytes).toString('latin1')
}

/** `KillStorageResult`: all removed (0) or some remaining (1), and how many keys were visited. */
function killResult({ next, loops }: Cleared): Uint8Array {
  return concatBytes(Uint8Array.of(next === undefined ? 0 : 1), encodeU32(loops))
}

/** `MultiRemovalResults`: the cursor, then backend, unique and loops. */
function removalResults({ next, backend, unique, loops }: Cleared, strip: (key: StorageKey) => StorageKey): Uint8Array {
  const cursor = next === undefined ? undefined : Buffer.from(strip(next), 'latin1')
  return concatBytes(
    ...(cursor ? [Uint8Array.of(1), encodeCompact(cursor.length), cursor] : [none]),
    encodeU32(backend),
    encodeU32(unique),
    encodeU32(loops),
  )
}
