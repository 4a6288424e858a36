import { receiveMessageOnPort } from 'node:worker_threads'
import type { StatePart, StateQuestion } from '../../fork/forkState.js'
import type { KeyRange } from '../../fork/keyRanges.js'
import type { Hex } from '../../fork/forkState.js'
import type { Unread } from '../../fork/knownState.js'
import { GuestTrap } from './guestFault.js'
import type { WorkerStart } from './protocol.js'
import { bytesFromHex, childStart, isChildKey, keyToHex, mainKeyFromHex, type StorageKey } from './storageKey.js'

type KeyQuestion = StateQuestion<StorageKey>

/** How the worker learns what it was not given: it sleeps in the middle of a call until the main thread has the answer.
 *  @param post takes the question to the main thread */
export function readThrough(
  { ranges, answers, awake }: NonNullable<WorkerStart['unread']>,
  post: (question: StateQuestion) => void,
): Unread<Uint8Array> {
  return {
    ranges: ranges.map(decodeRange),
    zero: '\0',
    end: childStart,
    ask: (question) => {
      post(encodeQuestion(question))
      // The main thread may still wake it for the answer before: only a 1 says that this one is there.
      while (Atomics.load(awake, 0) === 0) Atomics.wait(awake, 0, 0)
      Atomics.store(awake, 0, 0)
      const received = receiveMessageOnPort(answers)
      if (received === undefined) throw new Error('The worker was woken without an answer.')
      const { entries, absent, ranges: read } = received.message as StatePart
      return {
        entries: entries.map(([key, value]) => [mainKeyFromHex(key), bytesFromHex(value)]),
        absent: absent.map(mainKeyFromHex),
        ranges: read.map(decodeRange),
      }
    },
  }
}

/** The end of the main trie is not the end of all keys. */
function decodeRange({ from, to }: KeyRange<Hex>): KeyRange<StorageKey> {
  return { from: mainKeyFromHex(from), to: to === undefined ? childStart : mainKeyFromHex(to) }
}

function encodeQuestion(question: KeyQuestion): StateQuestion {
  switch (question.kind) {
    case 'keys':
      return { kind: 'keys', keys: question.keys.map(mainKeyToHex) }
    case 'below':
      return { kind: 'below', prefix: mainKeyToHex(question.prefix) }
    case 'from':
      return { kind: 'from', key: mainKeyToHex(question.key) }
  }
}

function mainKeyToHex(key: StorageKey): Hex {
  if (isChildKey(key)) throw new GuestTrap('it reads a child trie, and the fork has only the main trie')
  return keyToHex(key)
}
