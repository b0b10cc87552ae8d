/** The Worker's entry: the application, and the Durable Object classes that wrangler.toml names. */
import { app } from './app.ts'

export { ExportDesk } from '../durable/exports/export-desk.ts'
export { Lobby } from '../durable/lobby/lobby-object.ts'
export { Room } from '../durable/room/room-object.ts'

export default app
