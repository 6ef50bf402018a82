import { gCubeStartupManager, Logger, RequestHandler, S_OK } from 'dhn/service'

const log = new Logger('Samples/Echo')

/** Says what it is told. `ping` and `echo` would be there without a line of code: this one echoes a text backwards too. */
export class EchoService extends RequestHandler {
  static {
    gCubeStartupManager.registerRI('Samples', 'Echo', {
      ready: () => log.info('listening'),
      failed: () => log.error('failed'),
      disabled: () => log.info('silent'),
      redeployed: () => log.warn('takes over from one that died'),
    })
  }

  auth_reverse = ['all']
  export_reverse(text: string) {
    return S_OK([...text].reverse().join(''))
  }
}
