import { connect, createServer } from 'node:net'
import { portTaken } from '../errors/rehearsal.js'

const host = '127.0.0.1'
const connectMs = 1_000

/** `count` free ports: any, or those from `base` on.
 *  @throws E814 */
export async function freePorts(count: number, base: number | undefined): Promise<number[]> {
  const wanted = Array.from({ length: count }, (_, index) => (base === undefined ? 0 : base + index))
  const held = await Promise.all(wanted.map(hold))
  // All are held until all are known: none is given twice.
  await Promise.all(held.map((each) => each?.release()))
  return held.map((each, index) => {
    if (each === undefined) throw portTaken({ port: wanted[index] ?? 0 })
    return each.port
  })
}

/** Whether nobody listens there; whoever does is not disturbed. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host, timeout: connectMs })
    const settle = (free: boolean) => {
      socket.destroy()
      resolve(free)
    }
    socket.once('connect', () => settle(false))
    socket.once('timeout', () => settle(false))
    socket.once('error', () => settle(true))
  })
}

function hold(port: number): Promise<{ port: number; release: () => Promise<void> } | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen(port, host, () => {
      const address = server.address()
      const release = () => new Promise<void>((closed) => server.close(() => closed()))
      resolve({ port: typeof address === 'object' && address !== null ? address.port : port, release })
    })
  })
}
