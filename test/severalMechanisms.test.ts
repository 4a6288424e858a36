import { afterAll, expect, it } from '@jest/globals'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { runForResult } from './runResult.js'

const folder = mkdtempSync(join(tmpdir(), 'epochdiff-'))
afterAll(() => rmSync(folder, { recursive: true }))

// Subnet 3 of `small` has two: what the epoch pays is joined, what it stores is each mechanism's own.
it('a policy at what is paid takes a subnet of several mechanisms', async () => {
  const scenario = join(folder, 'scenario.yaml')
  writeFileSync(
    scenario,
    `version: 1
name: several-mechanisms
title: Pay half of each pool by performance
fork: ${resolve('scenarios/small.fork.yaml')}
runtime: reference
subnets: [3]
replay: { epochs: 1, mode: jump }
patches: [{ kind: policy, policy: performance-weighted, lambda: 0.5 }]
`,
  )
  const { result } = await runForResult([scenario])
  expect(result.rewards.isEmpty).toBe(false)
  expect(result.checks.filter(({ level }) => level === 'error')).toEqual([])
}, 240_000)
