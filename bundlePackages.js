// Part of the build: dist/fork/polkadotPackages.js, with all that it takes from @polkadot's packages in it, and their licences beside it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

/** Their search for copies of other versions: it would warn of those that Chopsticks brings, which never meet these. */
const noSearchForCopies = {
  name: 'no-search-for-copies',
  setup({ onLoad }) {
    onLoad({ filter: /@polkadot[\\/].*[\\/]packageDetect\.js$/ }, () => ({ contents: '' }))
  },
}

const { metafile } = await build({
  entryPoints: ['harness/fork/polkadotPackages.ts'],
  outfile: 'dist/fork/polkadotPackages.js',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  legalComments: 'none',
  metafile: true,
  plugins: [noSearchForCopies],
})

const folders = Object.keys(metafile.inputs).flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? [])
const texts = [...new Set(folders)].sort().map((folder) => {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  return `${name} ${version}: ${license}\n\n${file === undefined ? '' : readFileSync(join(folder, file), 'utf8')}`
})
writeFileSync('dist/fork/polkadotPackages.licences.txt', texts.join(`\n${'-'.repeat(80)}\n`))
