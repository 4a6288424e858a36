/** At most `max` characters (code points); of longer text the beginning, and how many UTF-16 units there are beyond. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text
  const kept = [...text.slice(0, 2 * max)].slice(0, max).join('')
  return kept.length === text.length ? text : `${kept}... (${text.length - kept.length} more)`
}
