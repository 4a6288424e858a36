import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { parseFragment } from 'parse5'
import { embeddedJson, html, trusted } from './markup.js'

describe('html', () => {
  it('escapes text and attributes, and keeps markup', () => {
    const attack = `<b>"'&`
    expect(html`<p title="${attack}">${attack}${html`<i>${1n}</i>`}</p>`.markup).toBe(
      '<p title="&lt;b&gt;&quot;&#39;&amp;">&lt;b&gt;&quot;&#39;&amp;<i>1</i></p>',
    )
  })

  it('joins lists and leaves out what is undefined', () => {
    expect(html`${[html`<i>a</i>`, '<', undefined, 2]}${undefined}${trusted('<hr>')}`.markup).toBe('<i>a</i>&lt;2<hr>')
  })

  it('is read back as the text it was given, whatever that is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // An HTML parser replaces these itself.
        fc.pre(!/[\0\r\uD800-\uDFFF]/u.test(text))
        const { childNodes } = parseFragment(html`<p title="${text}">x${text}</p>`.markup)
        const [paragraph] = childNodes
        expect(childNodes).toHaveLength(1)
        expect(paragraph).toMatchObject({ nodeName: 'p', attrs: [{ name: 'title', value: text }] })
        expect(paragraph).toMatchObject({ childNodes: [{ nodeName: '#text', value: `x${text}` }] })
      }),
    )
  })
})

describe('embeddedJson', () => {
  it('cannot end its element', () => {
    const data = ['</script><script>alert(1)</script>', '<!--', ']]>']
    const { markup } = embeddedJson(data)
    expect(markup).not.toContain('<')
    expect(JSON.parse(markup)).toEqual(data)
  })
})
