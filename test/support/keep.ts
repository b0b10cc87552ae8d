/** Edges and browsers that the test files of one process share, because starting one costs more than most files do. */

type Kept<T> = { readonly value: T; readonly isNew: boolean; readonly close: () => Promise<void> }

const closers: (() => Promise<void>)[] = []
const kept = new Map<string, Promise<unknown>>()
let isKeeping = false

/** For a process that runs several files and calls `closeKept` after the last. In any other process nothing is kept. */
export function startKeeping(): void {
  isKeeping = true
}

export async function closeKept(): Promise<void> {
  kept.clear()
  // One that did not start has failed the file that wanted it.
  await Promise.allSettled(closers.splice(0).map((close) => close()))
}

/** What an earlier file started under this key, or a new one; `close` ends it, unless it is kept. */
export async function keep<T>(
  key: string,
  start: () => Promise<T>,
  end: (value: T) => Promise<void>,
): Promise<Kept<T>> {
  const earlier = kept.get(key) as Promise<T> | undefined
  if (earlier) return { value: await earlier, isNew: false, close: async () => {} }
  const started = start()
  async function close(): Promise<void> {
    await end(await started)
  }
  if (!isKeeping) return { value: await started, isNew: true, close }
  kept.set(key, started)
  closers.push(close)
  return { value: await started, isNew: true, close: async () => {} }
}
