/**
 * Which test files share a process. A process for each file costs more than most files do: Node starts, strips the types and loads the
 * same modules, and every edge is another workerd. Files that need the same expensive things run one after the other in one process.
 */
import { readFile } from 'node:fs/promises'

export type Group = {
  readonly name: string
  readonly files: readonly string[]
  /** Modules that are loaded before the files. */
  readonly preloads: readonly string[]
}

/** By what a file imports, the first that fits; `processes` is how many run at a time. */
const KINDS = [
  // First, because two of these files wait half a minute each for a silence to be noticed.
  { name: 'agents', imports: /support\/agents\.ts/, processes: 2 },
  { name: 'browser', imports: /support\/browser\.ts/, processes: 1 },
  { name: 'edge', imports: /support\/edge\/edge\.ts/, processes: 1 },
  { name: 'plain', imports: /^/, processes: 1 },
]

/** A file that asks about its whole process would see the files before it, and has one of its own. */
const ALONE = /process\.memoryUsage|setFlagsFromString/

/** It gives zod's schemas a method, but only those that are made later: a file that needs them may not come after one that made them. */
const PRELOADS = [{ module: '@hono/zod-openapi', imports: /\/workers\// }]

type TestFile = { readonly file: string; readonly source: string; readonly kind: string | undefined }

/** Divides the files, given by absolute paths; each has a process of its own unless `isShared`. */
export async function groupFiles(
  files: readonly string[],
  { isShared }: { readonly isShared: boolean },
): Promise<Group[]> {
  const read = await Promise.all(files.map(readTestFile))
  const testFiles = isShared ? read : read.map((file) => ({ ...file, kind: undefined }))
  return [
    ...KINDS.flatMap(({ name, processes }) => {
      const members = testFiles.filter(({ kind }) => kind === name)
      return split(members, processes).map((part, index) => group(`${name}-${index + 1}`, part))
    }),
    ...testFiles
      .filter(({ kind }) => kind === undefined)
      .map((file, index) => group(`alone-${index + 1}`, [file])),
  ]
}

async function readTestFile(file: string): Promise<TestFile> {
  const source = await readFile(file, 'utf8')
  const kind = ALONE.test(source) ? undefined : KINDS.find(({ imports }) => imports.test(source))?.name
  return { file, source, kind }
}

function group(name: string, members: readonly TestFile[]): Group {
  const preloads = PRELOADS.filter(({ imports }) => members.some(({ source }) => imports.test(source)))
  return { name, files: members.map(({ file }) => file), preloads: preloads.map(({ module }) => module) }
}

function split<T>(members: readonly T[], parts: number): T[][] {
  const size = Math.ceil(members.length / parts)
  return Array.from({ length: parts }, (_, part) => members.slice(part * size, (part + 1) * size)).filter(
    (part) => part.length > 0,
  )
}
