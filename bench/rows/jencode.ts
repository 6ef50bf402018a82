import { jdecode } from '../../src/rpc/jencode/decode.ts'
import { jencode } from '../../src/rpc/jencode/encode.ts'
import type { Figure } from '../figure.ts'
import { lowerQuartile, medianRatio } from '../harness/arithmetic.ts'
import type { Row } from './bench.ts'

const row = 'JEncode'
const job = (id: number) => ({
  JobID: id,
  Status: 'Running',
  Site: 'LCG.Example.org',
  Owner: 'alice',
  CPUTime: id + 0.25,
  Flags: [true, null],
  Path: `/vo/user/a/alice/${id}`,
})
/** What services send: a short answer, a long list of records, and a long text. */
const values = {
  '150 B of plain JSON': { OK: true, Value: job(1234) },
  '20 KB of plain JSON': { OK: true, Value: Array.from({ length: 150 }, (_, at) => job(1000 + at)) },
  'a text of 20 KB': { OK: true, Value: 'x'.repeat(20_000) },
}

/** Plain JSON through JEncode, against what the engine itself needs for it. */
export const jencodeOfPlainJson: Row = {
  name: 'jencode',
  about: 'plain JSON through JEncode, against JSON.parse and JSON.stringify',
  async run({ rounds, quick }) {
    return { figures: Object.entries(values).flatMap(([what, value]) => figuresOf(what, value, rounds, quick)) }
  },
}

function figuresOf(what: string, value: unknown, rounds: number, quick: boolean): Figure[] {
  const text = JSON.stringify(value)
  const calls = Math.ceil((quick ? 1e5 : 3e6) / text.length)
  const work = {
    parse: () => JSON.parse(text),
    jdecode: () => jdecode(text),
    stringify: () => JSON.stringify(value),
    jencode: () => jencode(value),
  }
  const times = { parse: [], jdecode: [], stringify: [], jencode: [] } as Record<keyof typeof work, number[]>
  // The first rounds compile.
  for (let round = -3; round < rounds; round += 1) {
    for (const [name, run] of Object.entries(work) as [keyof typeof work, () => unknown][]) {
      const begun = process.hrtime.bigint()
      for (let call = 0; call < calls; call += 1) run()
      const took = Number(process.hrtime.bigint() - begun) / calls / 1000
      if (round >= 0) times[name].push(took)
    }
  }
  const figure = (name: keyof typeof work, against: keyof typeof work): Figure => ({
    row,
    what: `${name} of ${what}, against JSON.${against}`,
    value: medianRatio(times[name], times[against]),
    unit: '×',
    bar: 1.3,
    from: `${lowerQuartile(times[name]).toFixed(2)} against ${lowerQuartile(times[against]).toFixed(2)} µs`,
  })
  return [figure('jdecode', 'parse'), figure('jencode', 'stringify')]
}
