/**
 * The fields of a `multipart/form-data` body by name, as DIRAC's server reads them: of a field that is repeated the last
 * counts; a part without a name, with a file name, or broken in itself is passed over. A body without its last boundary
 * has no fields. Never throws.
 */
export function multipartFields(body: Buffer, contentType: string): ReadonlyMap<string, Buffer> {
  const fields = new Map<string, Buffer>()
  const boundary = parameterOf(contentType, 'boundary')
  if (boundary === undefined || boundary === '') return fields
  const delimiter = Buffer.from(`--${boundary}\r\n`, 'latin1')
  const end = body.lastIndexOf(`--${boundary}--`, undefined, 'latin1')
  for (let at = 0; at < end; ) {
    const next = body.indexOf(delimiter, at)
    const partEnd = next === -1 || next > end ? end : next
    readPart(body.subarray(at, partEnd), fields)
    at = partEnd + delimiter.length
  }
  return fields
}

function readPart(part: Buffer, fields: Map<string, Buffer>): void {
  const headEnd = part.indexOf('\r\n\r\n')
  if (headEnd === -1 || part.toString('latin1', part.length - 2) !== '\r\n') return
  const head = part.toString('utf8', 0, headEnd)
  const disposition = /^content-disposition:[ \t]*(.*)$/im.exec(head)?.[1]
  if (disposition === undefined || !/^form-data\s*(;|$)/.test(disposition)) return
  const name = parameterOf(disposition, 'name')
  if (name === undefined || name === '' || parameterOf(disposition, 'filename')) return
  fields.set(name, part.subarray(headEnd + 4, -2))
}

/** A parameter of a header such as `form-data; name="args"`, without its quotes. */
function parameterOf(header: string, name: string): string | undefined {
  const found = new RegExp(`;\\s*${name}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^;]*))`, 'i').exec(header)
  if (found === null) return undefined
  return found[1] === undefined ? found[2]?.trim() : found[1].replace(/\\(.)/g, '$1')
}
