// A node that answers late: what a fork asks, over HTTP and WebSocket; it counts messages and the bytes of its answers.
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocketServer } from 'ws'
import { blockHash } from '../dist/fork/blockHeader.js'
import { lowerBound } from '../dist/fork/sortedKeys.js'

export async function openSlowNode(storage, header, latencyMs) {
  const hash = blockHash(header)
  const sorted = [...storage.keys()].sort()
  const methods = {
    system_chain: () => 'bench',
    system_name: () => 'bench',
    system_properties: () => ({}),
    chain_getBlockHash: () => hash,
    chain_getFinalizedHead: () => hash,
    chain_getHeader: () => ({ ...header, number: `0x${header.number.toString(16)}`, digest: { logs: [] } }),
    state_getStorage: ([key]) => storage.get(key) ?? null,
    state_queryStorageAt: ([keys]) => [{ block: hash, changes: keys.map((key) => [key, storage.get(key) ?? null]) }],
    state_getKeysPaged: ([prefix, count, after]) => {
      const first = lowerBound(sorted, after === null ? prefix : `${after}00`)
      return sorted.slice(first, first + count).filter((key) => key.startsWith(prefix))
    },
  }
  const counted = { roundTrips: 0, bytes: 0 }
  const answer = ({ id, method, params }) => ({ jsonrpc: '2.0', id, result: methods[method](params) })
  const handle = async (text) => {
    const asked = JSON.parse(text)
    counted.roundTrips += 1
    await sleep(latencyMs)
    const answered = JSON.stringify(Array.isArray(asked) ? asked.map(answer) : answer(asked))
    counted.bytes += answered.length
    return answered
  }
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    response.end(await handle(text))
  })
  const sockets = new WebSocketServer({ server, maxPayload: 2 ** 30 })
  sockets.on('connection', (socket) => {
    socket.on('message', async (data) => socket.send(await handle(data.toString())))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  const close = () => {
    for (const socket of sockets.clients) socket.terminate()
    server.close()
  }
  return { http: `http://127.0.0.1:${port}`, ws: `ws://127.0.0.1:${port}`, counted, close }
}
