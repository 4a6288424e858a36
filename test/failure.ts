import { expect } from '@jest/globals'
import { EpochdiffError } from '../harness/errors/epochdiffError.js'

/** The numbered error that ends the work. */
export async function failure(work: Promise<unknown>): Promise<EpochdiffError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(EpochdiffError)
  return error as EpochdiffError
}
