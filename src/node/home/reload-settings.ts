/**
 * Settings that can change while the node runs: config.json and the bootstrap file are read again (SIGHUP in the
 * background).
 */
import { isDeepStrictEqual } from 'node:util'
import type { Config } from '../../config/config.js'
import type { Host } from '../../network/host.js'

/**
 * `changed`: keys whose new value is in effect now. `later`: changed keys that take effect after a restart. `left`:
 * settings that were left out, and why.
 */
export interface Reloaded {
  config: Config
  changed: string[]
  later: string[]
  left: string[]
}

export interface ReloadInit {
  host: Pick<Host, 'joinThrough'>
  admission: { allow: (ids: readonly string[]) => void }
  /** The settings in effect. */
  config: Config
  /** Throws BAD_CONFIG. */
  read: () => { config: Config; left: string[] }
}

/** The caller that made the log sets its level. */
export const RELOADED_KEYS = ['logLevel', 'bootstrap', 'allow'] as const

export function reloader({ host, admission, config, read }: ReloadInit): () => Reloaded {
  let now = config
  return () => {
    const { config: next, left } = read()
    const differ = (Object.keys({ ...now, ...next }) as (keyof Config)[]).filter(
      (key) => !isDeepStrictEqual(now[key], next[key])
    )
    const changed = differ.filter((key) => isReloaded(key, now, next))
    if (changed.includes('bootstrap')) host.joinThrough(next.bootstrap)
    if (changed.includes('allow')) admission.allow(next.allow ?? [])
    now = { ...now, ...Object.fromEntries(changed.map((key) => [key, next[key]])) }
    return { config: now, changed, later: differ.filter((key) => !changed.includes(key)), left }
  }
}

/** Whether there is an allow-list decides what a node shows to which peer: changing that needs a restart. */
function isReloaded(key: keyof Config, now: Config, next: Config): boolean {
  if (key === 'allow' && (now.allow === undefined || next.allow === undefined)) return false
  return (RELOADED_KEYS as readonly string[]).includes(key)
}
