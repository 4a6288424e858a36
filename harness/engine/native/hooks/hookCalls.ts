import type { StorageCodec } from '../../../fork/storageCodec.js'
import { GuestTrap } from '../guestFault.js'
import { spanLength, spanOffset } from '../guestMemory.js'
import type { HostContext } from '../host/context.js'
import type { ArmHooks } from '../../engine.js'
import { duringCall, openMarks } from './callClock.js'
import { type Entry, openEntries, remembering } from './entries.js'
import { HookFault, type HookFaultMessage } from './hookFault.js'
import { openSandbox, type HookSources, type Sandbox } from './sandbox.js'

/** The key with which the patch module asks for a hook; as in runtime-patches/patch-module/src/hook.rs. */
const keyName = Buffer.from(':epochdiff:hook:')
const keyBytes = 40
const stakeWeightsPlace = 0
const epochRewardsPlace = 1
const rolePoolsPlace = 2
const weightBytes = 16
const rewardBytes = 24
const [serverAt, validatorAt] = [0, 8]
const poolsBytes = 24
/** What the patch module takes for done. */
const done = 1n

const pallet = 'SubtensorModule'
const maxWeight = (1n << 127n) - 1n
const maxRao = (1n << 64n) - 1n

/** Answers the calls of hooks that a woven runtime makes; `undefined` for any other key of storage. */
export type HookCalls = (key: bigint) => bigint | undefined

/** @param codec of the runtime's metadata
 *  @param clock what this process's main thread watches; without it each call has a limit of its own */
export function openHookCalls(
  host: HostContext,
  hooks: ArmHooks['programs'],
  codec: StorageCodec,
  clock?: SharedArrayBuffer,
): HookCalls {
  const { memory } = host
  const { entryOf, settle } = openEntries(host, codec)
  const blockNumber = entryOf('System', 'Number')
  const subnetOf = remembering((netuid: number) => ({
    uids: entryOf(pallet, 'SubnetworkN', netuid),
    permits: entryOf(pallet, 'ValidatorPermit', netuid),
    hotkeys: [] as Entry[],
    holders: [] as { readonly hotkey: string; readonly coldkey: Entry; readonly alphaStakeRao: Entry }[],
  }))
  const hotkeysOf = (netuid: number, count: number): readonly Entry[] => {
    const { hotkeys } = subnetOf(netuid)
    const known = hotkeys.length
    for (let uid = known; uid < count; uid += 1) hotkeys.push(entryOf(pallet, 'Keys', netuid, uid))
    if (hotkeys.length > known) settle(hotkeys.slice(known))
    return hotkeys
  }
  const sources: HookSources = {
    uids: (netuid, put) => {
      const { uids, permits, holders } = subnetOf(netuid)
      const count = Number(uids.value())
      const permitted = permits.value() as readonly boolean[]
      const hotkeys = hotkeysOf(netuid, count)
      const unread: Entry[] = []
      for (let uid = 0; uid < count; uid += 1) {
        const hotkey = String(hotkeys[uid]?.value())
        if (holders[uid]?.hotkey === hotkey) continue
        const coldkey = entryOf(pallet, 'Owner', hotkey)
        const alphaStakeRao = entryOf(pallet, 'TotalHotkeyAlpha', hotkey, netuid)
        holders[uid] = { hotkey, coldkey, alphaStakeRao }
        unread.push(coldkey, alphaStakeRao)
      }
      if (unread.length > 0) settle(unread)
      holders.length = count
      holders.forEach(({ hotkey, coldkey, alphaStakeRao }, uid) =>
        put(hotkey, String(coldkey.value()), permitted[uid] ?? false, alphaStakeRao.value() as bigint),
      )
    },
    storage: (palletName, item, keys) => entryOf(palletName, item, ...keys).value(),
    print: (line) => process.stderr.write(`${line}\n`),
  }
  const marksOf = clock && openMarks(clock)
  const sandboxes = new Map<number, Sandbox>()
  /** Opened at its first call: what is wrong with it is then the call's fault. */
  const sandboxOf = (number: number): [Sandbox, string] => {
    const hook = hooks[number]
    if (hook === undefined) throw new GuestTrap(`it called hook ${number}, which there is not`)
    const sandbox = sandboxes.get(number) ?? openSandbox(hook.program, hook.params, sources, marksOf?.(number))
    sandboxes.set(number, sandbox)
    return [sandbox, hook.program.file]
  }

  const stakeWeights = (sandbox: Sandbox, file: string, netuid: number, pointer: number, count: number): void => {
    memory.check(pointer, count * weightBytes)
    const given = Array.from({ length: count }, (_, uid) => {
      const at = pointer + uid * weightBytes
      return (memory.view.getBigInt64(at + 8, true) << 64n) | memory.view.getBigUint64(at, true)
    })
    const block = Number(blockNumber.value())
    const returned = sandbox.stakeWeights(block, netuid, given)
    returned.forEach((weight, uid) => {
      // Weights of the runtime's own may be anything.
      if (weight === given[uid] || (weight >= 0n && weight <= maxWeight)) return
      const problem = `the weight of uid ${uid} is ${weight}`
      throw badResult(file, 'stakeWeights', block, netuid, problem)
    })
    memory.check(pointer, count * weightBytes)
    returned.forEach((weight, uid) => {
      const at = pointer + uid * weightBytes
      memory.view.setBigUint64(at, BigInt.asUintN(64, weight), true)
      memory.view.setBigInt64(at + 8, weight >> 64n, true)
    })
  }

  const rolePools = (sandbox: Sandbox, file: string, netuid: number, pointer: number): void => {
    memory.check(pointer, poolsBytes)
    const [epochRao, serverRao, validatorRao] = [0, 8, 16].map((at) =>
      memory.view.getBigUint64(pointer + at, true),
    ) as [bigint, bigint, bigint]
    const block = Number(blockNumber.value())
    const returned = sandbox.rolePools(block, netuid, { epochRao, serverRao, validatorRao })
    for (const [name, rao] of Object.entries(returned)) {
      if (!isRao(rao)) throw badResult(file, 'rolePools', block, netuid, `${name} is ${rao}`)
    }
    const [givenRao, returnedRao] = [serverRao + validatorRao, returned.serverRao + returned.validatorRao]
    if (givenRao !== returnedRao) {
      const details = { at: file, during: duringCall('rolePools', block, netuid), pool: 'two pools' }
      throw new HookFault({ kind: 'unbalanced', details: { ...details, givenRao, returnedRao } })
    }
    host.poolMoves.set(netuid, returned.serverRao - serverRao)
    memory.check(pointer, poolsBytes)
    memory.view.setBigUint64(pointer + 8, returned.serverRao, true)
    memory.view.setBigUint64(pointer + 16, returned.validatorRao, true)
  }

  const epochRewards = (sandbox: Sandbox, file: string, netuid: number, pointer: number, count: number): void => {
    memory.check(pointer, count * rewardBytes)
    const { view } = memory
    const hotkeys = hotkeysOf(netuid, count)
    const givenRao = [sumOf(view, pointer, count, serverAt), sumOf(view, pointer, count, validatorAt)] as const
    const block = Number(blockNumber.value())
    const returned = sandbox.epochRewards(block, netuid, (put) => {
      for (let uid = 0; uid < count; uid += 1) {
        const at = pointer + uid * rewardBytes
        put(
          String(hotkeys[uid]?.value()),
          view.getBigUint64(at + serverAt, true),
          view.getBigUint64(at + validatorAt, true),
          view.getUint16(at + 16, true),
          view.getUint16(at + 18, true),
          view.getUint16(at + 20, true),
        )
      }
    })
    const problem = rowProblem(returned, count)
    if (problem !== undefined) throw badResult(file, 'epochRewards', block, netuid, problem)
    // The hook may have read storage, for which the memory may have grown.
    memory.check(pointer, count * rewardBytes)
    for (let at = 0; at < returned.length; at += 3) {
      const row = pointer + (returned[at] as number) * rewardBytes
      memory.view.setBigUint64(row + serverAt, returned[at + 1] as bigint, true)
      memory.view.setBigUint64(row + validatorAt, returned[at + 2] as bigint, true)
    }
    for (const [pool, at, given] of [
      ["miners' pool", serverAt, givenRao[0]],
      ["validators' pool", validatorAt, givenRao[1]],
    ] as const) {
      const returnedRao = sumOf(memory.view, pointer, count, at)
      if (given === returnedRao) continue
      const details = { at: file, during: duringCall('epochRewards', block, netuid), pool }
      throw new HookFault({ kind: 'unbalanced', details: { ...details, givenRao: given, returnedRao } })
    }
  }

  return (key) => {
    if (spanLength(key) !== keyBytes) return undefined
    const offset = spanOffset(key)
    memory.check(offset, keyBytes)
    for (let at = 0; at < keyName.length; at += 1) if (memory.bytes[offset + at] !== keyName[at]) return undefined
    const word = (index: number): number => memory.view.getUint32(offset + keyName.length + 4 * index, true)
    const [place, hook, netuid, pointer, count] = [word(0), word(1), word(2), word(3), word(4)]
    if (place === stakeWeightsPlace) stakeWeights(...sandboxOf(hook), netuid, pointer, count)
    else if (place === rolePoolsPlace) rolePools(...sandboxOf(hook), netuid, pointer)
    else if (place === epochRewardsPlace) epochRewards(...sandboxOf(hook), netuid, pointer, count)
    else throw new GuestTrap(`it called a hook at place ${place}, which there is not`)
    return done
  }
}

