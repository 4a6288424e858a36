import type { Hex } from '../fork/forkState.js'
import { type RuntimeCall, type RuntimeCalls, type Signer } from '../fork/runtimeCalls.js'
import type { StorageCodec } from '../fork/storageCodec.js'
import { asRoot } from '../patch/asRoot.js'

/** An account of the rehearsal that signs one extrinsic after the other. */
export interface Account {
  /** @returns the next extrinsic, as nodes take it */
  sign(call: Uint8Array): Hex
}

/** @param runtime whose extrinsics they are */
export function openAccount(
  runtime: { readonly calls: RuntimeCalls; readonly codec: StorageCodec },
  signer: Signer,
  genesisHash: Hex,
): Account {
  const { calls, codec } = runtime
  const version = codec.constant('System', 'Version') as { spec_version: number; transaction_version: number }
  let nonce = 0
  return {
    sign(call) {
      const state = {
        nonce,
        genesisHash,
        specVersion: version.spec_version,
        transactionVersion: version.transaction_version,
      }
      const extrinsic = calls.signed(call, signer, state)
      nonce += 1
      return extrinsic
    },
  }
}

/** A call as Sudo dispatches it as root, whatever it weighs. */
export function sudoCall(calls: RuntimeCalls, inner: Uint8Array): Uint8Array {
  const sudo = calls.find('Sudo.sudo_unchecked_weight') ?? calls.find('Sudo.sudo')
  if (sudo === undefined) throw new RangeError('The runtime has no Sudo.')
  return asRoot(calls, sudo, inner)
}

/** @throws RangeError when the runtime has no such call */
export function systemCall(calls: RuntimeCalls, name: string, args: Readonly<Record<string, unknown>>): Uint8Array {
  const call: RuntimeCall | undefined = calls.find(`System.${name}`)
  if (call === undefined) throw new RangeError(`The runtime has no System.${name}.`)
  return calls.encode(call, args)
}
