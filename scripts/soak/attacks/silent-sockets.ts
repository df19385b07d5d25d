import { connect } from 'node:net'
import { random } from '../../../test/network/fixture.js'
import { turn, type Target } from '../attack.js'

export async function silentSockets({ addr, connections, seconds }: Target, over: () => boolean): Promise<string> {
  const [, , host, , port] = addr.split('/')
  let opened = 0
  while (!over()) {
    const sockets = Array.from({ length: Math.min(200, connections) }, (_, i) => {
      const socket = connect({ port: Number(port), host: host!, localAddress: `127.0.0.${2 + (i % 50)}` })
      socket.on('error', () => {
        /* refused: as it should be */
      })
      if (i % 2 === 0) socket.write(random.bytes(500))
      return socket
    })
    opened += sockets.length
    await turn(Math.min(1_000, seconds * 100))
    for (const socket of sockets) socket.destroy()
    if (opened >= connections) break
  }
  return `${opened} sockets`
}
