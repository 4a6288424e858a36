/** Colours by what they mean, light and dark. Contrast against the surface is at least 4.5 for what is text. */
const meanings = {
  ink: ['#16202c', '#e8edf3'],
  muted: ['#566274', '#a4b1c2'],
  line: ['#d9dfe7', '#313c4a'],
  surface: ['#ffffff', '#161d26'],
  page: ['#f4f6f9', '#0e141b'],
  accent: ['#1d5fc4', '#7db1ff'],
  baseline: ['#6a7788', '#93a1b3'],
  candidate: ['#1d5fc4', '#6ea8ff'],
  gain: ['#0b6e4f', '#4fcf9f'],
  loss: ['#b5370b', '#ff9566'],
  warning: ['#8a5a00', '#f0bb55'],
  miner: ['#c07a12', '#e6a94a'],
  validator: ['#1d5fc4', '#6ea8ff'],
  nominator: ['#7a3fc8', '#b68cf5'],
  owner: ['#0d8074', '#45c4b4'],
  root: ['#b42567', '#f27fb2'],
  burned: ['#6b5b52', '#b5a398'],
  unpaid: ['#7d8896', '#8a97a8'],
} as const

export type Colour = keyof typeof meanings

const names = Object.keys(meanings) as Colour[]

/** Stands for a meaning in a chart's options, which know no CSS variables; `withVariables` replaces it. */
export function placeholder(colour: Colour): string {
  return `#0a00${names.indexOf(colour).toString(16).padStart(2, '0')}`
}

/** Text with every placeholder as the CSS variable of its meaning. */
export function withVariables(text: string): string {
  return text.replace(/#0a00([0-9a-f]{2})/g, (whole, index: string) => {
    const name = names[Number.parseInt(index, 16)]
    return name === undefined ? whole : `var(--${name})`
  })
}

/** Declarations of the variables for one of the themes. */
export function variables(theme: 'light' | 'dark'): string {
  return names.map((name) => `--${name}:${meanings[name][theme === 'light' ? 0 : 1]}`).join(';')
}
