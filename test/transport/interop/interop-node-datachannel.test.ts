import { after } from 'node:test'
import { endNodeDatachannel, startNodeDatachannel } from '../../../bench/transport/node-datachannel.ts'
import { testInterop } from './interop.ts'

after(endNodeDatachannel)

testInterop('libdatachannel', startNodeDatachannel)
