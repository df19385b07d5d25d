/**
 * What a daemon takes from the machine stays what it needs: V8 and the C library are told so, which both ask only when
 * a process begins.
 */

/**
 * MiB of one half of V8's young generation, which doubles with the load up to 64 MiB and does not shrink again while
 * the node is in use.
 */
const SEMI_SPACE_MIB = 16
/**
 * Percent by which V8's old generation may grow beyond what was in use after its last collection. By itself V8 lets it
 * grow to four times as much: 250 MiB with 60 in use, after a minute of peers that come and go. The time for collections
 * was 12 percent of such a node's instead of 11.
 */
const HEAP_GROWING_PERCENT = 50
/**
 * Bytes from which on a block goes back to the system when it is freed. glibc keeps smaller ones, and the holes that
 * packets and reads from sockets leave are not closed: at 32 KiB, bytes that nobody read left 150 MiB.
 */
const MMAP_THRESHOLD = 8 * 1024

const SEMI_SPACE = '--max-semi-space-size'
const HEAP_GROWING = '--heap-growing-percent'
/** For collect-garbage.ts. */
const EXPOSE_GC = '--expose-gc'
const THRESHOLD = 'MALLOC_MMAP_THRESHOLD_'

/** How the process is to begin, given how it began; null: as it did. What an operator chose stays. */
export function bounded(
  execArgv: readonly string[],
  env: NodeJS.ProcessEnv
): { execArgv: string[]; env: NodeJS.ProcessEnv } | null {
  const given = [...execArgv, ...(env.NODE_OPTIONS ?? '').split(/\s+/)].map(
    (option) => option.replaceAll('_', '-').split('=')[0]
  )
  const missing = [
    [SEMI_SPACE, `${SEMI_SPACE}=${SEMI_SPACE_MIB}`],
    [HEAP_GROWING, `${HEAP_GROWING}=${HEAP_GROWING_PERCENT}`],
    [EXPOSE_GC, EXPOSE_GC]
  ]
    .filter(([name]) => !given.includes(name))
    .map(([, option]) => option!)
  if (missing.length === 0 && env[THRESHOLD] !== undefined) return null
  return { execArgv: [...execArgv, ...missing], env: { ...env, [THRESHOLD]: env[THRESHOLD] ?? `${MMAP_THRESHOLD}` } }
}

/**
 * Begins this process again, with the same id and the same open streams, as it should have begun. Where the system has
 * no way to, it goes on as it is.
 */
export function boundOwnMemory(): void {
  const anew = bounded(process.execArgv, process.env)
  if (anew === null || process.platform === 'win32' || process.execve === undefined) return
  process.execve(process.execPath, [process.execPath, ...anew.execArgv, ...process.argv.slice(1)], anew.env)
}
