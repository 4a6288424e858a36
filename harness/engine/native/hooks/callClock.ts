import type { RealmTask } from './realm.js'

// node:vm's own time limit starts a thread for each call, which costs more than most hooks. So the thread of an arm with hooks
// only marks where it is, and the main thread of its process, which has nothing else to do, looks how long it has been there.

/** Marks of the calls of one hook, set by the thread that makes them. */
export interface CallMarks {
  begin(task: RealmTask): void
  end(): void
}

/** What a hook was at, as errors say it. */
export function duringTask(task: RealmTask): string {
  return task.task === 'load' ? 'as it was loaded' : duringCall(task.task, task.at.block, task.at.netuid)
}

export function duringCall(member: string, block: number, netuid: number): string {
  return `in ${member} at block ${block}, subnet ${netuid}`
}

/** In what the threads share: odd during a call; the hook's number; the place of its task; the subnet; then the block. */
const [changesAt, hookAt, taskAt, netuidAt, words] = [0, 1, 2, 3, 4]
const blockOffset = 4 * words
const tasks = ['load', 'stakeWeights', 'rolePools', 'epochRewards'] as const satisfies readonly RealmTask['task'][]

export function sharedClock(): SharedArrayBuffer {
  return new SharedArrayBuffer(blockOffset + 8)
}

/** @returns the marks of the hook of a number */
export function openMarks(shared: SharedArrayBuffer): (hook: number) => CallMarks {
  const place = new Int32Array(shared, 0, words)
  const block = new Float64Array(shared, blockOffset, 1)
  return (hook) => ({
    begin(task) {
      place[hookAt] = hook
      place[taskAt] = tasks.indexOf(task.task)
      if ('at' in task) [place[netuidAt], block[0]] = [task.at.netuid, task.at.block]
      Atomics.add(place, changesAt, 1)
    },
    end() {
      Atomics.add(place, changesAt, 1)
    },
  })
}

/** Tells once of a call that takes longer than the limit. Keeps no process alive.
 *  @param waits whether the thread waits for what it reads of a fork: that time is not the call's */
export function watchCalls(
  shared: SharedArrayBuffer,
  limitMs: number,
  waits: () => boolean,
  tell: (hook: number, task: RealmTask) => void,
): void {
  const place = new Int32Array(shared, 0, words)
  const block = new Float64Array(shared, blockOffset, 1)
  let seen = 0
  let since = 0
  const timer = setInterval(() => {
    const changes = Atomics.load(place, changesAt)
    const now = performance.now()
    if (changes % 2 === 0 || changes !== seen || waits()) [seen, since] = [changes, now]
    else if (now - since > limitMs) {
      clearInterval(timer)
      const at = { block: block[0] as number, netuid: place[netuidAt] as number }
      const task = tasks[place[taskAt] as number] as (typeof tasks)[number]
      tell(place[hookAt] as number, task === 'load' ? { task } : { task, at })
    }
  }, limitMs / 20)
  timer.unref()
}
