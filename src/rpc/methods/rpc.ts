import { z } from 'zod'
import { method } from '../method.js'
import { jsonObject } from './shapes.js'

export const rpcMethods = {
  'rpc.discover': method({
    summary: 'This interface as an OpenRPC document.',
    params: [],
    result: z.looseObject({ openrpc: z.string(), info: jsonObject, methods: z.array(jsonObject) }),
    errors: [],
    example: { params: {}, result: { openrpc: '1.3.2', info: { title: 'Ledgermesh', version: '0.1.0' }, methods: [] } }
  })
} as const
