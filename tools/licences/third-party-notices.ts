/** The licences of everything that is bundled, with their texts, as the licences require. */
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'

/** Whose work it is, for packages that are published without the text of their licence; from their repositories and READMEs. */
const COPYRIGHTS = new Map([
  ['werift', 'Copyright (c) 2020 shinyoshiaki'],
  ['drizzle-orm', 'Copyright Drizzle Team'],
  ['@hono/zod-openapi', 'Copyright (c) Yusuke Wada and Hono contributors'],
  ['@hono/zod-validator', 'Copyright (c) Yusuke Wada and Hono contributors'],
])

type Manifest = { readonly name: string; readonly version: string; readonly license?: string }

const RULE = '-'.repeat(78)

/** The notices of every package of which a file is in a bundle. `root` is the folder to which the paths of the inputs refer. */
export async function thirdPartyNotices(root: string, metafiles: readonly Metafile[]): Promise<string> {
  const folders = new Set<string>()
  for (const input of metafiles.flatMap((metafile) => Object.keys(metafile.inputs))) {
    const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]
    if (folder !== undefined) folders.add(folder)
  }
  const notices = await Promise.all([...folders].toSorted().map((folder) => noticeOf(join(root, folder))))
  return `Voltdrop contains code of the following packages.\n\n${[...new Set(notices)].join('\n')}`
}

async function noticeOf(folder: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest
  const { name, version, license } = manifest
  const files = (await readdir(folder))
    .filter((file) => /^(?:licen[cs]e|notice|copying)/i.test(file))
    .toSorted()
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))
  const text = texts.join('\n').trim() || (await keptText(manifest))
  return [RULE, `${name} ${version} (${license ?? 'licence in its source'})`, RULE, text, ''].join('\n')
}

/** The text of a licence that the package names but does not contain. @throws TypeError when nobody has looked whose work it is. */
async function keptText({ name, license = '' }: Manifest): Promise<string> {
  const copyright = COPYRIGHTS.get(name)
  if (copyright === undefined || !/^[\w.-]+$/.test(license))
    throw new TypeError(`${name} is published without its licence: name its author in COPYRIGHTS`)
  const text = await readFile(join(import.meta.dirname, `${license}.txt`), 'utf8')
  return `${copyright}\n\n${text.trim()}`
}
