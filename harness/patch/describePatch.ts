import type { AppliedPatch, Json, StorageChange } from './appliedPatch.js'

const shownEntries = 3
const shownLetters = 60

/** A patch in a line. */
export function describePatch(patch: AppliedPatch): string {
  switch (patch.kind) {
    case 'policy':
      return withParams(patch.policy, patch.params)
    case 'hook':
      return withParams(`hook ${patch.file}`, { ...patch.params, sha256: `${patch.sha256.slice(0, 8)}..` })
    case 'code': {
      const { specName, specVersion } = patch.to
      return `runtime ${patch.wasm} (${specName} ${specVersion}, ${patch.sha256.slice(0, 8)})`
    }
    case 'storage': {
      const more = patch.writes.length - shownEntries
      const shown = patch.writes.slice(0, shownEntries).map(describeChange)
      return `storage ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}${late(patch)}`
    }
    case 'call': {
      const args = Object.entries(patch.args).map(([name, value]) => `${name}: ${short(value)}`)
      return `call ${patch.call}(${args.join(', ')}) as root${late(patch)}`
    }
  }
}

const late = ({ afterBlock }: { afterBlock?: number | undefined }) =>
  afterBlock === undefined ? '' : ` at the end of block ${afterBlock}`

function withParams(name: string, params: Readonly<Record<string, number | string | boolean>>): string {
  const list = Object.entries(params).map(([param, value]) => `${param} ${value}`)
  return list.length === 0 ? name : `${name} (${list.join(', ')})`
}

/** `SubtensorModule.Kappa(31): 32767 -> 20000` */
export function describeChange({ item, keys, before, after }: StorageChange): string {
  const side = ({ stored, value }: StorageChange['before']) =>
    stored ? short(value) : value === null ? 'none' : `none (${short(value)})`
  const path = keys.length === 0 ? item : `${item}(${keys.map(short).join(', ')})`
  return `${path}: ${side(before)} -> ${side(after)}`
}

function short(value: Json): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > shownLetters ? `${text.slice(0, shownLetters - 3)}...` : text
}
