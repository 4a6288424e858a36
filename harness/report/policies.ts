import type { PolicyDefinition, PolicyParam } from '../runtime/policy.js'

/** The policies as a person reads them: one block each. */
export function renderPolicies(definitions: readonly PolicyDefinition[]): string {
  return `${definitions.map(renderPolicy).join('\n\n')}\n`
}

function renderPolicy(definition: PolicyDefinition): string {
  const neutral = Object.entries(definition.neutral).map(([name, value]) => `${name} = ${value}`)
  return [
    `${definition.name}: ${definition.title}`,
    `  hook     ${definition.hook}`,
    `  formula  ${definition.formula}`,
    `  neutral  ${neutral.join(', ')}`,
    `  source   ${definition.source}`,
    ...definition.params.map((param) => `  ${param.name}  ${describeParam(param)}`),
  ].join('\n')
}

function describeParam(param: PolicyParam): string {
  if (param.kind === 'choice') {
    return `one of ${param.choices.join(', ')}; default ${param.default}. ${param.description}`
  }
  const lower = `${param.minExclusive ? 'above' : 'from'} ${param.min}`
  return `${lower} to ${param.max}; default ${param.default}. ${param.description}`
}
