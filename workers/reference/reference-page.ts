/** `/docs`: the interface for people to read, written from the OpenAPI document. No script, and nothing from elsewhere. */
import { html } from 'hono/html'
import type { Description, Operation, Parameter, Schema } from './openapi-document.ts'
import { layout, type Html } from '../page/layout.ts'
import { problemTitles } from '../http/problem.ts'

export const docsHeaders = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'public, max-age=300',
}

export const docsStyle = `
.reference { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1.25rem; }
.reference .card { min-width: 0; }
.reference h2 { font-size: 1.3rem; margin-top: 1rem; }
.reference h3 { display: flex; flex-wrap: wrap; gap: 0.3rem 0.7rem; align-items: baseline; font-size: 1rem; }
.reference h4 { margin: 1.1rem 0 0.3rem; font-size: 0.9rem; font-weight: 600; }
.reference .method { font: 600 0.8rem/1.6 ui-monospace, monospace; padding: 0 0.5rem; border-radius: 6px; background: var(--tint); color: var(--text); }
.reference code, .reference pre { font: 0.9rem/1.5 ui-monospace, "SFMono-Regular", Menlo, Consolas, monospace; }
.reference h3 code { overflow-wrap: anywhere; }
.reference pre { margin: 0.8rem 0 0; padding: 0.7rem 0.9rem; background: var(--ground); border: 1px solid var(--line); border-radius: 8px; white-space: pre-wrap; overflow-wrap: anywhere; }
.reference h3 + p { margin-top: 0.4rem; }
.reference table { width: 100%; table-layout: fixed; border-collapse: collapse; font-size: 0.92rem; }
.reference th, .reference td { text-align: left; vertical-align: top; padding: 0.35rem 0.9rem 0.35rem 0; border-bottom: 1px solid var(--line); }
.reference td:first-child, .reference th:first-child { width: 40%; overflow-wrap: anywhere; }
.reference td { white-space: normal; overflow-wrap: anywhere; }
.reference nav { display: grid; gap: 0.4rem; }
.reference nav h2 { font-size: 0.95rem; margin-top: 0.7rem; }
.reference nav h2:first-child { margin-top: 0; }
.reference nav > p { margin-top: 0.8rem; font-size: 0.93rem; }
.reference ul.contents { list-style: none; margin: 0; padding: 0; display: grid; gap: 0.2rem; }
.reference .contents li { display: grid; grid-template-columns: minmax(0, 20rem) minmax(0, 1fr); gap: 0 1rem; font-size: 0.93rem; }
.reference .contents code { overflow-wrap: anywhere; }
.reference .group p { margin-top: 0.2rem; }
.reference .body-shape { margin-top: 0.8rem; font-size: 0.93rem; }
.reference details { margin-top: 0.9rem; }
.reference details table { margin-top: 0.4rem; }
.reference tr:last-child td { border-bottom: 0; }
.reference h3 .muted { font-weight: 400; }
:target { outline: 2px solid var(--accent); outline-offset: 3px; }
@media (max-width: 44.99rem) {
  .reference .contents li { grid-template-columns: minmax(0, 1fr); padding-block: 0.15rem; }
}
`

const methods = ['get', 'post', 'put', 'patch', 'delete']

/** More rows than these are folded: a reader of the page sees every operation before any of its details. */
const ROWS_IN_SIGHT = 6

/** The words for a schema: its type, values and limits. The name of a shape leads to it. */
function kindOf(schema: Schema): Html | string {
  const shape = schema.$ref?.split('/').at(-1)
  if (shape !== undefined) return html`<a href="#shape-${shape}">${shape}</a>`
  if (schema.enum !== undefined) return schema.enum.join(', ')
  if (schema.anyOf !== undefined)
    return html`${schema.anyOf.map((branch, i) => html`${i === 0 ? '' : ' or '}${kindOf(branch)}`)}`
  if (schema.items !== undefined) return html`list of ${kindOf(schema.items)}`
  const type = typeof schema.type === 'string' ? schema.type : (schema.type ?? []).join(' or ')
  const { minimum = -Infinity, maximum = Infinity } = schema
  const bounded = Math.abs(minimum) < Number.MAX_SAFE_INTEGER
  if (!bounded) return type
  const [least, most] = [minimum, maximum].map((bound) => bound.toLocaleString('en'))
  return `${type}, ${least}${maximum < Number.MAX_SAFE_INTEGER ? ` to ${most}` : ' or more'}`
}

/** Text whose parts between backticks are code. */
function withCode(text: string): (Html | string)[] {
  return text.split('`').map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part))
}

type Line = {
  readonly name: string
  readonly schema: Schema
  readonly required?: boolean
  readonly description?: string | undefined
}

function row({ name, schema, required = false, description = schema.description }: Line): Html {
  const unlessGiven =
    (schema.default ?? null) === null ? '' : `, unless given ${JSON.stringify(schema.default)}`
  return html`<tr>
    <td>
      <code>${name}</code>${required ? html` <span class="muted">required</span>` : ''}<span class="under"
        >${kindOf(schema)}${unlessGiven}</span
      >
    </td>
    <td>${withCode(description ?? '')}</td>
  </tr>`
}

function rowsUnder(head: readonly [string, string], lines: readonly Line[]): Html {
  return html`<table>
    <thead>
      <tr>
        <th scope="col">${head[0]}</th>
        <th scope="col">${head[1]}</th>
      </tr>
    </thead>
    <tbody>
      ${lines.map(row)}
    </tbody>
  </table>`
}

