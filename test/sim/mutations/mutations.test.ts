/**
 * The list of broken rules is about the code as it is: `node dist/scripts/soak/mutations.js` breaks each of them and
 * plays its seed.
 */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { MUTATIONS } from './list.js'
import { broken } from './mutation.js'

test.each(MUTATIONS.map((mutation) => [mutation.part, mutation.rule, mutation] as const))(
  '%s: %s',
  (_part, _rule, mutation) => {
    const text = readFileSync(new URL(`../../../${mutation.file}`, import.meta.url), 'utf8')
    expect(broken(text, mutation)).not.toBe(text)
  }
)
