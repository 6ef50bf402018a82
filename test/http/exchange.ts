import { connect } from 'node:net'

/** What came back for raw bytes until the connection was closed, by the other side or after so long a silence (ms). */
export function exchange(port: number, text: string, silence = 700): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const socket = connect(port, '127.0.0.1')
    const end = (): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(Buffer.concat(chunks).toString('latin1'))
    }
    let timer = setTimeout(end, silence)
    socket.on('data', (chunk) => {
      chunks.push(chunk)
      clearTimeout(timer)
      timer = setTimeout(end, silence)
    })
    socket.on('error', () => undefined)
    socket.once('close', end)
    socket.write(text, 'latin1')
  })
}

export const statusesOf = (answer: string): string =>
  [...answer.matchAll(/HTTP\/1\.[01] (\d{3})/g)].map(([, status]) => status).join(' ')
