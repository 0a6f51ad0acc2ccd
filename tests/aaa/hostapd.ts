import type { ChildProcess } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Namespaces } from '../endtoend/namespaces.ts';

export interface HostapdOptions {
  readonly name: string;
  readonly namespace: string;
  /** Where its stations are. */
  readonly interface: string;
  /** Its own, from which it asks. */
  readonly address: string;
  /** Of authentication, accounting and, as client, of Disconnect-Requests. */
  readonly server: string;
  readonly secret: string;
  readonly disconnectPort: number;
}

/** Debian's hostapd on a wire: a NAS in its own right, with authenticator, RADIUS client and RFC 5176 server. */
export class Hostapd {
  readonly #log: LoggedProcess;

  constructor(namespaces: Namespaces, options: HostapdOptions) {
    const file = join(namespaces.folder, `${options.name}.conf`);
    writeFileSync(file, configuration(options));
    const command = ['hostapd', '-dd', '-K', file];
    this.#log = new LoggedProcess(namespaces, options.namespace, options.name, command);
  }

  get log(): string {
    return this.#log.text;
  }

  /** Of its newest station: MS-MPPE-Recv-Key and MS-MPPE-Send-Key, which together are the MSK (RFC 3748 section 7.10). */
  get keys(): string | undefined {
    const parts = ['Recv', 'Send'].map((which) => lastKey(this.log, `MS-MPPE-${which}-Key`));
    return parts.includes(undefined) ? undefined : parts.join('');
  }
}

/** Debian's wpa_supplicant on a wire. */
export class Supplicant {
  readonly #log: LoggedProcess;
  readonly #control: readonly string[];
  readonly #namespaces: Namespaces;
  readonly #namespace: string;

  /** @param network the lines of a `network` block of its configuration */
  constructor(namespaces: Namespaces, namespace: string, device: string, network: readonly string[]) {
    const file = join(namespaces.folder, `${namespace}.conf`);
    const control = join(namespaces.folder, `${namespace}.control`);
    const lines = ['key_mgmt=IEEE8021X', 'eapol_flags=0', ...network].map((line) => `  ${line}\n`);
    writeFileSync(file, `ctrl_interface=${control}\nap_scan=0\nnetwork={\n${lines.join('')}}\n`);
    this.#namespaces = namespaces;
    this.#namespace = namespace;
    this.#control = ['wpa_cli', '-p', control, '-i', device];
    const command = ['wpa_supplicant', '-Dwired', `-i${device}`, '-c', file, '-dd', '-K'];
    this.#log = new LoggedProcess(namespaces, namespace, `${namespace}-supplicant`, command);
  }

  get log(): string {
    return this.#log.text;
  }

  get isAuthorized(): boolean {
    return this.#say('status').includes('Supplicant PAE state=AUTHENTICATED');
  }

  /** The MSK; each method derives it in words of its own. */
  get keys(): string | undefined {
    return lastKey(this.log, 'EAP-\\w+: Derived key')?.slice(0, 128);
  }

  /** EAPOL-Logoff (IEEE 802.1X). */
  logoff(): void {
    this.#say('logoff');
  }

  /** EAPOL-Start, from now on again. */
  logon(): void {
    this.#say('logon');
  }

  #say(command: string): string {
    return this.#namespaces.exec(this.#namespace, ...this.#control, command);
  }
}

/** A process whose output goes to a file, which is read when somebody asks. */
class LoggedProcess {
  readonly #path: string;
  readonly child: ChildProcess;

  constructor(namespaces: Namespaces, namespace: string, name: string, command: readonly string[]) {
    this.#path = join(namespaces.folder, `${name}.log`);
    writeFileSync(this.#path, '');
    this.child = namespaces.start(namespace, command, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.on('data', (data) => appendFileSync(this.#path, data as Buffer));
  }

  get text(): string {
    return readFileSync(this.#path, 'utf8');
  }
}

/** The newest key of that name in a log, as hexadecimal. */
function lastKey(log: string, name: string): string | undefined {
  const lines = [...log.matchAll(new RegExp(`${name} - hexdump\\(len=\\d+\\): ([0-9a-f ]+)`, 'g'))];
  return lines.at(-1)?.[1]?.replaceAll(' ', '');
}

function configuration(options: HostapdOptions): string {
  const { name, address, server, secret } = options;
  return `
interface=${options.interface}
driver=wired
logger_stdout=-1
logger_stdout_level=0
ieee8021x=1
use_pae_group_addr=1
eap_reauth_period=0
own_ip_addr=${address}
radius_client_addr=${address}
nas_identifier=${name}
auth_server_addr=${server}
auth_server_port=1812
auth_server_shared_secret=${secret}
acct_server_addr=${server}
acct_server_port=1813
acct_server_shared_secret=${secret}
radius_das_port=${options.disconnectPort}
radius_das_client=${server} ${secret}
radius_das_time_window=300
radius_das_require_event_timestamp=1
radius_das_require_message_authenticator=1
`;
}
