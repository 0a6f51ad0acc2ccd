import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Certificates, makeCertificates } from '../../src/lab/certificates.ts';

export interface RadsecProxyOptions {
  /** IPv4, of this host. */
  readonly address: string;
  readonly port: number;
  /** The client's. */
  readonly gateway: string;
  /** The RADIUS server behind it. */
  readonly server: {
    readonly address: string;
    readonly authenticationPort: number;
    readonly accountingPort: number;
    readonly secret: string;
  };
}

/** How long it may take to listen, on a slow machine. */
const startMs = 20_000;

/** A radsecproxy of its own that takes RADIUS over TLS and passes it on over UDP. */
export class RadsecProxy {
  readonly folder = mkdtempSync(join(tmpdir(), 'samog-radsecproxy-'));
  /** `proxy` is its own; `gateway` is of the same CA. */
  readonly certificates: Certificates;
  readonly #options: RadsecProxyOptions;
  #process: ChildProcess | undefined;
  #output = '';

  constructor(options: RadsecProxyOptions) {
    this.#options = options;
    this.certificates = makeCertificates(this.folder, options.address, ['proxy', 'gateway']);
    writeFileSync(join(this.folder, 'radsecproxy.conf'), configuration(options, this.certificates));
  }

  /** Resolves once it listens. @throws Error with what it printed, if it does not */
  async start(): Promise<void> {
    const child = spawn('radsecproxy', ['-f', '-c', join(this.folder, 'radsecproxy.conf')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    this.#output = '';
    child.stdout.on('data', (data: Buffer) => (this.#output += data.toString()));
    child.stderr.on('data', (data: Buffer) => (this.#output += data.toString()));
    for (const end = Date.now() + startMs; !(await this.#listens()); ) {
      if (child.exitCode !== null || Date.now() > end) throw new Error(`radsecproxy does not serve:\n${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Ends the process; it can be started again. */
  async stop(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** Lets it stand still, or go on. */
  freeze(isFrozen: boolean): void {
    this.#process?.kill(isFrozen ? 'SIGSTOP' : 'SIGCONT');
  }

  /** Ends the process for good. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #listens(): Promise<boolean> {
    const socket = connect(this.#options.port, this.#options.address);
    try {
      await once(socket, 'connect');
      return true;
    } catch {
      return false;
    } finally {
      socket.destroy();
    }
  }
}

function configuration({ address, port, gateway, server }: RadsecProxyOptions, files: Certificates): string {
  return `
ListenTLS ${address}:${port}
LogLevel 3
tls default {
  CACertificateFile ${files.ca}
  CertificateFile ${files.certificate('proxy')}
  CertificateKeyFile ${files.key('proxy')}
}
client gateway {
  host ${gateway}
  type tls
  secret radsec
  certificateNameCheck off
}
server authentication {
  host ${server.address}
  port ${server.authenticationPort}
  type udp
  secret ${server.secret}
}
server accounting {
  host ${server.address}
  port ${server.accountingPort}
  type udp
  secret ${server.secret}
}
realm * {
  server authentication
  accountingServer accounting
}
`;
}
