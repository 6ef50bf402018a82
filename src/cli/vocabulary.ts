/** The commands that are only a first word, with their sentence. */
export const families: Readonly<Record<string, string>> = {
  cert: 'Certificates: judge one, make a CA, host and user certificates, and proxies.',
  config: 'The configuration of the node: where each option comes from, and what is wrong with it.',
  ri: 'Running instances: list them, look at one, its log and its flight recorder, enable, disable or restart it.',
  stubs: 'Stubs packages that services share, and who uses them.',
}

/** Options of every command. */
export const globalOptions = {
  '--home <folder>': "the node's home; else DHN_HOME, else ~/.dhn",
  '--node <address>': 'a node elsewhere, such as https://host:8443; else DHN_NODE, else that of the home',
  '--cert <file>': 'certificate or whole proxy file to act with; else X509_USER_PROXY, X509_USER_CERT',
  '--key <file>': 'its private key, when that is in another file; else X509_USER_KEY',
  '--trust <folder>': "CA directory; else X509_CERT_DIR, else the home's `etc/grid-security/certificates`",
  '--json': 'print what the API sends, also when it fails',
  '--wait': 'wait until the work is over (that is the default)',
  '--no-wait': 'come back as soon as the node has begun',
  '--timeout <seconds>': 'how long to wait',
  '--no-color': 'no colours; NO_COLOR in the environment does the same',
} as const

/** The headings of `--help`, each with the first words of its commands. */
export const topics: Readonly<Record<string, readonly string[]>> = {
  'The node:': ['init', 'start', 'stop', 'status', 'config', 'doctor', 'explain', 'audit', 'support-bundle'],
  'What it serves:': [
    'inspect',
    'deploy',
    'undeploy',
    'list',
    'show',
    'history',
    'rollback',
    'report',
    'ri',
    'stubs',
    'call',
    'bench',
  ],
  'Who calls:': ['cert'],
  'Writing services:': ['new', 'pack', 'completion'],
}
