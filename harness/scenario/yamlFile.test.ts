import { describe, expect, it } from '@jest/globals'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseYaml, readYamlFile } from './yamlFile.js'

const refused = (text: string) => {
  try {
    parseYaml(text, 'a.yaml')
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('was taken')
}

describe('parseYaml', () => {
  it('gives plain data and where it stands', () => {
    const file = parseYaml('a: 1\nb:\n  - c: x\n    d: [1, 2]\n', 'a.yaml')
    expect(file.value).toEqual({ a: 1, b: [{ c: 'x', d: [1, 2] }] })
    expect(file.at(['b', 0, 'd', 1])).toBe('a.yaml:4:12')
    expect(file.atKey(['b', 0], 'd')).toBe('a.yaml:4:5')
    expect(file.at([])).toBe('a.yaml:1:1')
  })

  it('places what is missing at what encloses it', () => {
    const file = parseYaml('a: 1\nb:\n  c: 2\n', 'a.yaml')
    expect(file.at(['b', 'd', 'e'])).toBe('a.yaml:3:3')
    expect(file.atKey(['b'], 'd')).toBe('a.yaml:3:3')
    expect(parseYaml('', 'a.yaml').at(['b'])).toBe('a.yaml:1:1')
  })

  it('refuses faults with their place', () => {
    expect(refused('a: 1\na: 2\n')).toBe('E102: a.yaml:2:1: Map keys must be unique.')
    expect(refused('a: [1\nb: 2')).toMatch(/^E102: a\.yaml:2:1: /)
    expect(refused('a: 1\n---\nb: 2\n')).toMatch(/E102: a\.yaml:2:1: .*multiple documents/)
    expect(refused('a: !!js/function x')).toMatch(/E102: a\.yaml:1:4: Unresolved tag/)
    expect(refused('a: !!binary aGk=')).toMatch(/E102: a\.yaml:1:13: tags/)
    expect(refused('? [a, b]\n: c')).toMatch(/E102: a\.yaml:1:3: .*keys must be strings/)
    expect(refused('%YAML 1.1\n---\na: yes')).toMatch(/E102: a\.yaml.*YAML 1\.2/)
  })

  it('refuses anchors and aliases, so that none can multiply', () => {
    expect(refused('a: &x [1]\nb: 2')).toBe('E102: a.yaml:1:7: anchors and aliases are not taken.')
    const bomb = ['a: &a [x, x]', 'b: &b [*a, *a]', 'c: &c [*b, *b]'].join('\n')
    expect(refused(bomb)).toMatch(/E102.*anchors/)
  })

  it.each([
    ['flow lists', '['.repeat(200_000)],
    ['flow lists over lines', '[\n'.repeat(200_000)],
    ['flow maps', '{a: '.repeat(100_000)],
    ['block lists', `${'- '.repeat(100_000)}x`],
    ['block maps', Array.from({ length: 1400 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ])('refuses %s nested without end', (_name, text) => {
    expect(refused(text)).toMatch(/E102.*(nested|indented) too deeply/)
  })
})

describe('readYamlFile', () => {
  it('refuses what is missing, no file, too large or no text', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'epochdiff-'))
    try {
      const file = (name: string) => join(folder, name)
      await expect(readYamlFile(file('none.yaml'))).rejects.toThrow(/E101.*none\.yaml.*no such file/)
      await expect(readYamlFile(folder)).rejects.toThrow(/E101.*not a file/)
      await writeFile(file('large.yaml'), `a: ${'x'.repeat(1024 * 1024)}`)
      await expect(readYamlFile(file('large.yaml'))).rejects.toThrow(/E101.*1048579 bytes/)
      await writeFile(file('binary.yaml'), Buffer.from([0x61, 0xff, 0xfe]))
      await expect(readYamlFile(file('binary.yaml'))).rejects.toThrow(/E102.*not UTF-8/)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
