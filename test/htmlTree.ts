import type { DefaultTreeAdapterTypes } from 'parse5'

type Node = DefaultTreeAdapterTypes.Node
type Element = DefaultTreeAdapterTypes.Element

/** Every element of a parsed page, in document order. */
export function elementsOf(node: Node): Element[] {
  const own = 'tagName' in node ? [node] : []
  const inside = 'childNodes' in node ? node.childNodes : []
  return [...own, ...inside.flatMap(elementsOf)]
}

/** All text inside, in document order. */
export function textOf(node: Node): string {
  if (node.nodeName === '#text' && 'value' in node) return node.value
  return 'childNodes' in node ? node.childNodes.map(textOf).join('') : ''
}

export function attribute(element: Element, name: string): string | undefined {
  return element.attrs.find((attr) => attr.name === name)?.value
}
