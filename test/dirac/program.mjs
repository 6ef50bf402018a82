// A program with `dhn/client`: program.mjs <address> <proxy> <CA directory>
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseCfg } from 'dhn/cfg'
import { Client, executeRPCStub } from 'dhn/client'

const [url, proxyLocation, directory] = process.argv.slice(2)
const options = { proxyLocation, trust: { directory } }
const types = new Client(`${url}/Test/Types`, options)
const folder = mkdtempSync(join(tmpdir(), 'dhn-client-'))
const sent = join(folder, 'sent')
writeFileSync(sent, randomBytes(300_000))
await types.sendFile(sent, 'a file')
await types.receiveFile(join(folder, 'received'), 'a file', '')
const file = readFileSync(sent).equals(readFileSync(join(folder, 'received')))
rmSync(folder, { recursive: true })

const configuration = parseCfg(`Systems\n{\nTest\n{\nURLs\n{\nTypes = https://localhost:1, ${url}\n}\n}\n}`)
const byName = new Client('Test/Types', { ...options, configuration })
const answers = [await byName.call('echo', [1]), await byName.call('echo', [2])]
const untrusted = await new Client(`${url}/Test/Types`, { proxyLocation, trust: { directory: '/nowhere' } }).call(
  'ping',
)
const again = await executeRPCStub(answers[0].rpcStub, { ...options, configuration })
const large = await types.call('large', [300_000])
process.stdout.write(
  JSON.stringify({
    file,
    large: large.Value.length,
    second: answers.every(({ OK }) => OK),
    calls: answers.length,
    again: again.Value,
    stub: answers[0].rpcStub,
    untrusted: untrusted.Status,
  }),
)
