import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { outputNotWritable } from '../errors/output.js'
import type { Rehearsal } from './rehearse.js'
import { serialiseRehearsal } from './rehearsalResult.js'
import { renderRehearsal } from './renderRehearsal.js'

/** Makes the folder and tries it, before a network is started.
 *  @throws E702 */
export async function prepareRehearsalFolder(folder: string): Promise<void> {
  await orRefuse(folder, async () => {
    await mkdir(join(folder, 'logs'), { recursive: true })
    await writeFile(join(folder, 'rehearsal.txt'), '')
  })
}

/** rehearsal.json, rehearsal.txt, the nodes' logs, and blocks.json.gz: genesis and blocks, which repeat it without a node.
 *  @throws E702 */
export async function writeRehearsal(folder: string, { result, logs, recording }: Rehearsal): Promise<void> {
  await orRefuse(folder, async () => {
    await writeFile(join(folder, 'rehearsal.json'), serialiseRehearsal(result))
    await writeFile(join(folder, 'rehearsal.txt'), renderRehearsal(result))
    for (const [name, log] of logs) await writeFile(join(folder, 'logs', `${name}.log`), log)
    const { genesis, blocks } = recording
    const text = JSON.stringify({ recordingVersion: 1, genesis: Object.fromEntries(genesis), blocks })
    await writeFile(join(folder, 'blocks.json.gz'), gzipSync(text, { level: 9 }))
  })
}

async function orRefuse(folder: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (cause) {
    throw outputNotWritable({ folder, reason: cause instanceof Error ? cause.message : String(cause) }, { cause })
  }
}
