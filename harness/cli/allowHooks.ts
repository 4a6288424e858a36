/** The option of every command that runs scenarios. */
export const allowHooks = {
  type: 'boolean',
  default: false,
  describe: 'run TypeScript hooks of the scenario: read them first, they are code',
} as const
