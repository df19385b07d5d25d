import { z } from 'zod'
import { what } from './setting-words.js'

/** Serving over HTTP; absent: not at all. `src/http/listen.ts` says which addresses it takes. */
export const httpSettings = z.strictObject({
  listen: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .meta(
      what(
        'Serve over HTTP, at 127.0.0.1:7480, [::1]:7480, or the absolute path of a unix socket in a folder of its own, for a proxy. Absent: not at all.',
        { value: 'where' }
      )
    ),
  group: z
    .string()
    .min(1)
    .optional()
    .meta(
      what("Whose members may open that unix socket, beside its owner: a group's name or number.", { value: 'group' })
    ),
  publicUrl: z
    .url({ protocol: /^https?$/, error: 'a URL: https://ledger.example.org' })
    .optional()
    .meta(what('How others call this server, where a proxy stands before it.', { value: 'url' })),
  containerListen: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .meta(
      what('In place of `http.listen`: any address, in a container, where the network outside says who reaches it.', {
        value: 'where'
      })
    )
})
