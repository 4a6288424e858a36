/** The forms a result can be read in. */
export const reportFormats = ['terminal', 'markdown', 'html', 'json', 'csv', 'junit'] as const

export type ReportFormat = (typeof reportFormats)[number]
