/** What is there once is not written by hand again. Each exception has its reason. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** What a copy looks like, where it may stand all the same, and what there is instead. */
const COPIES: { looksLike: RegExp; instead: string; except: Record<string, string> }[] = [
  {
    looksLike: /\.(?:keys|values)\(\)\.next\(\)\.value!/,
    instead: 'BoundedMap, BoundedSet (core/bounded.ts)',
    except: {
      'src/core/bounded.ts': 'it is the tool',
      'src/core/authorized-nodes.ts': 'a rule of validity: restrictions keep the place of the grant',
      'src/core/platform/node.ts': 'the platform imports nothing of core',
      'src/network/dialling/dial-policy.ts': 'network/ imports nothing of core',
      'src/node/discovery/registry-book.ts': 'the last resort of a ranking'
    }
  },
  {
    looksLike: /= \w+\.catch\(\(\) => undefined\)/,
    instead: 'Mutex (core/mutex.ts)',
    except: { 'src/core/mutex.ts': 'it is the tool' }
  },
  {
    looksLike: /\brows\.next\(/,
    instead: 'chunks (store/chunks.ts)',
    except: {
      'src/store/chunks.ts': 'it is the tool',
      'src/store/backup.ts': 'the moment of the view is that of the call',
      'src/ledger/append/id-filter.ts': 'the moment of the view is that of the call'
    }
  },
  {
    looksLike: /decodeEntry\(\{ \.\.\.|decodeEntry\(\{[^}]*payload: null \}\)/,
    instead: 'decodeSigned (core/entry.ts)',
    except: { 'src/core/entry.ts': 'it is the tool' }
  },
  {
    looksLike:
      /meta(?:\.\w+)? as unknown as|as unknown as (?:Genesis|RotateKey|Access|Erase|AuthorizeNode|RevokeNode)Meta/,
    instead: 'isOfType (core/ledger-types.ts), referencesIn (core/reference.ts)',
    except: {}
  }
]

const files = ['src', 'protocols'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /(?<!\.pb)\.ts$/.test(name))
    .map((name) => join(folder, name))
)
const sources = new Map(files.map((file) => [file, readFileSync(file, 'utf8')]))

test.each(COPIES)('$instead', ({ looksLike, except }) => {
  const found = [...sources].filter(([, text]) => looksLike.test(text)).map(([file]) => file)
  expect(found.filter((file) => !Object.hasOwn(except, file))).toEqual([])
  expect(
    Object.keys(except).filter((file) => !found.includes(file)),
    'exceptions that are none any more'
  ).toEqual([])
})

test('what several test files import sets nothing up when it is loaded: they share a process, and load it once', () => {
  const helpers = readdirSync('test', { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.ts') && !path.endsWith('.test.ts')
  )
  expect(helpers.length).toBeGreaterThan(100)
  const hooks = /^(?:before|after)(?:All|Each)\(/m
  expect(helpers.filter((path) => hooks.test(readFileSync(join('test', path), 'utf8')))).toEqual([])
})
