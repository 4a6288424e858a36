import { didYouMean } from '../errors/didYouMean.js'
import { EpochdiffError } from '../errors/epochdiffError.js'
import { callArgumentsInvalid, callFailed, callNotDispatched, callUnknown } from '../errors/patch.js'
import type { CallResult, EngineArm, StorageDiff } from '../engine/engine.js'
import type { Hex } from '../fork/forkState.js'
import { type RuntimeCall, type RuntimeCalls, signerOf } from '../fork/runtimeCalls.js'
import type { StorageCodec } from '../fork/storageCodec.js'
import { CODE_KEY } from '../fork/storageParts.js'
import type { CallPatch } from '../runtime/patch.js'
import type { AppliedCall } from './appliedPatch.js'
import { asRoot } from './asRoot.js'
import { type RuntimeEvent, runtimeEvents } from './runtimeEvents.js'
import { type RawChange, showChanges, toJson } from './showStorage.js'

/** What the frame itself writes around every extrinsic: of the last block, or of none. */
const BOOKKEEPING = [
  ...['Events', 'EventCount', 'EventTopics', 'ExtrinsicCount', 'ExtrinsicData', 'BlockWeight', 'AllExtrinsicsLen'],
  ...['BlockSize', 'ExecutionPhase', 'InherentsApplied'],
]
/** `:extrinsic_index`, `:intrablock_entropy` */
const WELL_KNOWN: readonly Hex[] = ['0x3a65787472696e7369635f696e646578', '0x3a696e747261626c6f636b5f656e74726f7079']

/** Pays any fee until it is given back; lower than what amounts of 64 bits hold. */
const PURSE = 10n ** 18n

/** Dispatches the call as root on the arm, between two blocks, and leaves in its state what the call changed and nothing else:
 *  an extrinsic that a made-up sudo key has signed is applied; the key, its account and what every extrinsic changes are put back.
 *  @throws E363 unknown call, E364 arguments, E365 the call failed, E366 it cannot be dispatched */
export async function applyCallPatch(
  arm: EngineArm,
  codec: StorageCodec,
  calls: RuntimeCalls,
  patch: CallPatch,
  at: string,
  when: string,
): Promise<{ applied: AppliedCall; changes: readonly RawChange[]; mocks: readonly string[] }> {
  const call = findCall(calls, patch.call, at)
  const name = `${call.pallet}.${call.call}`
  const encoded = encodeCall(calls, call, patch, at)
  const refuse = (reason: string) => callNotDispatched({ at, call: name, reason })

  const sudo = ['Sudo.sudo_unchecked_weight', 'Sudo.sudo'].map((path) => calls.find(path)).find((found) => found)
  const remark = calls.find('System.remark')
  if (sudo === undefined || remark === undefined) throw refuse('the runtime has no Sudo')
  const signer = signerOf('sudo')
  const stage = await setStage(arm, codec, signer.publicKey)
  try {
    const extrinsic = (inner: Uint8Array) => {
      try {
        return calls.signed(asRoot(calls, sudo, inner), signer, stage.signed)
      } catch (cause) {
        throw refuse((cause as Error).message)
      }
    }
    const dispatch = async (inner: Uint8Array): Promise<CallResult> => {
      try {
        return await arm.call('BlockBuilder_apply_extrinsic', extrinsic(inner))
      } catch (cause) {
        if (!(cause instanceof EpochdiffError) || cause.exitCode === 2) throw cause
        throw callNotDispatched({ at, call: name, reason: cause.short.replace(/\.$/, '') }, { cause })
      }
    }
    // What a call that does nothing changes is the extrinsic's own.
    const empty = new Map((await dispatch(calls.encode(remark, { remark: '0x' }))).storageDiff)
    const { result, storageDiff } = await dispatch(encoded)
    const events = eventsOf(codec, storageDiff)
    requireDispatched(calls, result, events, { at, call: name })

    const ours = storageDiff.filter(([key, value]) => !stage.isOwn(key) && empty.get(key) !== value)
    const { sudoKey, sudoKeyBefore } = stage
    if (storageDiff.some(([key]) => key === CODE_KEY)) throw refuse('it replaces the runtime, which a code patch does')
    const keyChange = storageDiff.find(([key]) => key === sudoKey)
    const diff: StorageDiff = keyChange === undefined ? ours : [...ours, keyChange]
    const values = await arm.read(diff.map(([key]) => key))
    const changes = diff
      .map(([key, after], index) => {
        return { key, before: key === sudoKey ? sudoKeyBefore : (values[index] ?? null), after }
      })
      .sort((a, b) => (a.key < b.key ? -1 : 1))
    await stage.clear()
    await arm.write(changes.map(({ key, after }) => [key, after]))
    return {
      applied: {
        kind: 'call',
        call: name,
        args: toJson(calls.decode(call, encoded)) as AppliedCall['args'],
        through: `${sudo.pallet}.${sudo.call}`,
        changes: showChanges(changes, { before: codec, after: codec }),
        events: without(
          events.map(({ name: event }) => event),
          eventsOf(codec, [...empty]).map(({ name: event }) => event),
        ),
      },
      changes,
      mocks: [
        `The call ${name} was dispatched as root ${when}, by an extrinsic of a made-up sudo key; the key, its account and what every extrinsic changes were put back.`,
      ],
    }
  } catch (error) {
    await stage.clear()
    throw error
  }
}

