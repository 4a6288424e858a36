import { defineError } from './epochdiffError.js'

export const endpointInvalid = defineError<{ endpoint: string; presets: readonly string[] }>('E220', {
  title: 'An endpoint is neither an address nor a preset',
  exitCode: 2,
  short: ({ endpoint, presets }) =>
    `"${endpoint}" is neither the address of a node (ws, wss, http, https) nor a preset (${presets.join(', ')}).`,
  fix: 'Write an address such as wss://host:443, or the name of a preset.',
})

export const nodesUnreachable = defineError<{ method: string; failures: readonly string[] }>('E221', {
  title: 'No endpoint answers',
  exitCode: 3,
  short: ({ method, failures }) => `No endpoint answers ${method}: ${failures.join('; ')}.`,
  why: 'Each was tried several times, with growing pauses. What was read before is kept in the cache.',
  fix: 'Run it again: it goes on where it stopped. Or name other endpoints (--rpc), several for failover.',
})

export const archiveNeeded = defineError<{ block: string; endpoints: readonly string[] }>('E222', {
  title: 'The state of the block was discarded',
  exitCode: 3,
  short: ({ block, endpoints }) => `${endpoints.join(', ')}: the state of block ${block} is no longer kept.`,
  why: 'Most nodes keep the state of the last 256 blocks only; an archive node keeps all.',
  fix: 'Use an archive node (--rpc archive for Bittensor), or a later block.',
})

export const blockUnknown = defineError<{ block: string; endpoint: string }>('E223', {
  title: 'The chain has no such block',
  exitCode: 2,
  short: ({ block, endpoint }) => `${endpoint} knows no block ${block}.`,
  why: 'The block is not yet made, is of another chain, or was left by a reorganisation.',
  fix: 'Check the number or hash, and that the endpoint serves the chain that is meant.',
})

export const wrongChain = defineError<{ endpoint: string; expected: string; found: string }>('E224', {
  title: 'An endpoint serves another chain',
  exitCode: 3,
  short: ({ endpoint, expected, found }) => `${endpoint} serves the chain of genesis ${found}, not ${expected}.`,
  fix: 'Name only endpoints of one chain.',
})

export const requestRefused = defineError<{ endpoint: string; method: string; reason: string }>('E225', {
  title: 'A node refuses a request',
  exitCode: 3,
  short: ({ endpoint, method, reason }) => `${endpoint} refuses ${method}: ${reason}.`,
  fix: 'Use another endpoint, or a node of your own with its safe RPC methods open.',
})

export const stateUnsettled = defineError<{ endpoint: string; reason: string }>('E226', {
  title: 'A node contradicts itself',
  exitCode: 3,
  short: ({ endpoint, reason }) => `${endpoint} contradicts itself: ${reason}.`,
  why: 'The node is defective, or something between it and here alters its answers.',
  fix: 'Use another endpoint.',
})

export const childTrieUnread = defineError<{ key: string }>('E227', {
  title: 'A child trie is not read from a node',
  exitCode: 3,
  short: ({ key }) => `The runtime reads the child trie entry ${key}, which is not read from nodes.`,
  why: 'The reward path of subtensor has no child tries.',
  fix: 'Use a chain spec with the whole state, or report the runtime that needs this.',
})

export const cacheUnusable = defineError<{ folder: string; reason: string }>('E228', {
  title: 'The cache cannot be used',
  exitCode: 3,
  short: ({ folder, reason }) => `The cache ${folder} cannot be used: ${reason}.`,
  fix: 'Make the folder writable, or name another one in EPOCHDIFF_CACHE.',
})

export const snapshotUnreadable = defineError<{ file: string; reason: string }>('E230', {
  title: 'A snapshot cannot be read',
  exitCode: 2,
  short: ({ file, reason }) => `Snapshot ${file} cannot be read: ${reason}.`,
  fix: 'Check the path; a file that was cut short or altered has to be made or fetched again.',
})

export const outsideSnapshot = defineError<{ file: string; key: string }>('E231', {
  title: 'A read outside the snapshot',
  exitCode: 2,
  short: ({ file, key }) => `Snapshot ${file} does not hold ${key}, which the run needs.`,
  why: 'A snapshot holds what the replay of its subnets needs; whether anything else exists is unknown.',
  fix: 'Make a snapshot for these subnets and as many epochs: epochdiff snapshot create.',
})

export const snapshotUnwritten = defineError<{ file: string; reason: string }>('E232', {
  title: 'A snapshot cannot be written',
  exitCode: 3,
  short: ({ file, reason }) => `Snapshot ${file} cannot be written: ${reason}.`,
  fix: 'Choose a folder that exists, is writable and has room.',
})

export const stateDisproved = defineError<{ endpoint: string; what: string; block: string }>('E240', {
  title: 'A node is disproved by the block’s state root',
  exitCode: 3,
  short: ({ endpoint, what, block }) => `${endpoint} is wrong about block ${block}: ${what}.`,
  why: 'The proof of the entry, which leads to the state root in the header, says otherwise.',
  fix: 'Use another endpoint; what was read from this one without --verify is not to be relied on (epochdiff cache clear).',
})

export const stateUnproven = defineError<{ endpoint: string; reason: string }>('E241', {
  title: 'A state cannot be proven',
  exitCode: 3,
  short: ({ endpoint, reason }) => `${endpoint} does not prove its state: ${reason}.`,
  why: 'Proofs (state_getReadProof) are needed for --verify, and the state root of the block must be the real one.',
  fix: 'Use an endpoint that gives proofs, or leave --verify out: the report then says whom it trusts.',
})

export const headersUnlinked = defineError<{ endpoint: string; from: string; to: string; reason: string }>('E242', {
  title: 'The block is no ancestor of the trusted one',
  exitCode: 3,
  short: ({ endpoint, from, to, reason }) =>
    `${endpoint}: no chain of headers leads from ${from} to block ${to}: ${reason}.`,
  why: 'Each header states the hash of the one before it; from a trusted block they lead back to the forked one.',
  fix: 'Check the hash (--trusted-hash): it has to be of the same chain, and not before the forked block.',
})
