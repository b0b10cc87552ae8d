/** The bundled Worker in the form that Miniflare's options take. */
import { DOOR_HEADER } from '../door/door-headers.ts'
import type { EdgeParts } from './edge-parts.ts'

/** The edge sends no requests of its own, `Request.cf` included: it must start without internet access. */
export const selfContained = {
  cf: false,
  telemetry: { enabled: false },
  enableDevRegistry: false,
  logRequests: false,
} as const

/** The Worker as Miniflare takes it; `ownVars` override those of wrangler.toml. */
export function workerConfig({ config, worker }: EdgeParts, ownVars: Readonly<Record<string, string>>) {
  const { name, compatibilityDate, database, durableObjects, rateLimits } = config
  const vars = { ...config.vars, ...ownVars }
  return {
    name,
    compatibilityDate,
    manifest: {
      mainModule: 'worker.js',
      modulesRoot: '/',
      modules: { 'worker.js': { type: 'esm' as const, contents: worker } },
    },
    env: {
      [database.binding]: { type: 'd1' as const, id: database.id },
      ...Object.fromEntries(
        durableObjects.map(({ binding, className }) => [
          binding,
          { type: 'durable-object' as const, worker: name, exportName: className },
        ]),
      ),
      ...Object.fromEntries(
        rateLimits.map(({ binding, namespace, simple }) => [
          binding,
          { type: 'rate-limit' as const, namespace, simple },
        ]),
      ),
      ...Object.fromEntries(
        Object.entries(vars).map(([key, value]) => [key, { type: 'text' as const, value }]),
      ),
    },
    exports: Object.fromEntries(
      durableObjects.map(({ className }) => [
        className,
        { type: 'durable-object' as const, storage: 'sqlite' as const },
      ]),
    ),
  }
}

/**
 * Refuses what did not come through the door: any program on this machine can connect to the port on which workerd listens. Reads to
 * its end whatever body the Worker answered without reading, because workerd would break off the connection, and the answer with it.
 */
const GATE = `import worker from './worker.js'
export * from './worker.js'
export default {
  async fetch(request, bindings, context) {
    if (request.headers.get('${DOOR_HEADER}') !== bindings.DOOR_SECRET) return new Response(null, { status: 403 })
    const headers = new Headers(request.headers)
    headers.delete('${DOOR_HEADER}')
    const reader = request.body?.getReader()
    if (reader === undefined) return worker.fetch(new Request(request, { headers }), bindings, context)
    // One read at a time, also when the Worker stopped while one was under way.
    let reading = Promise.resolve()
    const read = () => (reading = reading.then(() => reader.read()))
    const pull = async (controller) => {
      const { done, value } = await read()
      if (done) controller.close()
      else controller.enqueue(value)
    }
    const body = new ReadableStream({ pull }, { highWaterMark: 0 })
    const { url, method } = request
    const response = await worker.fetch(new Request(url, { method, headers, body }), bindings, context)
    while (!(await read()).done);
    return response
  },
}`

/** As `workerConfig`, with the gate before the Worker. `secret` opens it. */
export function gatedWorkerConfig(
  parts: EdgeParts,
  ownVars: Readonly<Record<string, string>>,
  secret: string,
) {
  const config = workerConfig(parts, { ...ownVars, DOOR_SECRET: secret })
  const modules = { ...config.manifest.modules, 'gate.js': { type: 'esm' as const, contents: GATE } }
  return { ...config, manifest: { ...config.manifest, mainModule: 'gate.js', modules } }
}
