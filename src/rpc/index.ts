export { LedgerClient, type NetworkNotice, type Notice, type Outcome } from './client.js'
export { METHODS, type MethodName, type Methods } from './methods/index.js'
export { openRpcDocument } from './open-rpc.js'
export { startRpcServer, type RpcServer, type RpcServerOptions } from './server.js'
