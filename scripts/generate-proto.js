// Makes protocols/<name>/<name>.pb.ts from protocols/<name>/<name>.pb.proto.
import { execFileSync } from 'node:child_process'
import { globSync, readFileSync, writeFileSync } from 'node:fs'

for (const proto of globSync('protocols/*/*.pb.proto')) {
  execFileSync(process.execPath, ['node_modules/protons/dist/bin/protons.js', proto], { stdio: 'inherit' })
  const generated = proto.replace(/\.proto$/, '.ts')
  // protons' output does not satisfy exactOptionalPropertyTypes; its own tests cover it. Its bytes are any bytes to us,
  // wherever they are held.
  const code = readFileSync(generated, 'utf8').replaceAll('Uint8Array<ArrayBuffer>', 'Uint8Array')
  writeFileSync(generated, `// @ts-nocheck\n${code}`)
}
