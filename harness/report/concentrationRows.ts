/** How reports name the metrics of a concentration, with the decimals each is shown with; the first six are its core. */
export const concentrationRows = [
  ['Gini', 'gini', 4],
  ['HHI', 'hhi', 4],
  ['Nakamoto coefficient', 'nakamoto', 0],
  ['share of the top 1 %', 'top1', 4],
  ['share of the top 10 %', 'top10', 4],
  ['51 % coalition: count', 'coalition51Count', 0],
  ['51 % coalition: share', 'coalition51Share', 4],
  ['holders', 'holders', 0],
] as const
