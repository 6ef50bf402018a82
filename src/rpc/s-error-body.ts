/** The body of an error status of JSON RPC: an S_ERROR, so that old and new DIRAC clients both find the message. */
export function sErrorBody(message: string, errno = 0): string {
  return JSON.stringify({ OK: false, Errno: errno, Message: message })
}
