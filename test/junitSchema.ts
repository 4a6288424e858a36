import { readFileSync } from 'node:fs'
import { XmlDocument, XsdValidator } from 'libxml2-wasm'

/** The document of a JUnit report. @throws when it is not well-formed, or not what the common schemas take */
export function validJunit(text: string): XmlDocument {
  const schema = XmlDocument.fromString(readFileSync(new URL('junit.xsd', import.meta.url), 'utf8'))
  const validator = XsdValidator.fromDoc(schema)
  const document = XmlDocument.fromString(text)
  validator.validate(document)
  return document
}
