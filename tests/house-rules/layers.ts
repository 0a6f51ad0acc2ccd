/** A folder of src/: what it may import besides itself. */
export interface Layer {
  /** Other folders of src/, types included: a type is a dependency too. */
  readonly folders: readonly string[];
  /** Packages; `node:*` stands for all of Node's own. */
  readonly packages: readonly string[];
  /** A pure folder does no I/O and knows no time and no chance but what it is given. */
  readonly pure: boolean;
}

const core = ['wire', 'kernel', 'forwarding', 'icsr', 'services', 'sessmgr'];

/** The house, bottom up. To add a folder, add a line here and one in ARCHITECTURE.md. */
export const layers: Readonly<Record<string, Layer>> = {
  kernel: { folders: [], packages: [], pure: true },
  wire: { folders: ['kernel'], packages: [], pure: true },
  forwarding: { folders: ['kernel', 'wire'], packages: [], pure: true },
  icsr: { folders: ['kernel', 'wire'], packages: [], pure: true },
  services: { folders: ['kernel', 'wire', 'forwarding', 'icsr'], packages: [], pure: true },
  sessmgr: { folders: ['kernel', 'wire', 'forwarding', 'icsr', 'services'], packages: [], pure: true },
  operations: { folders: core, packages: ['zod', 'yaml'], pure: true },
  // What peers and gateway have in common neither can find wrong in the other: the codecs are enough of that.
  peers: { folders: ['kernel', 'wire'], packages: [], pure: true },
  simulator: { folders: [...core, 'peers'], packages: [], pure: true },
  host: {
    folders: [...core, 'operations'],
    packages: ['node:*', 'koffi', 'pino', 'hono', '@hono/node-server', 'prom-client', 'net-snmp'],
    pure: false,
  },
  lab: { folders: [...core, 'operations', 'peers', 'simulator', 'host'], packages: ['node:*'], pure: false },
  // What of operations is in the browser are types, texts and the ladder: they bring nothing with them.
  console: {
    folders: ['kernel', 'operations'],
    packages: ['preact', '@preact/signals', 'uplot'],
    pure: false,
  },
  cli: { folders: ['operations', 'host', 'lab'], packages: ['node:*', 'commander'], pure: false },
};

/**
 * Folders of src/services/samog that others may not import. `session` composes them, and imports them all; `checkpoints`
 * stands above it, because it writes down what a session is.
 */
export const samogFolder = 'src/services/samog/';
export const samogComposer = 'session';
export const samogComposers: readonly string[] = [samogComposer, 'checkpoints'];

/** What pure code may not mention although it would compile, and what it uses instead. */
export const impurities: readonly { readonly pattern: RegExp; readonly instead: string }[] = [
  { pattern: /\bDate\s*\.\s*now\b/, instead: 'take `now` (Instant) or Context.wallClock as an argument' },
  {
    pattern: /\bnew\s+Date\s*(?:\(\s*\)|(?!\s*\())|\bDate\s*\(\s*\)/,
    instead: 'take Context.wallClock as an argument',
  },
  { pattern: /\bMath\s*\.\s*random\b/, instead: 'take a RandomSource (src/kernel/context.ts) as an argument' },
  { pattern: /\bperformance\s*\./, instead: 'take `now` (Instant) as an argument' },
  {
    pattern: /(?<![\w.])set(?:Timeout|Interval|Immediate)\b/,
    instead: 'keep a deadline in the state, and let nextDeadline() tell the host',
  },
  { pattern: /\bconsole\s*\./, instead: 'count it, or report a SamogEvent: the host writes the log' },
  {
    pattern: /\.\s*(?:toLocale\w*|localeCompare)\b|\bIntl\b/,
    instead: 'write it without a locale: the first one that a process loads takes 10 ms, in which no packet moves',
  },
  { pattern: /\bglobalThis\b/, instead: 'take what is needed as an argument' },
];
