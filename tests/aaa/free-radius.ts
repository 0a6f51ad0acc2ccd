import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface FreeRadiusOptions {
  /** IPv4, of this host. */
  readonly address: string;
  readonly authenticationPort: number;
  readonly accountingPort: number;
  readonly secret: string;
  /** Entries of the `users` file (FreeRADIUS's `rlm_files`). */
  readonly users: string;
  /** Further modules, and how requests pass through them before and instead of a password. */
  readonly modules?: string;
  readonly authorize?: string;
  readonly authenticate?: string;
  /** Whose requests it takes, in CIDR notation; this host's if left out. */
  readonly clients?: string;
  /** Starts a command, where it is not to run as it is; its output is to be read. */
  readonly launch?: (command: readonly [string, ...string[]]) => ChildProcess;
  /** Further sections of `radiusd.conf`, such as listeners; DIR stands for the folder of the run. */
  readonly sections?: string;
}

/** How long a server may take to read its configuration, on a slow machine. */
const startMs = 50_000;

/** A FreeRADIUS of its own, in a folder of its own, with the least there is to configure. */
export class FreeRadius {
  readonly folder = mkdtempSync(join(tmpdir(), 'samog-freeradius-'));
  readonly #launch: (command: readonly [string, ...string[]]) => ChildProcess;
  #process: ChildProcess | undefined;
  #output = '';

  constructor(options: FreeRadiusOptions) {
    const file = (name: string, text: string) => writeFileSync(join(this.folder, name), text);
    file('dictionary', '$INCLUDE /usr/share/freeradius/dictionary\n');
    file('users', options.users);
    file('radiusd.conf', configuration(options).replaceAll('DIR', this.folder));
    this.#launch =
      options.launch ?? (([program, ...args]) => spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] }));
  }

  /** Resolves once it serves. @throws Error with what it printed, if it does not */
  async start(): Promise<void> {
    const child = this.#launch(['freeradius', '-f', '-d', this.folder, '-l', 'stdout']);
    this.#process = child;
    this.#output = '';
    await new Promise<void>((resolve, reject) => {
      const failed = (why: string) => reject(new Error(`freeradius ${why}:\n${this.#output}`));
      const timer = setTimeout(() => failed('does not get ready'), startMs);
      const read = (data: Buffer) => {
        this.#output += data.toString();
        if (!this.#output.includes('Ready to process requests')) return;
        clearTimeout(timer);
        resolve();
      };
      child.stdout!.on('data', read);
      child.stderr!.on('data', read);
      child.once('error', (error) => failed(error.message));
      child.once('exit', (code) => failed(`ended with ${code}`));
    });
  }

  /** Ends the process; it can be started again. */
  async stop(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  /** Ends the process for good. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** What it has written of accounting (`rlm_detail`); empty while there is nothing. */
  get detail(): string {
    try {
      return readFileSync(join(this.folder, 'detail'), 'utf8');
    } catch {
      return '';
    }
  }
}

/** Releases before 3.2.5 write a Message-Authenticator of their own accord only into answers with EAP. */
const signed = `
    update reply {
      &Message-Authenticator := 0x00
    }`;

function configuration(options: FreeRadiusOptions): string {
  const listener = (type: string, port: number) => `
    listen {
      type = ${type}
      ipaddr = ${options.address}
      port = ${port}
    }`;
  return `
prefix = /usr
localstatedir = DIR
logdir = DIR
confdir = DIR
run_dir = DIR
name = freeradius
libdir = /usr/lib/freeradius
pidfile = DIR/freeradius.pid
max_request_time = 5
cleanup_delay = 5
max_requests = 65536
hostname_lookups = no
log {
  destination = stdout
}
security {
  max_attributes = 200
  reject_delay = 0
  status_server = yes
}
thread pool {
  start_servers = 1
  max_servers = 2
}
client gateway {
  ipaddr = ${options.clients ?? '127.0.0.0/8'}
  secret = ${options.secret}
  require_message_authenticator = yes
}
modules {
  files {
    filename = DIR/users
  }
  pap {
  }
  detail {
    filename = DIR/detail
  }
  ${options.modules ?? ''}
}
server default {
  ${listener('auth', options.authenticationPort)}
  ${listener('acct', options.accountingPort)}
  authorize {
    ${options.authorize ?? ''}
    files
    pap
  }
  authenticate {
    Auth-Type PAP {
      pap
    }
    ${options.authenticate ?? ''}
  }
  accounting {
    detail
  }
  post-auth {
    ${signed}
    Post-Auth-Type REJECT {
      ${signed}
    }
  }
}
${options.sections ?? ''}
`;
}
