import type { RuntimeInspection } from '../runtime/inspectRuntime.js'
import { printable } from './printable.js'

/** A runtime as a person reads it. Whatever comes from the blob is made printable. */
export function renderInspection(found: RuntimeInspection, from: string): string {
  const { hostFunctions, hooks, policies, woven } = found
  const missing = hostFunctions.filter(({ inEngine }) => !inEngine).map(({ name }) => name)
  const version =
    found.specVersion === null ? 'not stated in the blob' : `${found.specName} ${found.specVersion} (${found.implName})`
  const lines = [
    ['runtime', from],
    ['version', version],
    [
      'size',
      found.compressed
        ? `${found.blobBytes} bytes, compressed; ${found.wasmBytes} as wasm`
        : `${found.wasmBytes} bytes`,
    ],
    ['sha256', found.wasmSha256 + (found.compressed ? ` (of the blob ${found.blobSha256})` : '')],
    ['names', found.hasFunctionNames ? 'of its functions are kept' : 'none: functions are known by their instructions'],
    [
      'needs',
      `${hostFunctions.length} host functions; ${missing.length === 0 ? 'the native engine has them all' : `the native engine lacks ${missing.join(', ')}`}`,
    ],
    ['woven', woven === null ? 'nothing by epochdiff' : JSON.stringify(woven)],
  ].map(([title = '', text = '']) => `${title.padEnd(9)}${printable(text)}`)
  const places = hooks.flatMap(({ hook, place, refused }) => {
    const title = `hook ${hook}`
    if (place === null)
      return [title, `  refused  ${refused?.code}: ${printable(refused?.short ?? '')}`, `  instead  ${refused?.fix}`]
    const callers = place.callers.map(({ name, sites }) => `${name} (${sites})`).join(', ')
    return [
      title,
      `  place    ${place.functionName} ${place.signature}, function ${place.functionIndex}, known by its ${place.identifiedBy === 'name' ? 'name' : 'instructions'}`,
      `  layout   ${place.layout}, probed by each run; policies act ${place.acts === 'before' ? 'on what it is called with' : 'on its result'}`,
      `  callers  ${printable(callers)}`,
      ...(hook === 'epoch_rewards'
        ? [`  pools    ${place.payout === null ? 'cannot be moved' : `move in ${place.payout}`}`]
        : []),
    ]
  })
  const list = (possible: boolean) =>
    policies
      .filter((policy) => policy.possible === possible)
      .map(({ policy }) => policy)
      .join(', ') || 'none'
  return [...lines, '', ...places, '', `can weave     ${list(true)}`, `cannot weave  ${list(false)}`, ''].join('\n')
}
