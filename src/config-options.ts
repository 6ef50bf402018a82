import { decimal, integer, list, listOfSome, type Option, oneOf, text, yesNo } from './cfg/option-table.ts'
import { instanceCount, mostInstances } from './container/instance-rules.ts'
import { findServiceUser } from './isolate/service-user.ts'
import { isHostName } from './transport/configuration.ts'
import { isReader } from './transport/metrics/readers.ts'

export type LogLevel = (typeof logLevels)[number]
const logLevels = ['debug', 'info', 'warn', 'error'] as const

const MiB = 1024 * 1024
const ms = { from: 1, to: 24 * 60 * 60 * 1000, unit: 'ms' }
const bytes = { from: 1, unit: 'bytes' }
const port = { from: 0, to: 65535 }

/** Every option of `/DHN`, by room. docs/configuration.md and the shipped etc/dhn.cfg are compared with it by a test. */
export const options = {
  doors: {
    host: text(
      '/DHN/Host',
      'localhost',
      'Name by which clients know this machine; it stands in every address given out.',
      'a host name or an address',
      isHostName,
    ),
    addresses: list('/DHN/Addresses', [], 'Network addresses to listen on; none means all of the machine.'),
    port: integer('/DHN/Port', 8443, port, 'HTTPS port; 0 takes a free one.'),
    fronts: integer(
      '/DHN/Fronts',
      1,
      { from: 1, to: 64 },
      'Processes that speak TLS and HTTP with callers; with 1 the node does so itself.',
    ),
  },
  nosec: {
    enabled: yesNo('/DHN/Nosec/Enabled', false, 'Whether open services are served on plain HTTP too.'),
    port: integer('/DHN/Nosec/Port', 8080, port, 'Plain HTTP port; 0 takes a free one.'),
    addresses: list('/DHN/Nosec/Addresses', ['127.0.0.1', '::1'], 'Network addresses of the plain HTTP door.'),
  },
  tls: {
    certificateFile: text(
      '/DHN/TLS/CertFile',
      'etc/grid-security/hostcert.pem',
      'Host certificate, its chain after it; relative to the home.',
    ),
    keyFile: text(
      '/DHN/TLS/KeyFile',
      'etc/grid-security/hostkey.pem',
      'Key of the host certificate, readable by its owner only; relative to the home.',
    ),
    minimumVersion: oneOf('/DHN/TLS/MinimumVersion', 'TLSv1.2', ['TLSv1.2', 'TLSv1.3'], 'Oldest TLS version spoken.'),
    handshakeTimeout: integer('/DHN/TLS/HandshakeTimeout', 10_000, ms, 'Longest TLS handshake.'),
  },
  security: {
    trustDirectory: text(
      '/DHN/Security/TrustDirectory',
      'etc/grid-security/certificates',
      'Certificate authorities whose callers are believed, with their policies and revocation lists; relative to the home.',
    ),
    vomsDirectory: text(
      '/DHN/Security/VomsDirectory',
      'etc/grid-security/vomsdir',
      'Which VOMS servers speak for which VO: a folder for each VO with its .lsc files; relative to the home.',
    ),
    crls: oneOf(
      '/DHN/Security/RevocationLists',
      'require',
      ['require', 'if-present'],
      'Whether callers of a CA without a revocation list are refused.',
    ),
    legacyProxies: yesNo('/DHN/Security/LegacyProxies', false, 'Whether proxies of Globus 2 may call.'),
    weakAlgorithms: yesNo('/DHN/Security/WeakAlgorithms', false, 'Whether SHA-1 and short keys may do.'),
    recheck: integer(
      '/DHN/Security/Recheck',
      600_000,
      { from: 1, to: 600_000, unit: 'ms' },
      'How often the callers of open connections are judged again, besides each change of what is trusted.',
    ),
  },
  rules: {
    withoutRule: oneOf(
      '/DHN/Security/WithoutRule',
      'refuse',
      ['refuse', 'any'],
      'What a method of a secure service does that nobody has written a rule for; DIRAC lets any caller in.',
    ),
  },
  administrators: {
    names: text(
      '/DHN/Security/Administrators',
      '',
      'Who may administer the node over HTTPS; none means nobody but the owner of the admin socket.',
      'names in the form /C=…/CN=…, with commas between them',
      () => true,
    ),
    groups: list('/DHN/Security/AdministratorGroups', [], 'DIRAC groups whose members may administer it as well.'),
  },
  front: {
    certificates: text(
      '/DHN/Front/Certificates',
      '',
      'Names in the certificates of servers that end TLS before the HTTPS door and say in a header what their client has shown.',
      'names in the form /C=…/CN=…, with commas between them',
      () => true,
    ),
    addresses: list(
      '/DHN/Front/Addresses',
      [],
      'Addresses of such servers before the plain HTTP door: everybody on those machines is believed.',
      'a list of addresses and networks, such as 10.0.0.0/8',
      (address) => address !== '*' && isReader(address),
    ),
    header: text(
      '/DHN/Front/Header',
      'X-SSL-CERT',
      'The header with the chain of their client, PEM and percent-encoded; from anybody else it counts nothing.',
      'the name of a header',
      (name) => /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name),
    ),
  },
  http: {
    bodyLimit: integer('/DHN/HTTP/BodyLimit', 100 * MiB, bytes, 'Largest body of a call.'),
    headerLimit: integer('/DHN/HTTP/HeaderLimit', 16 * 1024, bytes, 'All headers of a request together.'),
    headerCount: integer('/DHN/HTTP/HeaderCount', 100, { from: 1 }, 'How many headers a request may have.'),
    headersTimeout: integer(
      '/DHN/HTTP/HeadersTimeout',
      20_000,
      ms,
      'From the first byte of a request to the last header.',
    ),
    requestTimeout: integer('/DHN/HTTP/RequestTimeout', 300_000, ms, 'From the first byte of a request to its last.'),
    keepAliveTimeout: integer(
      '/DHN/HTTP/KeepAliveTimeout',
      65_000,
      ms,
      'How long a connection is kept on which nothing is asked, or nothing of an answer read.',
    ),
    responseTimeout: integer(
      '/DHN/HTTP/ResponseTimeout',
      300_000,
      ms,
      'From the first byte of a long answer to its last: whoever reads slower is cut.',
    ),
    unreadLimit: integer(
      '/DHN/HTTP/UnreadLimit',
      256 * MiB,
      bytes,
      'Long answers that wait to be read, together; beyond it the one that has waited longest is cut.',
    ),
    connections: integer(
      '/DHN/HTTP/Connections',
      10_000,
      { from: 1 },
      'Connections that are open at a time at each network address of a door.',
    ),
  },
  health: {
    needs: list(
      '/DHN/Health/Ready',
      ['node'],
      'What must be ready for /readyz to say so: node for the node alone, all for every instance that is not disabled, or GAR IDs.',
    ),
    start: integer(
      '/DHN/Health/Start',
      60_000,
      ms,
      'So long after its start /readyz waits for instances to come up, whatever else it asks for.',
    ),
    settle: integer(
      '/DHN/Health/Settle',
      0,
      { ...ms, from: 0 },
      'How long calls are served as ever after /readyz has said 503, when the node is stopped.',
    ),
  },
  metrics: {
    readers: list(
      '/DHN/Metrics/Allow',
      ['127.0.0.1', '::1'],
      'Who may read /metrics at the doors; none means nobody. The admin socket has them always.',
      'a list of addresses and networks, such as 10.0.0.0/8, or * for everyone',
      isReader,
    ),
  },
  limits: {
    start: integer('/DHN/Limits/Start', 30_000, ms, 'From the start of a service to the registration of its instance.'),
    ready: integer('/DHN/Limits/Ready', 60_000, ms, 'One ready() of a service.'),
    callback: integer('/DHN/Limits/Callback', 10_000, ms, 'One of the other callbacks of a service.'),
    gates: integer('/DHN/Limits/Gates', 60_000, ms, 'How long an instance waits for credentials and dependencies.'),
    drain: integer(
      '/DHN/Limits/Drain',
      10_000,
      ms,
      'How long calls under way may take when an instance or the node stops.',
    ),
    stop: integer('/DHN/Limits/Stop', 10_000, ms, 'From asking a service to end to ending it by force.'),
  },
  traffic: {
    calls: integer(
      '/DHN/Limits/Calls',
      1000,
      { from: 1 },
      'Calls that one running instance may have to answer at a time; beyond it they are refused with 503.',
    ),
    bytes: integer(
      '/DHN/Limits/CallBytes',
      256 * MiB,
      bytes,
      'Bytes of the calls that one running instance has to answer, and of those being read for it; never less than BodyLimit.',
    ),
    nodeBytes: integer(
      '/DHN/Limits/NodeBytes',
      512 * MiB,
      bytes,
      'The same for all instances together; beyond it each one has 1 MiB. Never less than CallBytes.',
    ),
  },
  supervision: {
    call: integer('/DHN/Limits/Call', 600_000, ms, 'One call; its caller gets a 504 then.'),
    interval: integer('/DHN/Supervision/Interval', 1000, ms, 'From one look at a running service to the next.'),
    silence: integer(
      '/DHN/Supervision/Silence',
      10_000,
      ms,
      'An event loop that is blocked for longer ends its service, which is then started again.',
    ),
    unansweredCalls: integer(
      '/DHN/Supervision/UnansweredCalls',
      10,
      { from: 1 },
      'So many calls one after the other without an answer in time end their service, which is then started again.',
    ),
  },
  restart: {
    firstDelay: integer('/DHN/Restart/FirstDelay', 1000, ms, 'From a failure to the first restart; doubled each time.'),
    longestDelay: integer('/DHN/Restart/LongestDelay', 60_000, ms, 'Longest delay of a restart.'),
    jitter: decimal('/DHN/Restart/Jitter', 0.1, { from: 0, to: 1 }, 'How far a delay may stray, as a share of it.'),
    healthyAfter: integer('/DHN/Restart/HealthyAfter', 60_000, ms, 'Ready for so long, failures are forgotten.'),
    failures: integer(
      '/DHN/Restart/Failures',
      5,
      { from: 1 },
      'So many failures within the next option end the restarts.',
    ),
    within: integer('/DHN/Restart/Within', 300_000, ms, 'The time in which those failures are counted.'),
  },
  archives: {
    archiveSize: integer('/DHN/Archives/ArchiveSize', 256 * MiB, bytes, 'Size of the archive file.'),
    entries: integer('/DHN/Archives/Entries', 20_000, { from: 1 }, 'Files and folders in an archive.'),
    unpackedSize: integer('/DHN/Archives/UnpackedSize', 256 * MiB, bytes, 'All files of an archive together.'),
    fileSize: integer('/DHN/Archives/FileSize', 256 * MiB, bytes, 'One file of an archive.'),
    ratio: integer('/DHN/Archives/Ratio', 200, { from: 1 }, 'Unpacked bytes for each byte of the archive.'),
    ratioFrom: integer('/DHN/Archives/RatioFrom', MiB, bytes, 'Unpacked bytes up to which the ratio does not matter.'),
    pathLength: integer('/DHN/Archives/PathLength', 512, bytes, 'A path inside an archive.'),
    depth: integer('/DHN/Archives/Depth', 32, { from: 1 }, 'Folders inside each other.'),
    descriptorSize: integer('/DHN/Archives/DescriptorSize', MiB, bytes, 'One descriptor, such as a WSDD.'),
  },
  deployFromUrl: {
    schemes: listOfSome(
      '/DHN/DeployFromURL/Schemes',
      ['https'],
      ['http', 'https'],
      'Kinds of URL from which archives are fetched.',
    ),
    hosts: list(
      '/DHN/DeployFromURL/Hosts',
      [],
      'Hosts from which archives are fetched; none means no URL is fetched, * every host with a public address.',
    ),
    timeLimit: integer('/DHN/DeployFromURL/TimeLimit', 300_000, ms, 'One download.'),
  },
  isolation: {
    otherwise: oneOf(
      '/DHN/Isolation/Default',
      'process',
      ['process', 'thread'],
      'Where services run of which nothing else is said; a thread fences off mistakes only.',
    ),
    processes: list(
      '/DHN/Isolation/Processes',
      [],
      'GAR IDs of services that run in processes, whatever else is said.',
    ),
    threads: list('/DHN/Isolation/Threads', [], 'GAR IDs of trusted services that run in threads of the node.'),
    archivesChoose: yesNo(
      '/DHN/Isolation/ArchivesChoose',
      false,
      'Whether an archive may ask for a thread where nothing is said of it.',
    ),
  },
  users: {
    user: text(
      '/DHN/Isolation/User',
      '',
      'As whom services run when root runs the node; none means as the node.',
      'a user of this machine, or <uid>:<gid>',
      (value) => value === '' || findServiceUser(value) !== undefined,
    ),
  },
  instances: {
    otherwise: integer(
      '/DHN/Instances/Default',
      1,
      { from: 1, to: mostInstances },
      'Processes (or threads) of each service whose archive says that it is stateless; the others have one.',
    ),
    of: list(
      '/DHN/Instances/Of',
      [],
      'The same of single services.',
      `a list of <GAR ID>:<number>, numbers up to ${mostInstances}`,
      (item) => instanceCount(item) !== undefined,
    ),
  },
  services: {
    heapMegabytes: integer('/DHN/Services/Heap', 512, { from: 16, unit: 'MB' }, 'Heap of one service.'),
    memoryMegabytes: integer(
      '/DHN/Services/Memory',
      1024,
      { from: 64, unit: 'MB' },
      'Memory of one service, the heap and all processes it starts included.',
    ),
    descriptors: integer('/DHN/Services/Descriptors', 4096, { from: 64 }, 'Descriptors that a service may have open.'),
    launches: integer(
      '/DHN/Services/Launches',
      0,
      { from: 0 },
      'Services that start together when the node starts; 0: two more than there are processors.',
    ),
    keptVersions: integer(
      '/DHN/Services/KeptVersions',
      3,
      { from: 1 },
      'Versions of a GAR that keep their files for a rollback, the live one among them.',
    ),
  },
  logs: {
    fileSize: integer(
      '/DHN/Logs/FileSize',
      10 * MiB,
      { from: 4096, unit: 'bytes' },
      'A log that has grown to this is put aside and a new file begun.',
    ),
    fileHours: integer('/DHN/Logs/FileHours', 24, { from: 1, unit: 'hours' }, 'So is one that was begun so long ago.'),
    keptSize: integer(
      '/DHN/Logs/KeptSize',
      100 * MiB,
      { from: 8192, unit: 'bytes' },
      'All files of one log together; the oldest go first.',
    ),
    keptDays: integer(
      '/DHN/Logs/KeptDays',
      30,
      { from: 1, unit: 'days' },
      'A log file to which nothing was written for so long goes, also that of an instance that was undeployed.',
    ),
  },
  flight: {
    calls: integer(
      '/DHN/Flight/Calls',
      64,
      { from: 0, to: 10_000 },
      'Last calls that the flight recorder of an instance keeps; 0 for none.',
    ),
    interval: integer(
      '/DHN/Flight/Interval',
      5000,
      ms,
      'Between two looks at the memory and processor time of instances.',
    ),
    kept: integer('/DHN/Flight/Kept', 5, { from: 0, to: 1000 }, 'Records of the last failures of a GAR that are kept.'),
  },
  audit: {
    fileSize: integer(
      '/DHN/Audit/FileSize',
      10 * MiB,
      { from: 4096, to: 1024 * MiB, unit: 'bytes' },
      'A file of the audit log that has grown to this is closed, and the log goes on in another.',
    ),
    keptSize: integer(
      '/DHN/Audit/KeptSize',
      1024 * MiB,
      { from: 8192, unit: 'bytes' },
      'All files of the audit log together; the oldest go first, and the log says so.',
    ),
  },
  log: {
    level: oneOf('/DHN/Log/Level', 'info', logLevels, 'What goes into var/log/node.log.'),
  },
}

/** Every option in the order above. */
export const everyOption: readonly Option<unknown>[] = Object.values(options).flatMap(
  (table) => Object.values(table) as Option<unknown>[],
)
