/**
 * A TCP proxy with a will of its own, as a program: `node bad-line.js <listen port> <to host> <to port>`. Each line on
 * standard input is a command: `latency <ms>` (each way), `stall` (open, and no byte passes), `flow`, `cut` (all
 * connections are reset).
 */
import { createConnection, createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

const [port, host, to] = process.argv.slice(2)
const pairs = new Set<Socket>()
let latencyMs = 0
let stalled = false
let flows: (() => void)[] = []

function pass(from: Socket, into: Socket): void {
  const late: { at: number; chunk: Buffer }[] = []
  let ended = false
  let timer: NodeJS.Timeout | null = null
  const forward = (): void => {
    timer = null
    if (into.destroyed) return
    while (late.length > 0 && !stalled && late[0]!.at <= performance.now()) into.write(late.shift()!.chunk)
    if (late.length === 0 && ended) into.end()
    else if (stalled) flows.push(forward)
    else if (late.length > 0) timer = setTimeout(forward, Math.max(1, late[0]!.at - performance.now()))
    if (into.writableNeedDrain) from.pause()
  }
  from.on('data', (chunk: Buffer) => {
    late.push({ at: performance.now() + latencyMs, chunk })
    if (timer === null) forward()
  })
  from.once('end', () => {
    ended = true
    if (timer === null) forward()
  })
  into.on('drain', () => from.resume())
  from.on('error', () => undefined)
  from.once('close', () => {
    pairs.delete(from)
    into.destroySoon()
  })
  pairs.add(from)
}

createServer({ allowHalfOpen: true }, (near) => {
  const far = createConnection({ host, port: Number(to), allowHalfOpen: true })
  pass(near, far)
  pass(far, near)
}).listen(Number(port), '0.0.0.0', () => {
  console.log('up')
})

const commands = createInterface({ input: process.stdin })
commands.on('close', () => {
  process.exit(0)
})
commands.on('line', (line) => {
  const [command, value] = line.split(' ')
  if (command === 'latency') latencyMs = Number(value)
  if (command === 'stall') stalled = true
  if (command === 'flow') {
    stalled = false
    const waiting = flows
    flows = []
    for (const flow of waiting) flow()
  }
  if (command === 'cut') for (const socket of pairs) socket.resetAndDestroy()
  console.log(line)
})
