import { createRequire } from 'node:module'
import type * as Fzstd from 'fzstd'
import { GuestTrap } from '../guestFault.js'
import { messageLimitBytes } from '../logBook.js'
import { embeddedRuntimeVersion } from '../runtimeVersion.js'
import { concatBytes, encodeCompact } from '../scale.js'
import { returnSpan, type HostContext, type HostFunctions } from './context.js'

const debugLevel = 3
const targetLimitBytes = 256
/** The most that Substrate lets a compressed runtime unfold to. */
const unfoldedLimitBytes = 50 * 1024 * 1024

/** Logs and the rest. Off-chain indexing, transaction indexing and tracing touch no state: they do nothing. */
export function miscFunctions(host: HostContext): HostFunctions {
  const { memory, logs } = host
  const print = (message: string): void => logs.add(debugLevel, 'runtime', message)
  return {
    ext_logging_log_version_1: (level: number, target: bigint, message: bigint) =>
      logs.add(level, memory.utf8(target, targetLimitBytes), memory.utf8(message, messageLimitBytes)),
    ext_logging_max_level_version_1: () => logs.maxLevel,
    ext_misc_print_num_version_1: (value: bigint) => print(BigInt.asUintN(64, value).toString()),
    ext_misc_print_utf8_version_1: (text: bigint) => print(memory.utf8(text, messageLimitBytes)),
    ext_misc_print_hex_version_1: (bytes: bigint) =>
      print(`0x${Buffer.from(memory.copy(bytes).subarray(0, messageLimitBytes)).toString('hex')}`),
    ext_misc_runtime_version_version_1: (blob: bigint) => returnSpan(host, runtimeVersion(memory.copy(blob))),
    ext_panic_handler_abort_on_panic_version_1: (message: bigint) => {
      throw new GuestTrap(memory.utf8(message, messageLimitBytes))
    },
    ext_offchain_index_set_version_1: () => undefined,
    ext_offchain_index_clear_version_1: () => undefined,
    ext_transaction_index_index_version_1: () => undefined,
    ext_transaction_index_renew_version_1: () => undefined,
    ext_wasm_tracing_enabled_version_1: () => 0,
    ext_wasm_tracing_enter_span_version_1: () => 0n,
    ext_wasm_tracing_event_version_1: () => undefined,
    ext_wasm_tracing_exit_version_1: () => undefined,
  }
}

/** `Option<Vec<u8>>`: none for a blob that is no runtime. */
function runtimeVersion(blob: Uint8Array): Uint8Array {
  let version: Uint8Array | undefined
  try {
    version = embeddedRuntimeVersion(blob, decompress)
  } catch {
    version = undefined
  }
  if (!version) return Uint8Array.of(0)
  return concatBytes(Uint8Array.of(1), encodeCompact(version.length), version)
}

function decompress(bytes: Uint8Array): Uint8Array {
  const { Decompress } = createRequire(import.meta.url)('fzstd') as typeof Fzstd
  const chunks: Uint8Array[] = []
  let size = 0
  new Decompress((chunk) => {
    size += chunk.length
    if (size > unfoldedLimitBytes) throw new Error(`The runtime unfolds to more than ${unfoldedLimitBytes} bytes.`)
    chunks.push(chunk)
  }).push(bytes, true)
  return concatBytes(...chunks)
}
