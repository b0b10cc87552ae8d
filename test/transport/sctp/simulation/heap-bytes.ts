import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Live bytes in this thread, buffers included. */
export function heapBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  // The memory of buffers is freed only after the collection that found them unreachable.
  for (let round = 0; round < 2; round++) if (typeof collect === 'function') collect()
  const { used_heap_size: used, external_memory: external } = getHeapStatistics()
  return used + external
}
