/** The reference page: the OpenAPI document as HTML. It loads nothing from other sites. */
import { html } from 'hono/html'
import type { ApiDescription, Operation, OperationParameter, Schema } from './openapi-document.ts'
import { layout, type Html } from '../page/layout.ts'
import { problemTitles } from '../http/problem.ts'

const METHODS = ['get', 'post', 'put', 'patch', 'delete']

/** A longer table is folded, so that the operations stay in view. */
const MAX_OPEN_ROWS = 6

/** A schema in words: its type, values and limits. The name of a shape is a link to it. */
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

/** Text in which what is between backticks is set as code. */
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

/** A table under its caption, folded when it is long. */
function table(caption: string, head: readonly [string, string], lines: readonly Line[]): Html | '' {
  if (lines.length === 0) return ''
  if (lines.length <= MAX_OPEN_ROWS)
    return html`<h4>${caption}</h4>
      ${rowsUnder(head, lines)}`
  return html`<details>
    <summary>${caption} <span class="muted">${lines.length}</span></summary>
    ${rowsUnder(head, lines)}
  </details>`
}

/** The two ends of a range share one line; every other parameter has its own. */
function parameterLines(parameters: readonly OperationParameter[]): Line[] {
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
function groups({ paths, tags }: ApiDescription) {
  const all = Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method): Listed[] => {
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
export function referencePage(document: ApiDescription): Html {
  const grouped = groups(document)
  const shapes = Object.entries(document.components.schemas)
  const main = html`<link rel="stylesheet" href="/docs/docs.css" />
    <div class="heading">
      <h1>The interface</h1>
      <p class="lead">
        All that the edge serves, from the same description that validates requests:
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
          Also: the <a href="#shapes">shapes</a> that are sent, and the <a href="#problems">problems</a>.
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
          Every error is <code>application/problem+json</code> (RFC 9457). Programs should go by
          <code>code</code>; <code>errors</code> lists each fault of a request with the parameter, header or
          JSON pointer concerned.
        </p>
        ${rowsUnder(['Code', 'Meaning'], problems)}
      </section>
    </div>`
  return layout({ title: 'The interface', section: 'docs', main })
}