function isRao(amount: bigint): boolean {
  return amount >= 0n && amount <= maxRao
}

function badResult(at: string, member: string, block: number, netuid: number, problem: string): HookFault {
  const fault: HookFaultMessage = {
    kind: 'badResult',
    details: { at, during: duringCall(member, block, netuid), problem },
  }
  return new HookFault(fault)
}

/** What is wrong with rows (of each uid, server and validator rao): each uid once, and amounts that the chain can hold. */
function rowProblem(rows: readonly (number | bigint)[], count: number): string | undefined {
  const seen = new Uint8Array(count)
  for (let at = 0; at < rows.length; at += 3) {
    const [uid, serverRao, validatorRao] = [rows[at] as number, rows[at + 1] as bigint, rows[at + 2] as bigint]
    if (!Number.isInteger(uid) || uid < 0 || uid >= count) return `there is no uid ${uid}`
    if (seen[uid] === 1) return `uid ${uid} stands twice`
    seen[uid] = 1
    if (!isRao(serverRao)) return `serverRao of uid ${uid} is ${serverRao}`
    if (!isRao(validatorRao)) return `validatorRao of uid ${uid} is ${validatorRao}`
  }
  return rows.length === 3 * count ? undefined : `it has ${rows.length / 3} rows for ${count} uids`
}

/** Sum of an amount of all rows. By halves: a bigint for each would cost more than all the rest of a hook that does little. */
function sumOf(view: DataView, pointer: number, count: number, amountAt: number): bigint {
  let [low, high] = [0, 0]
  for (let uid = 0; uid < count; uid += 1) {
    const at = pointer + uid * rewardBytes + amountAt
    low += view.getUint32(at, true)
    high += view.getUint32(at + 4, true)
  }
  return (BigInt(high) << 32n) + BigInt(low)
}
