import { once } from 'node:events'
import { errorAsData } from '../../../src/service/errors.ts'
import { Store } from '../../../src/store/store.ts'

/** Opens a store, and makes two changes when it is told to, the second while the first is being written; tells what came of them. */
const store = await Store.open(process.argv[2] as string)
const change = (garId: string): Promise<string> =>
  store.commit({ live: { garId, live: 1, digest: '0', mode: 'open', desired: 'ready' } }).then(
    () => 'done',
    (error: unknown) => errorAsData(error).code,
  )
const told = once(process, 'message')
process.send?.('open')
await told
const first = change('one')
await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
const second = change('two')
process.send?.({ first: await first, second: await second })
await store.close()
process.disconnect?.()
