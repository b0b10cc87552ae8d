/** The bundle in dist/, which `npm test` makes when a source has changed. */
import { staleSource } from '../../tools/bundle-age.ts'

let checked: Promise<string | undefined> | undefined

/** @throws when a source is newer than the bundle, because the tests would run an old program. */
export async function refuseStaleBundle(): Promise<void> {
  const source = await (checked ??= staleSource())
  if (source !== undefined) throw new Error(`${source} is not in the bundle: npm run bundle`)
}
