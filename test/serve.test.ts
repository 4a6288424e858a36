import { afterEach, describe, expect, it } from '@jest/globals'
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { realRuntime } from './olderLayout.js'
import { type ServedArm, serveArm } from './servedArm.js'
import { writeChainSpec } from './writeChainSpec.js'
import { openEngine } from '../harness/engine/openEngine.js'
import { blockHash } from '../harness/fork/blockHeader.js'
import type { Hex } from '../harness/fork/forkState.js'
import { getHeader } from '../harness/fork/rpc/pinBlock.js'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const small = 'scenarios/small-stake-cap.yaml'
const CODE = '0x3a636f6465'
/** System.Number */
const NUMBER = '0x26aa394eea5630e07c48ae0c9558cef702a5c1b19ab7a04f536c519aca4983ac'

const started: ServedArm[] = []
afterEach(() => {
  for (const served of started.splice(0)) served.kill()
})

const serve = async (args: readonly string[]): Promise<ServedArm> => {
  const served = await serveArm(args)
  started.push(served)
  return served
}

/** A client: answers by id, and what is pushed to it. */
async function connect(url: string) {
  const socket = new WebSocket(url)
  await once(socket, 'open')
  const waiting = new Map<number, (answer: { result?: unknown; error?: { code: number } }) => void>()
  const pushed: { method: string; params: { result: { number: string } } }[] = []
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString())
    if (typeof message.id === 'number') waiting.get(message.id)?.(message)
    else pushed.push(message)
  })
  let id = 0
  const ask = (method: string, ...params: unknown[]) =>
    new Promise<{ result?: unknown; error?: { code: number } }>((resolve) => {
      id += 1
      waiting.set(id, resolve)
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
    })
  const result = async (method: string, ...params: unknown[]) => {
    const answer = await ask(method, ...params)
    if (answer.error !== undefined) throw new Error(`${method}: ${JSON.stringify(answer.error)}`)
    return answer.result
  }
  return { ask, result, pushed, close: () => socket.close() }
}

/** A fork refuses a block whose header does not have its hash. */
async function expectNamedByItsHeader({ result }: Awaited<ReturnType<typeof connect>>, hash: unknown): Promise<void> {
  const { data } = await getHeader(hash as Hex).result.safeParseAsync(await result('chain_getHeader', hash))
  expect(data && blockHash(data)).toBe(hash)
}

const blockOf = (header: unknown): number => Number((header as { number: string }).number)

describe('an arm that is served', () => {
  it('answers a client: storage, runtime calls, new blocks; and ends with Ctrl-C', async () => {
    const served = await serve([small])
    const client = await connect(served.url)
    expect(await client.result('state_getStorage', NUMBER)).toBe('0xa0860100')
    expect(await client.result('state_call', 'Core_version', '0x')).toMatch(/^0x386e6f64652d73756274656e736f72/)
    expect(await client.result('state_getKeysPaged', NUMBER, 10)).toEqual([NUMBER])
    const code = String(await client.result('state_getStorage', CODE))

    expect(blockOf(await client.result('chain_getHeader'))).toBe(100_000)
    await expectNamedByItsHeader(client, await client.result('chain_getFinalizedHead'))
    await client.result('chain_subscribeNewHeads')
    const hash = await client.result('dev_newBlock', { count: 2 })
    expect(blockOf(await client.result('chain_getHeader', hash))).toBe(100_002)
    await expectNamedByItsHeader(client, hash)
    expect(await client.result('state_getStorage', NUMBER)).toBe('0xa2860100')
    expect(client.pushed.map(({ params }) => Number(params.result.number))).toContain(100_002)

    expect((await client.ask('no_such_method')).error?.code).toBe(-32_601)
    // A fork proves nothing, and `--verify` hears it at once.
    expect((await client.ask('state_getReadProof', [NUMBER])).error?.code).toBe(-32_601)
    expect((await client.ask('state_call', 'No_such_function', '0x')).error).toBeDefined()
    const body = JSON.stringify([{ jsonrpc: '2.0', id: 1, method: 'system_chain', params: [] }, 7])
    const posted = await fetch(served.url.replace('ws', 'http'), { method: 'POST', body })
    const [chain, unknown] = (await posted.json()) as { result?: string; error?: unknown }[]
    expect(chain?.result).toBe('epochdiff small-stake-cap (candidate)')
    expect(unknown?.error).toBeDefined()
    expect(await served.end()).toBe(0)

    const baseline = await serve([small, '--arm', 'baseline'])
    const other = await connect(baseline.url)
    // Only the candidate has the policy woven in.
    expect(code.length).toBeGreaterThan(String(await other.result('state_getStorage', CODE)).length)
    other.close()
    expect(await baseline.end()).toBe(0)
    expect(baseline.errors()).not.toMatch(/rror/)
  })

  const real = realRuntime(293)
  const itReal = real === undefined ? it.skip : it
  itReal(
    `builds blocks of spec 293${real === undefined ? ' (skipped: EPOCHDIFF_RUNTIMES has no such runtime)' : ''}`,
    async () => {
      if (real === undefined) return
      const folder = mkdtempSync(join(tmpdir(), 'epochdiff-'))
      const engine = await openEngine('native')
      try {
        const fork = await writeChainSpec(engine, real, folder, 's')
        const scenario = `version: 1\nname: real\ntitle: Real\nfork: ${fork}\nruntime: on-chain\nsubnets: [1]\nreplay: { epochs: 1, mode: jump }\npatches: []\n`
        writeFileSync(join(folder, 's.yaml'), scenario)
        const served = await serve([join(folder, 's.yaml')])
        const client = await connect(served.url)
        const hash = await client.result('dev_newBlock')
        expect(blockOf(await client.result('chain_getHeader', hash))).toBe(100_001)
        await expectNamedByItsHeader(client, await client.result('chain_getBlockHash', 100_000))
        client.close()
        expect(await served.end()).toBe(0)
      } finally {
        await engine.close()
        rmSync(folder, { recursive: true })
      }
    },
  )
})
