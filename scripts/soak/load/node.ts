/**
 * A process: the daemon under load, which says how large it is when it is asked. Run with --expose-gc. Argument: its
 * home.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { startDaemon } from '../../../src/node/start-daemon.js'
import { silentLog } from '../../../src/node/runtime/system.js'
import { startRpcServer } from '../../../src/rpc/server.js'

export interface NodeReady {
  ledger: string
  addr: string
  socket: string
}
/** After a collection of garbage. The event loop's delay is that since the last sample. */
export interface Sample {
  heapBytes: number
  rssBytes: number
  loopP99Ms: number
  loopMaxMs: number
  handles: Record<string, number>
}

const RESOLUTION_MS = 10
const NS_PER_MS = 1e6

const { node, paths } = await startDaemon({ home: process.argv[2]!, listen: ['/ip4/127.0.0.1/tcp/0'] }, silentLog)
const server = await startRpcServer({ socket: paths.socket, node, log: silentLog, onStop: () => {} })
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
delay.enable()

function sample(): Sample {
  // How late a timer of this resolution is, without the resolution itself. Read before the collection, which is not the
  // load's.
  const [loopP99Ms, loopMaxMs] = [delay.percentile(99), delay.max].map((ns) => ns / NS_PER_MS - RESOLUTION_MS) as [
    number,
    number
  ]
  globalThis.gc!()
  delay.reset()
  const handles: Record<string, number> = {}
  for (const name of process.getActiveResourcesInfo()) handles[name] = (handles[name] ?? 0) + 1
  const { heapUsed, rss } = process.memoryUsage()
  return { heapBytes: heapUsed, rssBytes: rss, loopP99Ms, loopMaxMs, handles }
}

process.on('message', () => {
  process.send!(sample())
})
process.on('disconnect', () => {
  server
    .close(() => node.close())
    .then(
      () => {
        process.exit()
      },
      () => {
        process.exit(1)
      }
    )
})
const { ledger, addrs } = await node.status()
process.send!({ ledger, addr: addrs[0]!, socket: paths.socket } satisfies NodeReady)
