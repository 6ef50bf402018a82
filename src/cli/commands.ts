import type { Command } from './command.ts'

type Load = () => Promise<Command>

/**
 * Every command, in the order of `--help`. Only the file of the one that was called is loaded.
 */
export const commands: Readonly<Record<string, Load>> = {
  init: async () => (await import('./commands/init.ts')).init,
  start: async () => (await import('./commands/start.ts')).start,
  stop: async () => (await import('./commands/stop.ts')).stop,
  status: async () => (await import('./commands/status.ts')).status,
  doctor: async () => (await import('./commands/doctor.ts')).doctor,
  explain: async () => (await import('./commands/explain.ts')).explain,
  audit: async () => (await import('./commands/audit.ts')).audit,
  'support-bundle': async () => (await import('./commands/support-bundle.ts')).supportBundle,
  inspect: async () => (await import('./commands/inspect.ts')).inspect,
  deploy: async () => (await import('./commands/deploy.ts')).deploy,
  undeploy: async () => (await import('./commands/undeploy.ts')).undeploy,
  list: async () => (await import('./commands/list.ts')).list,
  show: async () => (await import('./commands/show.ts')).show,
  history: async () => (await import('./commands/history.ts')).history,
  rollback: async () => (await import('./commands/rollback.ts')).rollback,
  report: async () => (await import('./commands/report.ts')).report,
  'ri list': async () => (await import('./commands/ri-list.ts')).riList,
  'ri show': async () => (await import('./commands/ri-show.ts')).riShow,
  'ri profile': async () => (await import('./commands/ri-profile.ts')).riProfile,
  'ri enable': async () => (await import('./commands/ri-enable.ts')).riEnable,
  'ri disable': async () => (await import('./commands/ri-disable.ts')).riDisable,
  'ri restart': async () => (await import('./commands/ri-restart.ts')).riRestart,
  'ri logs': async () => (await import('./commands/ri-logs.ts')).riLogs,
  'ri flight': async () => (await import('./commands/ri-flight.ts')).riFlight,
  'ri lifecycle': async () => (await import('./commands/ri-lifecycle.ts')).riLifecycle,
  'stubs list': async () => (await import('./commands/stubs-list.ts')).stubsList,
  'stubs why': async () => (await import('./commands/stubs-why.ts')).stubsWhy,
  call: async () => (await import('./commands/call.ts')).call,
  bench: async () => (await import('./commands/bench.ts')).bench,
  new: async () => (await import('./commands/new.ts')).newService,
  pack: async () => (await import('./commands/pack.ts')).pack,
  'config show': async () => (await import('./commands/config-show.ts')).configShow,
  'config check': async () => (await import('./commands/config-check.ts')).configCheck,
  'cert show': async () => (await import('./commands/cert-show.ts')).certShow,
  'cert ca': async () => (await import('./commands/cert-ca.ts')).certCa,
  'cert host': async () => (await import('./commands/cert-host.ts')).certHost,
  'cert user': async () => (await import('./commands/cert-user.ts')).certUser,
  'cert proxy': async () => (await import('./commands/cert-proxy.ts')).certProxy,
  completion: async () => (await import('./commands/completion.ts')).completion,
  __complete: async () => (await import('./commands/complete.ts')).complete,
}

export const allCommands = (): Promise<readonly Command[]> => Promise.all(Object.values(commands).map((load) => load()))
