import { beforeAll, describe, expect, it } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { parseSubnetsTable, readSubnetsTable } from './subnetsTable.js'

const file = fileURLToPath(new URL('../../scenarios/data/subnets-6521727.json.gz', import.meta.url))
const SHA256 = 'd9ca770b2fcb250afcee4d28407073571913bdf0e605d2cd535e17dbc47b9bf7'

type Columns = Record<string, unknown[]>
type Json = Record<string, unknown> & { subnets: Columns }
let text: string
beforeAll(async () => {
  text = gunzipSync(await readFile(file)).toString()
})

describe('the table of subnets', () => {
  it('is what scenarios/data/README.md says', async () => {
    const { block, n, subnets } = await readSubnetsTable(file, SHA256)
    expect(block).toBe(6_521_727)
    expect(n).toBe(129)
    expect(subnets.subnetworkN.slice(1).reduce((sum, uids) => sum + uids, 0)).toBe(33_529)
    // The price of subnet 1, 0.011914 TAO, in parts of 2^32.
    expect((BigInt(subnets.alphaSqrtPrice[1] ?? 0) ** 2n) >> 96n).toBe(51_171_034n)
  })

  it('is refused when altered', async () => {
    await expect(readSubnetsTable(file, `0${SHA256.slice(1)}`)).rejects.toMatchObject({ code: 'E212' })
    await expect(readSubnetsTable(`${file}.none`, SHA256)).rejects.toMatchObject({ code: 'E211' })
  })

  it.each<[RegExp, (json: Json) => unknown]>([
    [/format: /, (json) => (json['format'] = 'subnets-table/2')],
    [/blockHash: /, (json) => (json['blockHash'] = '0x12')],
    [/subnets\.tempo: /, ({ subnets }) => subnets['tempo']?.pop()],
    [/subnets\.tempo\.5: /, ({ subnets }) => subnets['tempo']?.splice(5, 1, 0)],
    [/subnets\.kappa\.7: /, ({ subnets }) => subnets['kappa']?.splice(7, 1, 65_536)],
    [/subnets\.netuid\.3: netuid 3 is wanted/, ({ subnets }) => subnets['netuid']?.splice(3, 1, 4)],
    [
      /subnets\.alphaSqrtPrice\.9: a subnet has a price/,
      ({ subnets }) => subnets['alphaSqrtPrice']?.splice(9, 1, null),
    ],
    [/subnets\.alphaSqrtPrice\.9: /, ({ subnets }) => subnets['alphaSqrtPrice']?.splice(9, 1, '1e9')],
    [/subnets\.ownerColdkey\.1: no SS58 address/, ({ subnets }) => subnets['ownerColdkey']?.splice(1, 1, '5F')],
    [/subnets: /, ({ subnets }) => (subnets['more'] = [])],
  ])('is refused: %s', (message, change) => {
    const json = JSON.parse(text) as Json
    change(json)
    expect(() => parseSubnetsTable(json, 'x')).toThrow(message)
  })
})
