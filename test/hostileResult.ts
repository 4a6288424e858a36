import type { RunResult } from '../harness/report/runResult.js'

/** What a chain, a data file or an edited result can call itself. */
export const hostileNames: readonly string[] = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  ']]></system-out><x>&amp;&lt;',
  '\u202egnp.exe\u2066',
  'x'.repeat(10_240),
  '\u0000\u0007\u001b[2J\u001b]0;title\u0007\u009b31m\r\n\t\uffff\ud800',
  '=HYPERLINK("https://evil.example","x")',
  "+1+cmd|' /C calc'!A0",
  '-2+3',
  '@SUM(1+1)',
  '| a | b |\n|---|---|',
  '<!--',
  '</script></title></style><svg onload=alert(1)>',
  "' onmouseover='alert(1)",
  `a${'\u0301'.repeat(5000)}`,
  '</details></details>\n\n# heading\n\n![x](https://evil.example/x.png) [y](javascript:alert(1)) @everyone #1',
  '```\n````',
  "'; rm -rf ~; echo '$(id)`id`",
]

/** What moves a cursor or hides or reorders text, line ends apart. */
// eslint-disable-next-line no-control-regex
export const invisible = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/

/** The result with every text that is not the tool's own replaced by `name`. */
export function hostileResult(result: RunResult, name: string): RunResult {
  return {
    ...result,
    tool: { ...result.tool, version: name },
    scenario: { ...result.scenario, name, title: name, file: name, overrides: [name, name] },
    patches: [{ kind: 'policy', policy: name, params: { [name]: name } }],
    fork: {
      source: { kind: 'chain', name },
      trust: name,
      block: { number: 1, hash: name },
      recorded: [name],
      assumed: [name],
    },
    rewards: {
      ...result.rewards,
      accounts: result.rewards.accounts.map((account) => ({ ...account, hotkey: name, coldkey: name })),
    },
    neurons: result.neurons.map((neurons) => ({
      ...neurons,
      hotkeys: neurons.hotkeys.map(() => name),
      coldkeys: neurons.coldkeys.map(() => name),
    })),
    subnets: result.subnets.map((subnet) => ({ ...subnet, name })),
    identities: { [name]: name },
    checks: (['error', 'warning', 'info', 'pass'] as const).map((level) => {
      return { name, level, seen: name, expected: name, why: name }
    }),
    mocks: [name],
    attribution: attributionOf(name),
  }
}

function attributionOf(name: string): RunResult['attribution'] {
  const whole = { roles: [{ netuid: 31, role: 'miner' as const, changeRao: '-1500000000' }], metrics: [] }
  const failed = { patches: [0], effect: null, error: name }
  return { whole, alone: [failed], allBut: [{ ...failed, effect: whole, error: null }], interaction: null }
}
