/** The program behind `npm test`, on small folders of test files: nothing that goes wrong in a file may look like success. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { temporaryFolder } from '../support/temporary-folder.ts'

const PROGRAM = path.join(import.meta.dirname, 'run-tests.ts')
const PASSING = "import { test } from 'node:test'\ntest('passes', () => {})\n"

async function runOn(t: TestContext, files: Record<string, string>, ...args: string[]) {
  const folder = await temporaryFolder(t)
  for (const [name, source] of Object.entries(files)) {
    // oxlint-disable-next-line no-await-in-loop -- a file or two
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true })
    // oxlint-disable-next-line no-await-in-loop -- a file or two
    await writeFile(path.join(folder, name), source)
  }
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const options = { env, encoding: 'utf8' } as const
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [PROGRAM, '--folder', folder, ...args],
    options,
  )
  return { status, output: stdout + stderr }
}

test('a run without a failure ends with 0 and with the sums of all files', async (t) => {
  const { status, output } = await runOn(t, { 'a.test.ts': PASSING, 'b/c.test.ts': PASSING })
  assert.equal(status, 0, output)
  assert.match(output, /ℹ tests 2\n.*\n?ℹ pass 2\nℹ fail 0\n/s)
})

test('a name chooses the files whose path contains it', async (t) => {
  const files = { 'a.test.ts': PASSING, 'b/c.test.ts': PASSING }
  assert.match((await runOn(t, files, 'b/')).output, /ℹ tests 1\n/)
  const { status, output } = await runOn(t, files, 'd')
  assert.equal(status, 1)
  assert.equal(output, 'no test file below test/ is named d\n')
})

const FAILING = {
  'fails.test.ts': "import { test } from 'node:test'\ntest('x', () => { throw new Error('of a test') })\n",
  'does-not-load.test.ts': `import './missing.ts'\n${PASSING}`,
  'hook.test.ts': `import { after } from 'node:test'\n${PASSING}after(() => { throw new Error('of a hook') })\n`,
  'rejects.test.ts':
    "import { test } from 'node:test'\ntest('x', () => void Promise.reject(new Error('without a handler')))\n",
  'empty.test.ts': '// no test\n',
}

test('a failure in any of the files ends the run with 1 and is shown', async (t) => {
  const { status, output } = await runOn(t, { ...FAILING, 'passes.test.ts': PASSING })
  assert.equal(status, 1, output)
  for (const shown of [
    'of a test',
    'missing.ts',
    'of a hook',
    'without a handler',
    'empty.test.ts has no tests',
  ])
    assert.ok(output.includes(shown), `${shown} is not in ${output}`)
  assert.match(output, /✔ \S+passes\.test\.ts/)
})

for (const [what, source] of Object.entries({
  'a file without a test': FAILING['empty.test.ts'],
  'a file that ends its process': `${PASSING}test('x', () => process.exit(0))\n`,
  'a process that is killed': `${PASSING}test('x', () => process.kill(process.pid, 'SIGKILL'))\n`,
  'an error after the tests': `${PASSING}test('x', () => void setTimeout(() => { throw new Error('late') }, 50))\n`,
})) {
  test(`${what} ends the run with 1`, async (t) => {
    const { status, output } = await runOn(t, {
      'a.test.ts': PASSING,
      'b.test.ts': source,
      'c.test.ts': PASSING,
    })
    assert.equal(status, 1, output)
  })
}
