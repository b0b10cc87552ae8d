/** The bundled Worker in the form that Miniflare's options take. */
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
