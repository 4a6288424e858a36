import { z } from 'zod'
import { stateDisproved, stateUnproven } from '../../errors/chain.js'
import type { Hex, StatePart } from '../forkState.js'
import type { KeyRange } from '../keyRanges.js'
import { hashSchema, hexSchema } from '../rpc/hexSchema.js'
import { NodeError, request, type RpcClient } from '../rpc/rpcClient.js'
import { ProofIncomplete, provenState, valueHash } from './provenState.js'

/** Keys proven in a message. */
const KEYS = 200

const proofSchema = z.looseObject({ at: hashSchema, proof: z.array(hexSchema) })

/** Checks what nodes say against the state root of the block. */
export interface Prover {
  /** @throws E240 for a value, or the lack of one, that the state root disproves; E241 without a proof */
  values(part: Pick<StatePart, 'entries' | 'absent'>): Promise<void>
  /** @param listed the keys of each range, ascending, their values proven before
   *  @throws E240 when a range has others, E241 */
  ranges(listed: readonly (readonly [range: KeyRange<Hex>, keys: readonly Hex[]])[]): Promise<void>
}

/** @param describe names a key for errors */
export function openProver(
  client: RpcClient,
  block: { readonly hash: Hex; readonly number: number; readonly stateRoot: Hex },
  describe: (key: Hex) => string,
): Prover {
  const proven = provenState(block.stateRoot)
  const endpoint = (): string => client.used().join(', ')
  const disproved = (what: string) => stateDisproved({ endpoint: endpoint(), what, block: String(block.number) })

  const fetchProof = async (keys: readonly Hex[]): Promise<void> => {
    const chunks = Array.from({ length: Math.ceil(keys.length / KEYS) }, (_, index) =>
      keys.slice(index * KEYS, (index + 1) * KEYS),
    )
    try {
      // One a message: a proof is large.
      const proofs = await client.ask(
        chunks.map((chunk) => request('state_getReadProof', [chunk, block.hash], proofSchema)),
        1,
      )
      for (const { proof } of proofs) proven.add(proof)
    } catch (error) {
      if (error instanceof NodeError)
        throw stateUnproven({ endpoint: error.endpoint, reason: error.reason }, { cause: error })
      throw error
    }
  }
  const look = <Result>(work: () => Result): Result => {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof ProofIncomplete || error instanceof RangeError)) throw error
      throw stateUnproven({ endpoint: endpoint(), reason: error.message }, { cause: error })
    }
  }

  return {
    async values({ entries, absent }) {
      await fetchProof([...entries.map(([key]) => key), ...absent])
      for (const [key, value] of entries) {
        const shown = look(() => proven.lookUp(key))
        if (shown === 'absent') throw disproved(`it gives a value for ${describe(key)}, which has none`)
        if (shown.valueHash !== valueHash(value))
          throw disproved(`the value it gives for ${describe(key)} is not the one in the state`)
      }
      for (const key of absent) {
        if (look(() => proven.lookUp(key)) !== 'absent')
          throw disproved(`it says that ${describe(key)} has no value, and it has one`)
      }
    },
    async ranges(listed) {
      // What lies at the borders shows that nothing else does.
      await fetchProof([...new Set(listed.flatMap(([{ from, to }]) => (to === undefined ? [from] : [from, to])))])
      for (const [range, keys] of listed) {
        const shown = new Set(await keysIn(range, keys))
        const told = new Set(keys)
        const omitted = [...shown].find((key) => !told.has(key))
        if (omitted !== undefined) throw disproved(`it leaves out ${describe(omitted)}`)
        const invented = keys.find((key) => !shown.has(key))
        if (invented !== undefined) throw disproved(`it lists ${describe(invented)}, which is not in the state`)
      }
    },
  }

  /** A run that goes on with what an earlier one proved has not seen those proofs: they are fetched again. */
  async function keysIn(range: KeyRange<Hex>, keys: readonly Hex[]): Promise<Hex[]> {
    try {
      return proven.keysIn(range).map(([key]) => key)
    } catch (error) {
      if (!(error instanceof ProofIncomplete)) throw error
      await fetchProof(keys)
      try {
        return proven.keysIn(range).map(([key]) => key)
      } catch (again) {
        // A key that is not listed hides what lies below it.
        if (again instanceof ProofIncomplete) throw disproved(`it leaves out ${describe(again.below)}`)
        throw again
      }
    }
  }
}
