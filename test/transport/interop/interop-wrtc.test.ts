import { testInterop } from './interop.ts'
import { noWrtc, startWrtc } from './wrtc.ts'

testInterop('libwebrtc', startWrtc, noWrtc)
