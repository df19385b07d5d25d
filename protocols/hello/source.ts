import type { HelloIntro, SessionSource } from './contract.js'
import type { HelloSession } from './session.js'

/** What both ends of the protocol ask of their node: the introductions, and then what a session asks. */
export interface HelloSource extends SessionSource {
  /** What this peer is to know of us. */
  intro: (peer: string) => HelloIntro | Promise<HelloIntro>
  /**
   * Decides about `session.intro`; throwing refuses the peer. Requests made in here are answered only after it returns:
   * do not wait for them inside.
   */
  onIntro: (session: HelloSession) => void | Promise<void>
}
