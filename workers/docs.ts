/** `/docs`: the interface for people to read, written from the OpenAPI document. No script, and nothing from elsewhere. */
import { html } from 'hono/html'
import type { Description, Operation, Parameter, Schema } from './openapi.ts'
import { layout, type Html } from './page/layout.ts'
import { problemTitles } from './problem.ts'

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
.reference ul.contents { columns: 20rem; margin: 0; padding-left: 1.2rem; }
`

const methods = ['get', 'post', 'put', 'patch', 'delete']

/** `GET /batteries/{id}` as the id of a place in the page. */
const anchorOf = (method: string, path: string): string =>
  `${method}${path.replaceAll(/[^a-z]+/g, '-')}`.replaceAll(/-$/g, '')

/** The words for a schema: its type, values and limits. */
function kindOf(schema: Schema): string {
  if (schema.$ref !== undefined) return schema.$ref.split('/').at(-1) ?? ''
  if (schema.enum !== undefined) return schema.enum.join(', ')
  const branches = schema.anyOf?.map(kindOf).join(' or ')
  if (branches !== undefined) return branches
  if (schema.items !== undefined) return `list of ${kindOf(schema.items)}`
  const type = typeof schema.type === 'string' ? schema.type : (schema.type ?? []).join(' or ')
  const { minimum, maximum } = schema
  return minimum === undefined || maximum === undefined ? type : `${type}, ${minimum} to ${maximum}`
}

/** Text whose parts between backticks are code. */
const withCode = (text: string): (Html | string)[] =>
  text.split('`').map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part))

const row = (name: string, required: boolean, schema: Schema, description = schema.description): Html =>
  html`<tr>
    <td>
      <code>${name}</code>${required ? html` <span class="muted">required</span>` : ''}<span class="under"
        >${kindOf(schema)}${
          (schema.default ?? null) === null ? '' : `, unless given ${JSON.stringify(schema.default)}`
        }</span
      >
    </td>
    <td>${withCode(description ?? '')}</td>
  </tr>`

const table = (caption: string, head: readonly [string, string], rows: readonly Html[]): Html | '' =>
  rows.length === 0
    ? ''
    : html`<h4>${caption}</h4>
        <table>
          <thead>
            <tr>
              <th scope="col">${head[0]}</th>
              <th scope="col">${head[1]}</th>
            </tr>
          </thead>
          <tbody>
            ${rows}
          </tbody>
        </table>`

const parameterRow = ({ name, required = false, schema, description, in: where }: Parameter): Html =>
  row(where === 'header' ? `${name}:` : name, required, schema, description ?? schema.description)

/** A schema, followed through its reference. */
function resolved(document: Description, schema: Schema | undefined): Schema | undefined {
  const name = schema?.$ref?.split('/').at(-1)
  return name === undefined ? schema : document.components.schemas[name]
}

function operationCard(document: Description, method: string, path: string, operation: Operation): Html {
  const body = resolved(document, operation.requestBody?.content['application/json']?.schema)
  const fields = Object.entries(body?.properties ?? {})
  return html`<section class="card" id="${anchorOf(method, path)}">
    <h3>
      <span class="method">${method.toUpperCase()}</span><code>${path}</code>
      <span class="muted">${operation.summary ?? ''}</span>
    </h3>
    ${operation.description === undefined ? '' : html`<p>${withCode(operation.description)}</p>`}
    ${operation['x-codeSamples']?.map(({ source }) => html`<pre><code>${source}</code></pre>`) ?? ''}
    ${table('Parameters', ['Name', 'Meaning'], (operation.parameters ?? []).map(parameterRow))}
    ${table(
      'Body',
      ['Field', 'Meaning'],
      fields.map(([name, schema]) => row(name, body?.required?.includes(name) ?? false, schema)),
    )}
    ${table(
      'Answers',
      ['Status', 'Meaning'],
      Object.entries(operation.responses).map(([status, { description, content = {} }]) =>
        row(status, false, Object.values(content)[0]?.schema ?? {}, description),
      ),
    )}
  </section>`
}

function schemaCard(name: string, schema: Schema): Html {
  const fields = Object.entries(schema.properties ?? {})
  return html`<section class="card" id="shape-${name}">
    <h3><code>${name}</code></h3>
    ${table(
      'Fields',
      ['Field', 'Meaning'],
      fields.map(([field, of]) => row(field, schema.required?.includes(field) ?? false, of)),
    )}
  </section>`
}

/** The whole page. */
export function docsPage(document: Description): Html {
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item[method]
      return operation === undefined ? [] : [{ method, path, operation }]
    }),
  )
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
        <ul class="contents">
          ${operations.map(
            ({ method, path }) =>
              html`<li>
                <a href="#${anchorOf(method, path)}"><code>${method.toUpperCase()} ${path}</code></a>
              </li>`,
          )}
        </ul>
      </nav>
      <h2>Operations</h2>
      ${operations.map(({ method, path, operation }) => operationCard(document, method, path, operation))}
      <h2>Shapes</h2>
      ${Object.entries(document.components.schemas).map(([name, schema]) => schemaCard(name, schema))}
      <h2>Problems</h2>
      <section class="card">
        <p>
          Every error is <code>application/problem+json</code> (RFC 9457). Programs go by <code>code</code>;
          each fault of a request is listed in <code>errors</code> with the parameter, header or JSON pointer
          concerned.
        </p>
        ${table(
          'Codes',
          ['Code', 'Meaning'],
          problemTitles.map(({ code, status, title }) => row(code, false, { type: String(status) }, title)),
        )}
      </section>
    </div>`
  return layout({ title: 'The interface', section: undefined, main })
}
