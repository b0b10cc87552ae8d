/** `npm run --silent seed`: writes the seed's SQL to stdout, for `wrangler d1 execute` (README). */
import { seedSql } from './seed-sql.ts'

process.stdout.write(seedSql())
