/** A result of a network's size made of a small one: its subnets repeated under other netuids, its accounts under other addresses.
 *  What it says is made up; its size and shape are not.
 *  @param {import('../dist/report/runResult.js').RunResult} result */
export function enlarged(result, { subnets, accounts }) {
  const known = [...new Set(result.epochs.map(({ netuid }) => netuid))]
  const netuids = Array.from({ length: subnets }, (_, index) => index + 1)
  const repeated = (records) =>
    netuids.flatMap((netuid, index) =>
      records
        .filter((record) => record.netuid === known[index % known.length])
        .map((record) => ({ ...record, netuid })),
    )
  const tagged = (address, tag) => address.slice(0, -8) + String(tag).padStart(8, 'x')
  const rows = result.rewards.accounts.map((account, index) => ({ ...account, ledger: result.ledger[index] }))
  const many = netuids.flatMap((netuid, index) => {
    const own = rows.filter((row) => row.netuid === known[index % known.length])
    const wanted = Math.floor(((index + 1) * accounts) / subnets) - Math.floor((index * accounts) / subnets)
    return Array.from({ length: wanted }, (_, place) => {
      const { hotkey, coldkey, ...row } = own[place % own.length]
      const tag = netuid * 1000 + Math.floor(place / own.length)
      return { ...row, netuid, hotkey: tagged(hotkey, tag), coldkey: tagged(coldkey, tag) }
    })
  })
  return {
    ...result,
    epochs: repeated(result.epochs),
    rewards: {
      ...result.rewards,
      roles: repeated(result.rewards.roles),
      accounts: many.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => name !== 'ledger'))),
    },
    ledger: many.map(({ ledger }) => ledger),
    concentration: repeated(result.concentration),
    series: repeated(result.series),
    correlations: repeated(result.correlations),
    movers: repeated(result.movers),
    transfers: repeated(result.transfers),
    neurons: repeated(result.neurons),
    subnets: repeated(result.subnets),
  }
}
