import { inflateSync } from 'node:zlib'
import type { CfgSection } from '../cfg/cfg.ts'
import { parseCfg } from '../cfg/parse-cfg.ts'
import { type ReturnStructure, S_ERROR, S_OK } from '../service/return-structure.ts'
import { Client } from './client.ts'
import type { ClientOptions } from './client-options.ts'
import type { JsonPatches } from './json-patches.ts'

/** The answer of a configuration server to who has a version already. */
export interface NewerConfiguration {
  readonly newestVersion: string
  /** Compressed; absent when there is nothing newer. */
  readonly data?: Buffer
}

/** DIRAC's configuration service, whose data travel as base64 text. */
export class ConfigurationClient extends Client {
  static override readonly patches: JsonPatches = {
    getCompressedData: { value: bytesOf },
    getCompressedDataIfNewer: {
      value: (found: { readonly data?: string }) =>
        found.data === undefined ? found : { ...found, data: bytesOf(found.data) },
    },
    commitNewData: { args: ([data]: readonly Buffer[]) => [data?.toString('base64')] },
  }

  constructor(service = 'Configuration/Server', options: ClientOptions = {}) {
    super(service, options)
  }

  getCompressedData(): Promise<ReturnStructure<Buffer>> {
    return this.call('getCompressedData')
  }

  getCompressedDataIfNewer(version: string): Promise<ReturnStructure<NewerConfiguration>> {
    return this.call('getCompressedDataIfNewer', [version])
  }

  commitNewData(data: Buffer): Promise<ReturnStructure<null>> {
    return this.call('commitNewData', [data])
  }

  /** The configuration that the server has now. */
  async getConfiguration(): Promise<ReturnStructure<CfgSection>> {
    const compressed = await this.getCompressedData()
    if (!compressed.OK) return compressed
    try {
      return S_OK(parseCfg(inflateSync(compressed.Value).toString('utf8'), this.service))
    } catch (error) {
      return S_ERROR(`the configuration of ${this.service} can't be read: ${(error as Error).message}`)
    }
  }
}

function bytesOf(text: string): Buffer {
  return Buffer.from(text, 'base64')
}
