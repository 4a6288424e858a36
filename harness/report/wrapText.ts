/** Breaks text at spaces so that it fits a terminal of `width` columns when its first line starts at column `indent` too; lines
 *  after the first are indented by `indent` spaces. A word that is longer than the room stands on a line of its own. */
export function wrapText(text: string, width: number, indent = 0): string {
  const room = width - indent
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line].join(`\n${' '.repeat(indent)}`)
}
