/** A DNS server on loopback that knows TXT records and nothing else (RFC 1035, one question per message, over UDP). */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'

const HEADER_BYTES = 12
const TXT = 16

export interface DnsServer {
  /** ip:port */
  address: string
  /** By name. May be changed while it runs. */
  records: Map<string, string[]>
  questions: string[]
  /** It hears and says nothing. */
  silent: boolean
  close: () => Promise<void>
}

export async function dnsServer(records: Record<string, string[]>): Promise<DnsServer> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const server: DnsServer = {
    address: `127.0.0.1:${socket.address().port}`,
    records: new Map(Object.entries(records)),
    questions: [],
    silent: false,
    close: async () => {
      await new Promise<void>((resolve) => {
        socket.close(() => {
          resolve()
        })
      })
    }
  }
  socket.on('message', (query, { port, address }) => {
    const labels: string[] = []
    let at = HEADER_BYTES
    for (let length = query[at]!; length !== 0; length = query[at]!) {
      labels.push(query.toString('latin1', at + 1, at + 1 + length))
      at += 1 + length
    }
    const question = query.subarray(HEADER_BYTES, at + 5)
    const name = labels.join('.').toLowerCase()
    server.questions.push(name)
    if (server.silent) return
    const answers = query.readUInt16BE(at + 1) === TXT ? server.records.get(name) : undefined
    const header = Buffer.alloc(HEADER_BYTES)
    query.copy(header, 0, 0, 2)
    header.writeUInt16BE(answers === undefined ? 0x8183 : 0x8180, 2) // NXDOMAIN, or an answer
    header.writeUInt16BE(1, 4)
    header.writeUInt16BE(answers?.length ?? 0, 6)
    socket.send(Buffer.concat([header, question, ...(answers ?? []).map(txt)]), port, address)
  })
  return server
}

/** A resource record: the name is a pointer to the question, the text is cut into strings of at most 255 bytes. */
function txt(text: string): Buffer {
  const bytes = Buffer.from(text)
  const parts: Buffer[] = []
  for (let i = 0; i < bytes.length; i += 255)
    parts.push(Buffer.of(Math.min(255, bytes.length - i)), bytes.subarray(i, i + 255))
  const data = Buffer.concat(parts)
  const head = Buffer.alloc(12)
  head.writeUInt16BE(0xc000 + HEADER_BYTES, 0)
  head.writeUInt16BE(TXT, 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt32BE(60, 6)
  head.writeUInt16BE(data.length, 10)
  return Buffer.concat([head, data])
}
