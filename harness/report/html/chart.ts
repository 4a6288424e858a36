import type { EChartsCoreOption } from 'echarts/core'
import { type Markup, html, trusted } from './markup.js'
import { placeholder, withVariables } from './palette.js'

/** Width that charts are drawn at: on a phone they shrink little, on a desktop two stand side by side. */
const CHART_WIDTH = 400

const FONT = 'system-ui, sans-serif'

/** ECharts with what the report draws; loaded when the first chart is drawn. */
async function loadECharts() {
  const core = await import('echarts/core')
  const charts = await import('echarts/charts')
  const components = await import('echarts/components')
  const renderers = await import('echarts/renderers')
  core.use([charts.BarChart, charts.LineChart, charts.SankeyChart, charts.ScatterChart])
  core.use([components.GridComponent, components.LegendComponent, renderers.SVGRenderer])
  return core
}

export interface Chart {
  readonly option: EChartsCoreOption
  readonly height: number
  /** What a pointer on an element reads, by series and data index. */
  readonly tips?: readonly (readonly string[])[]
}

/** The chart as an inline SVG without styles, scripts or references: colours are the page's variables, so that it follows the
 *  theme. The same chart gives the same text.
 *  @param name unique in the page, [a-z0-9-]
 *  @param label read in its place */
export async function renderChart({ option, height, tips = [] }: Chart, name: string, label: string): Promise<Markup> {
  const echarts = await loadECharts()
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: CHART_WIDTH, height })
  try {
    chart.setOption({ animation: false, textStyle: { fontFamily: FONT, color: placeholder('ink') }, ...option })
    const svg = chart.renderToSVGString({ useViewBox: true })
    return html`<svg viewBox="0 0 ${CHART_WIDTH} ${height}" role="img" aria-label="${label}">
      ${trusted(plain(svg, name, tips))}
    </svg>`
  } finally {
    chart.dispose()
  }
}

/** The content of the SVG as ECharts writes it, made fit for a page that allows no inline styles. */
function plain(svg: string, name: string, tips: readonly (readonly string[])[]): string {
  const content = svg
    .replace(/^<svg[^>]*>\s*|\s*<\/svg>\s*$/g, '')
    .replace(/<style >.*?<\/style>\s*/gs, '')
    .replace(/ class="[^"]*"| pointer-events="visible"| ecmeta_silent="true"/g, '')
    .replace(/ style="([^"]*)"/g, (_, style: string) => asAttributes(style))
    .replace(/\bzr\d+-/g, `${name}-`)
    .replace(
      /ecmeta_series_index="(\d+)"(?: ecmeta_data_index="(\d+)")? ecmeta_ssr_type="\w+"/g,
      (_, s: string, d = '') => {
        const tip = d === '' ? undefined : tips[Number(s)]?.[Number(d)]
        return tip === undefined ? '' : html`data-tip="${tip}"`.markup
      },
    )
    .replace(
      /<path d="M1 0A1 1 0 1 1 1 -0\.1A1 1 0 0 1 1 0" transform="matrix\(([\d.]+),0,0,[\d.]+,([\d.-]+),([\d.-]+)\)"([^>]*)><\/path>/g,
      (_, r: string, x: string, y: string, rest: string) => {
        // The matrix had scaled the stroke too.
        const attributes = rest.replace(/ stroke-width="([\d.]+)"/, (_, width: string) => {
          return ` stroke-width="${Number((Number(width) * Number(r)).toFixed(2))}"`
        })
        return `<circle cx="${x}" cy="${y}" r="${r}"${attributes}></circle>`
      },
    )
    .replace(/\n/g, '')
  return withVariables(content)
}

/** `font-size:12px;` as ` font-size="12px"`: presentation attributes are no inline styles. */
function asAttributes(style: string): string {
  return style
    .split(';')
    .filter((declaration) => declaration.includes(':'))
    .map((declaration) => {
      const [property = '', ...value] = declaration.split(':')
      return html` ${property.trim()}="${value.join(':').replaceAll('&quot;', "'").trim()}"`.markup
    })
    .join('')
}
