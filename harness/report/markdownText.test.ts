import { describe, expect, it } from '@jest/globals'
import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'
import { markdownCode, markdownText } from './markdownText.js'

const rendered = (markdown: string) =>
  micromark(markdown, { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: true })
/** What a reader sees of it. */
const seen = (html: string) =>
  html
    .replace(/<!-- -->/g, '')
    .replace(/<\/?(p|ul|li|table|thead|tbody|tr|th|td|code)>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .trim()

const hostile = [
  '<script>alert(1)</script>',
  '<!-- -->',
  '--> <img src=x onerror=alert(1)>',
  '![x](https://evil.example/x.png)',
  '[click](javascript:alert(1))',
  '[a]: https://evil.example',
  'https://evil.example and www.evil.example and a@evil.example',
  '@everyone #1 org/repo#1 GH-1 :tada:',
  '**bold** _it_ ~~gone~~ `code` $x^2$',
  '# heading',
  '- item',
  '+ item',
  '1. item',
  '2) item',
  '> quote',
  '===',
  '---',
  '| a | b |',
  '</details></details>',
  '&lt;b&gt; &copy; &#60;',
  'back\\slash \\| \\` \\',
  '``` fence',
  '~~~',
  'a | b',
]

describe('markdownText', () => {
  it.each(hostile)('shows %j letter by letter', (text) => {
    for (const html of [rendered(`- ${markdownText(text)}`), rendered(`x ${markdownText(text)} y`)]) {
      expect(html).not.toMatch(/<(?!\/?(p|ul|li)>|!-- -->)/)
    }
    expect(seen(rendered(`- ${markdownText(text)}`))).toBe(text)
  })

  it.each(hostile)('keeps %j within its cell', (text) => {
    const html = rendered(`| a | b |\n| --- | --- |\n| ${markdownText(text)} | ${markdownCode(text)} |`)
    expect(html).not.toMatch(/<(?!\/?(table|thead|tbody|tr|th|td|code)>|!-- -->)/)
    const cells = [...html.matchAll(/<td>(.*?)<\/td>/g)].map(([, cell]) => seen(cell ?? ''))
    expect(cells).toEqual([text, text.replaceAll('|', '\\u{7c}')])
  })

  it.each(['@user', 'x@user', '#12', 'https://x.example', ':tada:', 'www.x.example', 'GH-7'])(
    'parts %s, which would be linked after rendering',
    (text) => {
      expect(rendered(markdownText(text))).toMatch(/(@|#|:|www|GH-)<!-- -->/)
    },
  )

  it('clips what is long and shows what is invisible', () => {
    expect(markdownText('x'.repeat(10_000)).length).toBeLessThan(330)
    expect(markdownText('a\u202eb\u001bc')).toBe('a\\\\u{202e}b\\\\u{1b}c')
  })
})
