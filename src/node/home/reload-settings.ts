/**
 * Settings that can change while the node runs: config.json and the bootstrap file are read again (`config reload`, or
 * SIGHUP in the background).
 */
import { isDeepStrictEqual } from 'node:util'
import type { Config } from '../../config/config.js'
import { RELOADED_KEYS } from '../../config/settings.js'
import type { Host } from '../../network/host.js'
import type { Log } from '../../ports.js'
import type { Reloaded, ReloadOptions } from '../api/node.js'

export interface ReloadInit {
  host: Pick<Host, 'joinThrough'>
  admission: { allow: (ids: readonly string[]) => void }
  /** The settings in effect. */
  config: Config
  /** Throws BAD_CONFIG. */
  read: () => { config: Config; left: string[] }
  /** One whose level can be set follows `logLevel`. */
  log: Log & { level?: string }
}

/** Throws BAD_CONFIG: then nothing has changed. */
export function reloader({ host, admission, config, read, log }: ReloadInit): (options?: ReloadOptions) => Reloaded {
  let now = config
  return ({ dryRun = false } = {}) => {
    const { config: next, left } = read()
    const differ = (Object.keys({ ...now, ...next }) as (keyof Config)[]).filter(
      (key) => !isDeepStrictEqual(now[key], next[key])
    )
    const changed = differ.filter((key) => isReloaded(key, now, next))
    const reloaded = { changed, later: differ.filter((key) => !changed.includes(key)), left }
    if (dryRun) return reloaded
    if (changed.includes('bootstrap')) host.joinThrough(next.bootstrap)
    if (changed.includes('allow')) admission.allow(next.allow ?? [])
    if (changed.includes('logLevel') && log.level !== undefined) log.level = next.logLevel
    now = { ...now, ...Object.fromEntries(changed.map((key) => [key, next[key]])) }
    log.info({ event: 'config.reloaded', ...reloaded }, 'settings reloaded; those under `later` need a restart')
    return reloaded
  }
}

/** Whether there is an allow-list decides what a node shows to which peer: changing that needs a restart. */
function isReloaded(key: keyof Config, now: Config, next: Config): boolean {
  if (key === 'allow' && (now.allow === undefined || next.allow === undefined)) return false
  return RELOADED_KEYS.includes(key)
}
