import { placeholder } from './palette.js'

/** Axis options that all charts share. */
export function axis(
  type: 'value' | 'log' | 'category',
  name: string,
  options: Readonly<Record<string, unknown>> = {},
) {
  return {
    type,
    name,
    nameLocation: 'middle',
    nameTextStyle: { color: placeholder('muted'), fontSize: 13 },
    axisLabel: { color: placeholder('muted'), fontSize: 12, hideOverlap: true, ...(options['axisLabel'] as object) },
    axisLine: { show: type === 'category', lineStyle: { color: placeholder('line') } },
    axisTick: { show: false },
    splitLine: { show: type !== 'category', lineStyle: { color: placeholder('line') } },
    ...Object.fromEntries(Object.entries(options).filter(([key]) => key !== 'axisLabel')),
  }
}

export const legend = {
  top: 0,
  left: 0,
  icon: 'roundRect',
  itemWidth: 14,
  itemHeight: 8,
  itemGap: 22,
  textStyle: { color: placeholder('ink'), fontSize: 13 },
  inactiveColor: placeholder('muted'),
}

/** Nothing lifts under the pointer: a static chart answers with its tip alone. */
export const still = { emphasis: { disabled: true } }

/** A number of an axis in few characters: 1200 as 1.2k. */
export function brief(value: number): string {
  const units = [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const
  const [size, letter] = units.find(([limit]) => Math.abs(value) >= limit) ?? [1, '']
  return `${Number((value / size).toPrecision(3))}${letter}`
}
