import type { ReportFormat } from './reportFormats.js'
import type { RunResult } from './runResult.js'

/** A result in one of its forms, in pieces of text. Each form's code is loaded when it is asked for.
 *  @param terminal how a terminal shows it; colours only there
 *  @throws E703 when the result contradicts itself */
export async function renderReport(
  result: RunResult,
  format: ReportFormat,
  terminal: { readonly colour: boolean; readonly width: number },
): Promise<Iterable<string>> {
  switch (format) {
    case 'terminal':
      return [(await import('./terminal.js')).renderTerminal(result, terminal)]
    case 'markdown':
      return [(await import('./markdown.js')).renderMarkdown(result)]
    case 'html':
      return [await (await import('./html/renderHtml.js')).renderHtml(result)]
    case 'json':
      return [(await import('./runResult.js')).serialiseRunResult(result)]
    case 'csv':
      return (await import('./csv.js')).renderCsv(result)
    case 'junit':
      return [(await import('./junit.js')).renderJunit(result)]
  }
}