function findCall(calls: RuntimeCalls, written: string, at: string): RuntimeCall {
  const call = calls.find(written)
  if (call !== undefined) return call
  const names = calls.names()
  const pallet = written.split('.')[0]?.toLowerCase()
  const ofPallet = names.filter((name) => name.split('.')[0]?.toLowerCase() === pallet)
  const pallets = [...new Set(names.map((name) => name.split('.')[0] ?? ''))]
  throw callUnknown({
    at,
    call: written,
    meant: didYouMean(written, ofPallet.length > 0 ? ofPallet : names),
    known: ofPallet.length > 0 ? ofPallet : pallets.map((name) => `${name}.*`),
  })
}

function encodeCall(calls: RuntimeCalls, call: RuntimeCall, { args }: CallPatch, at: string): Uint8Array {
  try {
    return calls.encode(call, args)
  } catch (error) {
    if (!(error instanceof TypeError) && !(error instanceof RangeError)) throw error
    const name = `${call.pallet}.${call.call}`
    throw callArgumentsInvalid({ at, call: name, reason: error.message.replace(`${call.call}: `, ''), args: call.args })
  }
}

/** Puts a sudo key of our own on the arm, with an account that can pay, outside any block. */
async function setStage(arm: EngineArm, codec: StorageCodec, publicKey: Hex) {
  const sudoKey = codec.key('Sudo', 'Key')
  const account = codec.key('System', 'Account', publicKey)
  const genesis = codec.key('System', 'BlockHash', 0)
  const items = BOOKKEEPING.filter((item) => codec.has('System', item))
  const plain = items.filter((item) => codec.keyCount('System', item) === 0).map((item) => codec.key('System', item))
  const prefixes = items
    .filter((item) => codec.keyCount('System', item) > 0)
    .map((item) => codec.prefix('System', item))
  const number = codec.key('System', 'Number')
  const keys = [sudoKey, account, genesis, number, ...plain, ...WELL_KNOWN]
  const before = await arm.read(keys)
  const [sudoKeyBefore = null, , genesisHash = null, numberBefore = null] = before
  const hash = genesisHash ?? (`0x${'00'.repeat(32)}` as const)
  await arm.write([
    [sudoKey, publicKey],
    [account, codec.encode('System', 'Account', richAccount(codec))],
    [genesis, hash],
    // In block 0 the frame keeps no events.
    [number, codec.decode('System', 'Number', numberBefore) === 0 ? codec.encode('System', 'Number', 1) : numberBefore],
    ...[...plain, ...WELL_KNOWN].map((key) => [key, null] as const),
  ])
  const version = codec.constant('System', 'Version') as { spec_version: number; transaction_version: number }
  const own = new Set<Hex>(keys)
  return {
    sudoKey,
    sudoKeyBefore,
    signed: {
      nonce: 0,
      genesisHash: hash,
      specVersion: version.spec_version,
      transactionVersion: version.transaction_version,
    },
    isOwn: (key: Hex) => own.has(key) || prefixes.some((prefix) => key.startsWith(prefix)),
    clear: () => arm.write(keys.map((key, index) => [key, before[index] ?? null])),
  }
}

function richAccount(codec: StorageCodec): unknown {
  const empty = codec.decode('System', 'Account', null) as { data: Record<string, unknown> }
  const data = Object.hasOwn(empty.data, 'free') ? { ...empty.data, free: PURSE } : empty.data
  return { ...empty, providers: 1, data }
}

/** @throws E365, E366 */
function requireDispatched(
  calls: RuntimeCalls,
  result: Hex,
  events: readonly RuntimeEvent[],
  place: { readonly at: string; readonly call: string },
): void {
  if (result !== '0x0000') {
    const failed = events.find(({ name }) => name === 'System.ExtrinsicFailed')?.fields as
      { dispatch_error?: unknown } | undefined
    const reason =
      failed === undefined
        ? `the extrinsic is not valid (${refusalOf(result)})`
        : calls.describeError(failed.dispatch_error)
    throw callNotDispatched({ ...place, reason })
  }
  const sudid = events.find(({ name }) => name === 'Sudo.Sudid')
  if (sudid === undefined) throw callNotDispatched({ ...place, reason: 'Sudo did not report a result' })
  const { fields } = sudid
  const outcome = isRecord(fields) && 'sudo_result' in fields ? fields['sudo_result'] : fields
  if (!isRecord(outcome))
    throw callNotDispatched({ ...place, reason: 'the result that Sudo reports is not understood' })
  if ('Err' in outcome) throw callFailed({ ...place, error: calls.describeError(outcome['Err']) })
  if (!('Ok' in outcome)) {
    throw callNotDispatched({ ...place, reason: 'the result that Sudo reports is not understood' })
  }
}

function eventsOf(codec: StorageCodec, diff: StorageDiff): RuntimeEvent[] {
  const key = codec.key('System', 'Events')
  return runtimeEvents(codec, diff.find(([written]) => written === key)?.[1] ?? null)
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const INVALID = [
  ...['Call', 'Payment', 'Future', 'Stale', 'BadProof', 'AncientBirthBlock', 'ExhaustsResources', 'Custom'],
  ...['BadMandatory', 'MandatoryValidation', 'BadSigner', 'IndeterminateImplicit', 'UnknownOrigin'],
]

/** `InvalidTransaction`, where it is one. */
function refusalOf(result: Hex): string {
  const [outer, kind, variant] = Buffer.from(result.slice(2), 'hex')
  return outer === 1 && kind === 0 ? (INVALID[variant ?? -1] ?? result) : result
}

/** The names that are left when one of each of the others is taken away. */
function without(names: readonly string[], others: readonly string[]): string[] {
  const left = [...others]
  return names.filter((name) => {
    const at = left.indexOf(name)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}
