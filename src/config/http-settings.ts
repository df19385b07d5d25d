import { z } from 'zod'

/** Serving over HTTP; absent: not at all. `src/http/listen.ts` says which addresses it takes. */
export const httpSettings = z.strictObject({
  /** `127.0.0.1:7480`, `[::1]:7480`, or the absolute path of a unix socket in a folder of its own, for a proxy. */
  listen: z.string().min(1).max(256).optional(),
  /** Whose members may open the unix socket, beside its owner: a group's name or number. */
  group: z.string().min(1).optional(),
  /** How others call this server, where a proxy stands before it. */
  publicUrl: z.url({ protocol: /^https?$/, error: 'a URL: https://ledger.example.org' }).optional(),
  /** In place of `listen`: any address, in a container, where the network outside says who reaches it. */
  containerListen: z.string().min(1).max(256).optional()
})
