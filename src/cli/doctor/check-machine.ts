import { statfsSync } from 'node:fs'
import semver from 'semver'
import { size } from '../text.ts'
import { type Finding, fail, ok, type Patient, warn } from './finding.ts'

export function checkNodeVersion(_: unknown, version: string = process.versions.node, needed = '>=20.19'): Finding[] {
  return semver.satisfies(version, needed)
    ? [ok('node version', `Node ${version}`)]
    : [fail('node version', `Node ${version} is too old`, `install Node ${needed}`)]
}

const little = 500e6
const tooLittle = 50e6

export function checkDisk({ home }: Patient): Finding[] {
  const { bavail, bsize, files, ffree } = statfsSync(home.root)
  const free = bavail * bsize
  const text = `${size(free)} free at ${home.root}`
  const next = 'make room: a deploy needs the archive twice, packed and unpacked'
  if (free < tooLittle) return [fail('disk', text, next)]
  if (free < little) return [warn('disk', text, next)]
  if (files > 0 && ffree < 1000) return [warn('disk', `${ffree} more files can be made at ${home.root}`, next)]
  return [ok('disk', text)]
}
