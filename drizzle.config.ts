/** drizzle-kit only generates SQL (`npx drizzle-kit generate`); wrangler applies it. */
import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'sqlite',
  schema: './drizzle/schema/schema.ts',
  out: './drizzle/migrations',
})
