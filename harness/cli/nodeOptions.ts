/** Options of the commands that read a chain's state from nodes. */
export const nodeOptions = {
  rpc: {
    type: 'string',
    array: true,
    nargs: 1,
    default: [] as string[],
    describe: 'fork a chain from this node (ws, http) or preset: finney, archive, test; again for failover',
  },
  block: { type: 'string', requiresArg: true, describe: 'number or hash of the block; with --rpc' },
  verify: {
    type: 'boolean',
    default: false,
    describe: 'check all that nodes say against the state root of the block',
  },
  'trusted-hash': {
    type: 'string',
    requiresArg: true,
    describe: 'hash of a later block known to be right: the forked one has to be an ancestor of it',
  },
  cache: { type: 'boolean', default: true, describe: 'keep state read from nodes; --no-cache does not' },
} as const
