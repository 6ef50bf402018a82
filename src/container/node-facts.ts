import { statfs } from 'node:fs/promises'
import { arch, cpus, freemem, hostname, loadavg, platform, release, totalmem, version } from 'node:os'
import type { NodeFacts } from './requirements.ts'

const megabyte = 1024 * 1024
/** As `uname` writes them, since profiles were written for these words. */
const systems: Readonly<Record<string, string>> = { linux: 'Linux', darwin: 'Darwin', win32: 'Windows' }
const machines: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64', ia32: 'i386' }

/**
 * What this node is now, in the words of a node's profile. Memory and disk are MB; the disk is the one that `home` is on.
 *
 * @param labels the variables of `customDHNlabels.xml`
 */
export async function nodeFacts(home: string, labels: Readonly<Record<string, string>>): Promise<NodeFacts> {
  const disk = await statfs(home)
  const [last1, last5, last15] = loadavg()
  return {
    labels,
    facts: {
      Name: hostname(),
      'Architecture.PlatformType': machines[arch()] ?? arch(),
      'Architecture.SMPSize': cpus().length,
      'OperatingSystem.Name': systems[platform()] ?? platform(),
      'OperatingSystem.Release': release(),
      'OperatingSystem.Version': version(),
      'MainMemory.RAMSize': Math.round(totalmem() / megabyte),
      'MainMemory.RAMAvailable': Math.round(freemem() / megabyte),
      LocalAvailableSpace: Math.round((disk.bavail * disk.bsize) / megabyte),
      'Load.Last1Min': last1 ?? 0,
      'Load.Last5Min': last5 ?? 0,
      'Load.Last15Min': last15 ?? 0,
    },
  }
}
