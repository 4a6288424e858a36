import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { parseExact, stringifyExact } from './exactJson.js'

it('keeps every digit of integers beyond 2^53', () => {
  const text =
    '{"balances":[["5Grw",21000000000000000001],["x",-9007199254740993]],"s":"99999999999999999999","n":1.5e3}'
  expect(stringifyExact(parseExact(text))).toBe(text.replace('1.5e3', '1500'))
  expect(() => parseExact('{"a": 1 2}')).toThrow(SyntaxError)
  expect(() => parseExact('{"a')).toThrow(SyntaxError)
})

it('reads what JSON.parse reads', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value)
      fc.pre(!/\d{16}/.test(text))
      expect(parseExact(text)).toEqual(JSON.parse(text))
    }),
  )
})
