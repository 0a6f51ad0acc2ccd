import type { ChildProcess } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endProcess, type Namespaces } from '../endtoend/namespaces.ts';
import type { Quintet } from './sim-card.ts';

/**
 * The home subscriber server of one IMSI: hostapd asks at a Unix datagram socket, which Node does not speak. It hands out
 * the same quintet each time.
 */
const script = `
import os, socket, sys
path, answer = sys.argv[1:]
home = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
home.bind(path)
while True:
    text, asking = home.recvfrom(4096)
    imsi = text.decode().split()[1]
    home.sendto(('AKA-RESP-AUTH %s %s' % (imsi, answer)).encode(), asking)
`;

export interface HostapdServerOptions {
  readonly namespaces: Namespaces;
  /** It serves on every address there. */
  readonly namespace: string;
  /** Whose requests it takes, in CIDR notation. */
  readonly clients: string;
  readonly port: number;
  readonly secret: string;
  readonly quintet: Quintet;
}

/** Debian's hostapd as AAA server for EAP-AKA and EAP-AKA'. */
export class HostapdServer {
  readonly #options: HostapdServerOptions;
  readonly #processes: ChildProcess[] = [];
  #output = '';

  constructor(options: HostapdServerOptions) {
    this.#options = options;
  }

  get output(): string {
    return this.#output;
  }

  async start(): Promise<void> {
    const { namespaces, clients, port, secret, quintet } = this.#options;
    const at = (name: string) => join(namespaces.folder, name);
    const { rand, autn, ik, ck, res } = quintet;
    this.#start('python3', '-c', script, at('home'), [rand, autn, ik, ck, res].join(' '));
    while (!existsSync(at('home'))) await sleep(20);
    writeFileSync(at('clients'), `${clients} ${secret}\n`);
    // The first digit of a permanent identity names the method (3GPP TS 23.003 section 19.3.2).
    writeFileSync(at('users'), `"0"* AKA\n"6"* AKA'\n`);
    writeFileSync(
      at('server.conf'),
      `
driver=none
interface=aaa
logger_stdout=-1
radius_server_clients=${at('clients')}
radius_server_auth_port=${port}
eap_server=1
eap_user_file=${at('users')}
eap_sim_db=unix:${at('home')}
`,
    );
    this.#start('hostapd', '-dd', at('server.conf'));
    for (let tries = 0; !this.#output.includes('AP-ENABLED'); tries += 1) {
      if (tries > 500) throw new Error(`hostapd does not serve:\n${this.#output}`);
      await sleep(20);
    }
  }

  async stop(): Promise<void> {
    for (const child of this.#processes.splice(0)) await endProcess(child, 'SIGKILL');
  }

  #start(...command: readonly string[]): void {
    const { namespaces, namespace } = this.#options;
    const child = namespaces.start(namespace, command, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (data) => (this.#output += String(data)));
    this.#processes.push(child);
  }
}
