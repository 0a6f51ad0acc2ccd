import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatIpv4 } from '../../../kernel/address.ts';
import { radiusPort } from '../../../wire/radius/constants.ts';
import { type RadiusNetwork, radiusSecret } from '../network.ts';

const program = 'radsecproxy';
const pollMs = 20;
const startMs = 10_000;

/** The version of the radsecproxy that is installed; undefined where none is. */
export function radsecproxyVersion(): string | undefined {
  const { status, stdout, stderr } = spawnSync(program, ['-v'], { encoding: 'utf8' });
  return status === 0 ? /[\d.]+/.exec(stdout + stderr)?.[0] : undefined;
}

/** A radsecproxy between WLCs and AAA server, over UDP on both sides: what the gateway is measured by. */
export class RadsecproxyProcess {
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, folder: string) {
    this.#child = child;
    this.#folder = folder;
  }

  /** Resolves when it serves. @throws Error with its last words, if it does not */
  static async start(network: RadiusNetwork): Promise<RadsecproxyProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'samog-bench-'));
    const file = join(folder, 'radsecproxy.conf');
    writeFileSync(file, configuration(network));
    const child = spawn(program, ['-f', '-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
    let words = '';
    child.stderr.on('data', (data: Buffer) => {
      words += data.toString();
    });
    const proxy = new RadsecproxyProcess(child, folder);
    for (const end = Date.now() + startMs; !isBound(network); ) {
      if (child.exitCode !== null || Date.now() > end) {
        await proxy.stop();
        throw new Error(`radsecproxy does not serve: ${words}`);
      }
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
    return proxy;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Whether both of its ports are in the kernel's table, whose addresses are in the order of the machine. */
function isBound({ proxy }: RadiusNetwork): boolean {
  const table = readFileSync('/proc/net/udp', 'utf8');
  const swapped = [24, 16, 8, 0].map((shift) => (proxy >>> shift) & 0xff).reverse();
  const hex = (value: number, digits: number) => value.toString(16).toUpperCase().padStart(digits, '0');
  const address = swapped.map((octet) => hex(octet, 2)).join('');
  return [radiusPort.authentication, radiusPort.accounting].every((port) =>
    table.includes(`${address}:${hex(port, 4)}`),
  );
}

/** Everybody's requests to the one server; it logs as little as the gateway does. */
function configuration({ proxy, radiusWlcs, aaaServer }: RadiusNetwork): string {
  const own = formatIpv4(proxy);
  const server = (name: string, port: number) => `
server ${name} {
  host ${formatIpv4(aaaServer)}
  port ${port}
  type udp
  secret ${radiusSecret}
}`;
  const clients = radiusWlcs.map(
    (wlc, index) => `
client wlc${index} {
  host ${formatIpv4(wlc)}
  type udp
  secret ${radiusSecret}
}`,
  );
  return `
ListenUDP ${own}:${radiusPort.authentication}
ListenUDP ${own}:${radiusPort.accounting}
SourceUDP ${own}
LogLevel 4
${clients.join('')}
${server('authentication', radiusPort.authentication)}
${server('accounting', radiusPort.accounting)}
realm * {
  server authentication
  accountingServer accounting
}
`;
}
