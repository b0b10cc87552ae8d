/** Folders that exist for one test, on the machine's disk or on a small file system of their own. */
import { execFile } from 'node:child_process'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** An empty folder, named without symbolic links on the way, removed with everything in it when the test ends. */
export async function temporaryFolder(t: Pick<TestContext, 'after'>): Promise<string> {
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'voltdrop-test-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A tmpfs with the given mount options. Undefined, after skipping the test with the reason, where mounting is not allowed. */
export async function smallFileSystem(t: TestContext, options: string): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'voltdrop-test-mount-'))
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]).catch(
    (error: Error) => error,
  )
  t.after(async () => {
    if (!(mounted instanceof Error)) await run('umount', [folder])
    await rm(folder, { recursive: true })
  })
  if (!(mounted instanceof Error)) return folder
  t.skip('mounting a small file system needs root on Linux')
  return undefined
}
