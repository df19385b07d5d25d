/** A daemon whose node is a fake: `fake-daemon.js <home> [--until-stdin-ends] [--hang]`. */
import { paths } from '../../src/config/paths.js'
import { runDaemon } from '../../src/cli/run-daemon.js'
import { FakeNode } from '../rpc/fake-node.js'
import { silent } from '../rpc/raw-client.js'

const [home, ...flags] = process.argv.slice(2)
const node = new FakeNode()
if (flags.includes('--hang')) node.close = () => new Promise(() => { setInterval(() => undefined, 1000) })
await runDaemon({
  start: async () => ({ node, paths: paths(home!), created: true, reopen: new Promise(() => undefined) }),
  log: silent,
  tell: (started) => console.log(JSON.stringify(started)),
  untilStdinEnds: flags.includes('--until-stdin-ends')
})
console.log('stopped in order')
process.exit()
