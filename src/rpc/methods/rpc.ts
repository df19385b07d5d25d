import { z } from 'zod'
import { method } from '../method.js'
import { jsonObject } from './shapes.js'

export const rpcMethods = {
  'rpc.ping': method({
    access: 'read',
    summary: 'Is the node up? Answers at once, even when all connections are in use.',
    params: [],
    result: z.object({}),
    errors: [],
    example: { params: {}, result: {} }
  }),
  'rpc.discover': method({
    access: 'read',
    summary: 'This interface as an OpenRPC document.',
    params: [],
    result: z.looseObject({ openrpc: z.string(), info: jsonObject, methods: z.array(jsonObject) }),
    errors: [],
    example: { params: {}, result: { openrpc: '1.3.2', info: { title: 'Ledgermesh', version: '0.1.0' }, methods: [] } }
  })
} as const
