import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type Finding, fail, ok, type Patient, warn } from './finding.ts'

const day = 24 * 60 * 60 * 1000
const soon = 30 * day
const renew = 'put a new certificate and key there, or delete both and run: dhn init'

export function checkCertificate({ doors, now }: Patient): Finding[] {
  if (doors === undefined) return []
  const { certificateFile, keyFile } = doors.tls
  const certificate = read(certificateFile, (text) => new X509Certificate(text))
  const key = read(keyFile, createPrivateKey)
  if (certificate instanceof Error) return [fail('certificate', `${certificateFile}: ${certificate.message}`, renew)]
  if (key instanceof Error) return [fail('certificate', `${keyFile}: ${key.message}`, renew)]
  const subject = certificate.subject.replaceAll('\n', ', ')
  const findings: Finding[] = []
  if (!certificate.checkPrivateKey(key)) {
    findings.push(fail('certificate', `${keyFile} isn't the key of ${certificateFile}`, renew))
  }
  const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)]
  if (now < from)
    findings.push(
      fail('certificate', `${subject} is valid only from ${certificate.validFrom}`, 'set the clock, or renew it'),
    )
  if (now > to) findings.push(fail('certificate', `${subject} has expired: ${certificate.validTo}`, renew))
  else if (to - now < soon)
    findings.push(warn('certificate', `${subject} expires in ${Math.floor((to - now) / day)} days`, renew))
  if (certificate.checkHost(doors.host) === undefined) {
    findings.push(
      warn(
        'certificate',
        `${subject} isn't for the host ${doors.host}`,
        'set /DHN/Host in etc/dhn.cfg to its name, or make one for that host',
      ),
    )
  }
  return findings.length === 0 ? [ok('certificate', `${subject}, until ${new Date(to).toISOString()}`)] : findings
}

function read<Value>(file: string, parse: (text: string) => Value): Value | Error {
  try {
    return parse(readFileSync(file, 'utf8'))
  } catch (error) {
    return error as Error
  }
}
