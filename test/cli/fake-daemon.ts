/**
 * A daemon whose node is a fake: `fake-daemon.js <home> [--until-stdin-ends] [--hang] [--background] [--starts-never]`.
 */
import { paths } from '../../src/config/paths.js'
import { runDaemon } from '../../src/cli/run-daemon.js'
import { AccessTokens } from '../../src/node/home/access-tokens.js'
import { systemClock, systemRandom } from '../../src/node/runtime/system.js'
import { FakeNode } from '../rpc/fake-node.js'
import { silent } from '../rpc/raw-client.js'

const [home, ...flags] = process.argv.slice(2)
const node = new FakeNode()
if (flags.includes('--hang'))
  node.close = () => {
    console.log('closing')
    return new Promise(() => {
      setInterval(() => undefined, 1000)
    })
  }
await runDaemon({
  start: async () =>
    flags.includes('--starts-never')
      ? await startsNever()
      : {
          node,
          config: {},
          paths: paths(home!),
          tokens: new AccessTokens({
            path: paths(home!).httpTokens,
            clock: systemClock,
            random: systemRandom,
            log: silent
          }),
          created: true,
          reopen: new Promise(() => undefined),
          reload: () => {
            console.log('reloaded')
          }
        },
  log: silent,
  tell: (started) => console.log(JSON.stringify(started)),
  untilStdinEnds: flags.includes('--until-stdin-ends'),
  background: flags.includes('--background')
})
console.log('stopped in order')
process.exit()

async function startsNever(): Promise<never> {
  console.log('{}')
  return await new Promise(() => {
    setInterval(() => undefined, 1000)
  })
}