/** A table under its caption; folded where it is long. */
function table(caption: string, head: readonly [string, string], lines: readonly Line[]): Html | '' {
  if (lines.length === 0) return ''
  if (lines.length <= ROWS_IN_SIGHT)
    return html`<h4>${caption}</h4>
      ${rowsUnder(head, lines)}`
  return html`<details>
    <summary>${caption} <span class="muted">${lines.length}</span></summary>
    ${rowsUnder(head, lines)}
  </details>`
}

/** The two ends of a range in one line, and every other parameter in its own. */
function parameterLines(parameters: readonly Parameter[]): Line[] {
  const names = new Set(parameters.map(({ name }) => name))
  return parameters.flatMap(({ name, required = false, schema, description, in: where }): Line[] => {
    const column = /^m(?:in|ax)_(.*)/.exec(name)?.[1]
    const ranged = column !== undefined && names.has(`min_${column}`) && names.has(`max_${column}`)
    if (ranged && name.startsWith('max_')) return []
    if (!ranged) return [{ name: where === 'header' ? `${name}:` : name, required, schema, description }]
    return [
      {
        name: `${name}, max_${column}`,
        schema,
        description: `\`${column}\` from, to; each may be left out.`,
      },
    ]
  })
}

function answerLines({ responses }: Operation): Line[] {
  return Object.entries(responses).map(([status, { description, content = {} }]) => ({
    name: status,
    schema: Object.values(content)[0]?.schema ?? {},
    description,
  }))
}

function operationCard(method: string, path: string, operation: Operation): Html {
  const body = operation.requestBody?.content['application/json']?.schema
  return html`<section class="card" id="${operation.operationId}">
    <h3>
      <span class="method">${method.toUpperCase()}</span><code>${path}</code>
      <span class="muted">${operation.summary ?? ''}</span>
    </h3>
    ${operation.description === undefined ? '' : html`<p>${withCode(operation.description)}</p>`}
    ${operation['x-codeSamples']?.map(({ source }) => html`<pre><code>${source}</code></pre>`) ?? ''}
    ${body === undefined ? '' : html`<p class="body-shape">Body: ${kindOf(body)}, as JSON.</p>`}
    ${table('Parameters', ['Name', 'Meaning'], parameterLines(operation.parameters ?? []))}
    ${table('Answers', ['Status', 'Meaning'], answerLines(operation))}
  </section>`
}

function schemaCard(name: string, schema: Schema): Html {
  const lines = Object.entries(schema.properties ?? {}).map(([field, of]) => ({
    name: field,
    schema: of,
    required: schema.required?.includes(field) ?? false,
  }))
  return html`<section class="card" id="shape-${name}">
    <h3><code>${name}</code></h3>
    ${table('Fields', ['Field', 'Meaning'], lines)}
  </section>`
}

type Listed = { readonly method: string; readonly path: string; readonly operation: Operation }

function contents(listed: readonly Listed[]): Html {
  return html`<ul class="contents">
    ${listed.map(
      ({ method, path, operation }) =>
        html`<li>
          <a href="#${operation.operationId}"><code>${method.toUpperCase()} ${path}</code></a>
          <span class="muted">${operation.summary}</span>
        </li>`,
    )}
  </ul>`
}

const problems: readonly Line[] = problemTitles.map(({ code, status, title }) => ({
  name: code,
  schema: { type: String(status) },
  description: title,
}))

/** The operations of each tag, in the order of the tags. */
function groups({ paths, tags }: Description) {
  const all = Object.entries(paths).flatMap(([path, item]) =>
    methods.flatMap((method): Listed[] => {
      const operation = item[method]
      return operation === undefined ? [] : [{ method, path, operation }]
    }),
  )
  return tags.map((tag) => ({
    ...tag,
    listed: all.filter(({ operation }) => operation.tags?.includes(tag.name)),
  }))
}

/** The whole page. */
export function docsPage(document: Description): Html {
  const grouped = groups(document)
  const shapes = Object.entries(document.components.schemas)
  const main = html`<link rel="stylesheet" href="/docs/docs.css" />
    <div class="heading">
      <h1>The interface</h1>
      <p class="lead">
        Everything that the edge answers, from the same description that validates requests:
        <a href="/openapi.json">/openapi.json</a>, OpenAPI 3.1. Numbers are integers in the unit that ends
        their name; null is not known. Reading takes no token.
      </p>
    </div>
    <div class="reference">
      <nav class="card" aria-label="Operations">
        ${grouped.map(
          ({ name, listed }) =>
            html`<h2>${name}</h2>
              ${contents(listed)}`,
        )}
        <p class="muted">
          Then: <a href="#shapes">shapes</a> of what is sent, and <a href="#problems">problems</a>.
        </p>
      </nav>
      ${grouped.map(
        ({ name, description, listed }) =>
          html`<div class="group">
              <h2>${name}</h2>
              <p class="muted">${description}</p>
            </div>
            ${listed.map(({ method, path, operation }) => operationCard(method, path, operation))}`,
      )}
      <h2 id="shapes">Shapes</h2>
      ${shapes.map(([name, schema]) => schemaCard(name, schema))}
      <h2 id="problems">Problems</h2>
      <section class="card">
        <p>
          Every error is <code>application/problem+json</code> (RFC 9457). Programs go by <code>code</code>;
          each fault of a request is listed in <code>errors</code> with the parameter, header or JSON pointer
          concerned.
        </p>
        ${rowsUnder(['Code', 'Meaning'], problems)}
      </section>
    </div>`
  return layout({ title: 'The interface', section: 'docs', main })
}
