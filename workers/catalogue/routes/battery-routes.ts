/** `/batteries`: cell and pack models. Routes only: the SQL is in battery-queries.ts. */
import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import {
  BatteryExportQuery,
  BatteryQuery,
  IdParameter,
  type BatteryFilters,
} from '../../../protocol/catalogue/query.ts'
import { batteryFields } from '../../../protocol/catalogue/columns.ts'
import { MAPPING_NOTE, mappingOf } from '../../../protocol/catalogue/views/mapping.ts'
import type { Battery } from '../../../protocol/catalogue/shapes.ts'
import { BatteryDetail, ListedBatteryPage, Mapping } from '../../../protocol/catalogue/views/battery-views.ts'
import { digestAnswers, fileAnswers, itemAnswers, pageAnswers } from './answer-descriptions.ts'
import {
  areCostlyBatteries,
  batteryPosition,
  countBatteries,
  findBattery,
  listBatteries,
} from '../queries/battery-queries.ts'
import { batteryView, neededFields, withViews } from './battery-view.ts'
import { openCatalogue } from '../queries/catalogue-queries.ts'
import type { Env } from '../../env.ts'
import { digestOnce } from '../export/export-turns.ts'
import { itemAnswer } from './entity-tags.ts'
import { rememberLists } from './list-memory.ts'
import { Problem } from '../../http/problem.ts'
import { answerFile, readPage, type ShownList } from './list-answers.ts'

const list = createRoute({
  method: 'get',
  path: '/',
  summary: 'List and filter batteries',
  middleware: [rememberLists] as const,
  request: { query: BatteryQuery },
  responses: pageAnswers(ListedBatteryPage),
})

const read = createRoute({
  method: 'get',
  path: '/{id}',
  summary: 'One battery, with the product it is sold as',
  request: { params: IdParameter },
  responses: itemAnswers(BatteryDetail),
})

const download = createRoute({
  method: 'get',
  path: '/export',
  summary: 'All batteries of a filter as a file',
  request: { query: BatteryExportQuery },
  responses: fileAnswers,
})

const prove = createRoute({
  method: 'get',
  path: '/export/digest',
  summary: 'Rows, bytes, CRC-32 and SHA-256 of that file',
  request: { query: BatteryExportQuery },
  responses: digestAnswers,
})

const map = createRoute({
  method: 'get',
  path: '/{id}/mapping',
  summary: 'What its attributes are called in BattINFO and Battery Pass, and which of them this row fills',
  request: { params: IdParameter },
  responses: itemAnswers(Mapping),
})

/** The list that one request asks for. */
export function openBatteries(
  database: D1Database,
  filters: BatteryFilters,
  fields: readonly string[] = batteryFields,
  include: readonly string[] = [],
) {
  const catalogue = openCatalogue(database)
  return {
    resource: 'batteries',
    filters,
    fields,
    list: (after, limit) => listBatteries(catalogue, filters, after, limit, neededFields(fields, include)),
    position: (battery) => batteryPosition(battery, filters),
    total: () => countBatteries(catalogue, filters),
    isCostly: areCostlyBatteries(filters),
    show: batteryView(fields, include),
  } satisfies ShownList<Battery, Battery> & { fields: readonly string[] }
}

export const batteryRoutes = new OpenAPIHono<{ Bindings: Env }>()
  .openapi(list, async (c) => {
    const { limit, cursor, fields, include, ...filters } = c.req.valid('query')
    const listing = openBatteries(c.env.DB, filters, fields, include)
    const answer = await readPage(c, listing, { limit, cursor, fields, include })
    return answer.held ? c.body(null, 304, answer.held) : c.json(answer.page, 200, answer.headers)
  })
  .openapi(download, (c) => {
    const { as: format, fields, ...filters } = c.req.valid('query')
    return answerFile(c, { ...openBatteries(c.env.DB, filters, fields), format })
  })
  .openapi(prove, async (c) => {
    const { as: format, fields, ...filters } = c.req.valid('query')
    return c.json(await digestOnce(c, { ...openBatteries(c.env.DB, filters, fields), format }), 200)
  })
  .openapi(read, async (c) => {
    const { revision, battery } = await readBattery(c.env.DB, c.req.valid('param').id)
    const { held, headers } = await itemAnswer(c, revision, battery)
    return held ? c.body(null, 304, headers) : c.json(battery, 200, headers)
  })
  .openapi(map, async (c) => {
    const { revision, battery } = await readBattery(c.env.DB, c.req.valid('param').id)
    const mapping = { id: battery.id, note: MAPPING_NOTE, attributes: mappingOf(battery) }
    const { held, headers } = await itemAnswer(c, revision, mapping)
    return held ? c.body(null, 304, headers) : c.json(mapping, 200, headers)
  })

async function readBattery(database: D1Database, id: number) {
  const { revision, battery, product } = await findBattery(openCatalogue(database), id)
  if (battery === undefined || product === undefined) throw new Problem('no_such_battery')
  return { revision, battery: withViews(battery, product) }
}
