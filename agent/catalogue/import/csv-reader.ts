/** Reads CSV (RFC 4180 and the variants of spreadsheets) piece by piece: any line end, quotes, fields separated by `,` `;` or tab. Pure. */

/** A real row has a few kilobytes. Without a limit, a quote that is never closed would take the rest of the file as one field. */
const MAX_RECORD_CHARACTERS = 65_536

export type CsvRecord = {
  /** The line of the file on which it begins, from 1. */
  readonly line: number
  readonly fields: readonly string[]
  /** Why the fields cannot be used. */
  readonly fault?: string
}

/** The separator of a file that begins with `text`: the candidate that is most frequent in its first line, outside quotes. */
export function detectDelimiter(text: string): string {
  const line = /^(?:"[^"]*"|[^"\r\n])*/.exec(text)?.[0].replaceAll(/"[^"]*"/g, '') ?? ''
  function count(candidate: string): number {
    return line.split(candidate).length
  }
  return [',', ';', '\t'].reduce((best, candidate) => (count(candidate) > count(best) ? candidate : best))
}

/** Takes text in pieces and yields the records that are complete. Empty lines are skipped. */
export class CsvReader {
  readonly #delimiter: string
  #line = 1
  #recordLine = 1
  #fields: string[] = []
  #field = ''
  #characters = 0
  #state: 'start' | 'plain' | 'quoted' | 'closed' = 'start'
  #fault: string | undefined
  #afterReturn = false

  constructor(delimiter: string) {
    this.#delimiter = delimiter
  }

  *push(text: string): Generator<CsvRecord, void, undefined> {
    for (const character of text) {
      if (character === '\n' && this.#afterReturn) {
        this.#afterReturn = false
        if (this.#state === 'quoted') this.#field += character
        continue
      }
      this.#afterReturn = character === '\r'
      const record = this.#take(character)
      if (record !== undefined) yield record
    }
  }

  /** Yields the last record, if the file does not end with a line end. */
  *end(): Generator<CsvRecord, void, undefined> {
    if (this.#state === 'quoted') this.#fault ??= 'a quote that is opened and not closed'
    const record = this.#endRecord()
    if (record !== undefined) yield record
  }

  #take(character: string): CsvRecord | undefined {
    if (++this.#characters > MAX_RECORD_CHARACTERS) {
      this.#fault ??= `longer than ${MAX_RECORD_CHARACTERS} characters: is a quote not closed?`
      // The next line end ends it, quoted or not.
      this.#state = 'plain'
      this.#field = ''
    }
    const lineEnd = character === '\n' || character === '\r'
    if (lineEnd) this.#line++
    if (this.#state === 'quoted') {
      if (character === '"') this.#state = 'closed'
      else this.#field += character
      return undefined
    }
    if (lineEnd) return this.#endRecord()
    if (character === this.#delimiter) this.#endField()
    else this.#takeText(character)
    return undefined
  }

  #takeText(character: string): void {
    if (character === '"' && this.#state !== 'plain') {
      // A doubled quote in a quoted field is one quote; any other opens the field.
      if (this.#state === 'closed') this.#field += character
      this.#state = 'quoted'
      return
    }
    if (this.#state === 'closed') this.#fault ??= 'text after a closing quote'
    this.#state = 'plain'
    this.#field += character
  }

  #endField(): void {
    this.#fields.push(this.#field)
    this.#field = ''
    this.#state = 'start'
  }

  #endRecord(): CsvRecord | undefined {
    const empty = this.#fields.length === 0 && this.#field === '' && this.#state === 'start'
    this.#endField()
    const record = {
      line: this.#recordLine,
      fields: this.#fields,
      ...(this.#fault === undefined ? {} : { fault: this.#fault }),
    }
    this.#fields = []
    this.#characters = 0
    this.#fault = undefined
    this.#recordLine = this.#line
    return empty ? undefined : record
  }
}
