import type { RuntimeCall, RuntimeCalls } from '../fork/runtimeCalls.js'

/** The call inside one of Sudo: its bytes stand where the argument `call` is. */
export function asRoot(calls: RuntimeCalls, sudo: RuntimeCall, inner: Uint8Array): Uint8Array {
  const weight = { ref_time: 0, proof_size: 0 }
  const remark = calls.find('System.remark')
  if (remark === undefined) throw new RangeError('the runtime has no System.remark')
  const stands = calls.encode(remark, { remark: '0x' })
  const args = { call: { [remark.pallet]: { [remark.call]: { remark: '0x' } } } }
  const template = calls.encode(sudo, sudo.args.includes('weight') ? { ...args, weight } : args)
  // Pallet and call take a byte each; then the inner call, then what follows it.
  return Uint8Array.from([...template.subarray(0, 2), ...inner, ...template.subarray(2 + stands.length)])
}
