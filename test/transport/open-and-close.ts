/** Run as a process of its own: opens one pair, closes two more half way, and must then exit by itself. */
import { makeStartAttempt } from '../../transport/webrtc-attempt.ts'
import { connectPair, pattern, startAttempts } from './attempt-pair.ts'

const start = makeStartAttempt({ transport: process.argv[2] === 'fast' ? 'fast' : 'werift' })
const { offering, close } = await connectPair(startAttempts(start, start))
await offering.channel.send(pattern(65_536, 1))
close()

const unanswered = startAttempts(start, start)
await unanswered.b.answer(await unanswered.a.offer())
unanswered.a.close()
unanswered.b.close()

const opening = startAttempts(start, start)
await opening.a.accept(await opening.b.answer(await opening.a.offer()))
await new Promise((resolve) => setImmediate(resolve))
opening.a.close()
opening.b.close()
