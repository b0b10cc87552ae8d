/** Writes the seed's SQL to stdout: `node drizzle/seed/print.ts > seed.sql`, then `wrangler d1 execute voltdrop --local --file seed.sql`. */
import { seedSql } from './seed-sql.ts'

process.stdout.write(seedSql())
