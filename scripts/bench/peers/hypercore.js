// hypercore as its documentation says: one core, JSON blocks, replicated over a TCP connection with its Noise stream.
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import Hypercore from 'hypercore'

/** @type {import('./system.ts').System} */
export const system = {
  author: async (folder) => {
    const core = new Hypercore(folder, { valueEncoding: 'json' })
    await core.ready()
    const server = createServer((socket) => {
      replicate(core, socket, false)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return {
      address: { key: core.key.toString('hex'), port: String(server.address().port) },
      append: async (record) => await core.append(record),
      appendBatch: async (records) => await core.append(records),
      close: async () => {
        await core.close()
      }
    }
  },
  follower: async (folder, { key }) => {
    const core = new Hypercore(folder, Buffer.from(key, 'hex'), { valueEncoding: 'json' })
    await core.ready()
    return {
      catchUp: async ({ port }, count) => {
        const socket = connect(Number(port), '127.0.0.1')
        replicate(core, socket, true)
        await core.download({ start: 0, end: count }).done()
        // from now on new blocks are fetched without being asked for
        core.download({ start: count, end: -1 })
      },
      read: async (index) => {
        while (core.length <= index) await once(core, 'append')
        return await core.get(index)
      },
      close: async () => {
        await core.close()
      }
    }
  }
}

function replicate(core, socket, initiator) {
  socket.setNoDelay(true)
  const stream = core.replicate(initiator)
  socket.on('error', () => {
    stream.destroy()
  })
  stream.on('error', () => {
    socket.destroy()
  })
  socket.pipe(stream).pipe(socket)
}
