import { describe, expect, it } from '@jest/globals'
import { parseFragment } from 'parse5'
import { elementsOf } from '../../../test/htmlTree.js'
import { type Chart, renderChart } from './chart.js'
import { placeholder } from './palette.js'

const names = ['<script>alert(1)</script>', '"><image href=x onerror=alert(1)>', 'style="color:red"', '{b}{c} \u202e']
const chart: Chart = {
  height: 200,
  tips: [names],
  option: {
    xAxis: { type: 'value' },
    yAxis: { type: 'category', data: names },
    legend: { data: names },
    series: [
      { type: 'bar', itemStyle: { color: placeholder('gain') }, data: [1, 2, 3, 4] },
      ...names.map((name) => ({ type: 'scatter', name, data: [[1, 1]] })),
    ],
  },
}

describe('renderChart', () => {
  it('draws without styles, scripts, references or fixed colours of its own', async () => {
    const { markup } = await renderChart(chart, 'a-chart', 'what it says')
    const elements = elementsOf(parseFragment(markup))
    expect(elements[0]).toMatchObject({ tagName: 'svg' })
    expect(elements[0]?.attrs).toEqual(
      expect.arrayContaining([
        { name: 'role', value: 'img' },
        { name: 'aria-label', value: 'what it says' },
        { name: 'viewBox', value: '0 0 400 200' },
      ]),
    )
    expect(new Set(elements.map(({ tagName }) => tagName))).toEqual(
      new Set(
        ['svg', 'rect', 'path', 'text', 'g', 'circle', 'defs', 'clipPath'].filter((tag) => markup.includes(`<${tag}`)),
      ),
    )
    const attributes = elements.flatMap(({ attrs }) => attrs)
    expect(attributes.filter(({ name }) => /^(style|class|href|on.*|ecmeta.*)$/.test(name))).toEqual([])
    expect(markup).toContain('fill="var(--gain)"')
    expect(markup).not.toMatch(/#0a00|zr\d/)
  })

  it('shows hostile names as the text they are', async () => {
    const { markup } = await renderChart(chart, 'a-chart', names.join())
    const tips = elementsOf(parseFragment(markup)).flatMap(({ attrs }) =>
      attrs.filter(({ name }) => name === 'data-tip'),
    )
    expect(tips.map(({ value }) => value)).toEqual(names)
    expect(markup).toContain('&lt;script&gt;')
  })

  it('gives the same text each time', async () => {
    const again = async () => (await renderChart(chart, 'a-chart', 'label')).markup
    expect(await again()).toBe(await again())
  })
})
