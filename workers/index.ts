/** The Worker's entry: the application, and the Durable Object classes that wrangler.toml names. */
import { app } from './app.ts'

export { Lobby } from '../durable/lobby/lobby.ts'
export { Room } from '../durable/room/room.ts'

export default app
