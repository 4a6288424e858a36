import type { ReportFormat } from '../report/reportFormats.js'
import type { RunResult } from '../report/runResult.js'

/** Prints a result; colours and the terminal's width only on a terminal. */
export async function printReport(result: RunResult, format: ReportFormat): Promise<void> {
  const { renderReport } = await import('../report/renderReport.js')
  const colour = process.stdout.isTTY && process.env['NO_COLOR'] === undefined
  const width = process.stdout.isTTY ? process.stdout.columns : 100
  for (const piece of await renderReport(result, format, { colour, width })) process.stdout.write(piece)
}
