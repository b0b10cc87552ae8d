/** Edges that stay for the next test file of the same process: to start one costs more than most files do. */

type Closable = { readonly close: () => Promise<void> }

const kept = new Map<string, Promise<Closable>>()
let isKeeping = false

/** For a process that runs several files; it calls `closeKeptEdges` after the last. In any other process each edge ends with its file. */
export function keepEdges(): void {
  isKeeping = true
}

export async function closeKeptEdges(): Promise<void> {
  const edges = [...kept.values()]
  kept.clear()
  // One that did not start has failed the file that wanted it.
  await Promise.allSettled(edges.map(async (edge) => (await edge).close()))
}

/** The edge that an earlier file started under this key, or a new one. Its `close` does nothing where edges are kept. */
export async function keepEdge<Edge extends Closable>(
  key: string,
  start: () => Promise<Edge>,
): Promise<Edge> {
  if (!isKeeping) return start()
  const edge = kept.get(key) ?? start()
  kept.set(key, edge)
  return { ...((await edge) as Edge), close: async () => {} }
}
