import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endProcess, type Namespaces } from './namespaces.ts';
import { interfaceName } from './plans.ts';

/**
 * What udhcpc runs when its lease changes, in place of Debian's script: that would take the address away before it asks
 * again, and change files of the machine. Here an address stays until another one comes, as on a phone that roams.
 */
const script = `#!/bin/sh
echo "$1 $ip $mask $router $serverid $lease $mtu" >> "$LEASES"
case $1 in
  bound | renew)
    ip address replace "$ip/$mask" dev "$interface"
    ip route replace default via "$router" dev "$interface"
    ;;
esac
`;

/** A lease as udhcpc had it: everything as in the DHCPACK. */
export interface Lease {
  readonly event: string;
  readonly address: string;
  readonly prefixLength: string;
  readonly router: string;
  readonly server: string;
  readonly leaseSeconds: string;
  readonly mtu: string;
}

/** Debian's udhcpc on a UE. */
export class Udhcpc {
  readonly #namespaces: Namespaces;
  readonly #namespace: string;
  readonly #script: string;
  readonly #leases: string;
  #daemon: ChildProcess | undefined;
  /** The leases that it had when it was asked to renew. */
  #askedAfter: number | undefined;
  #restarts = 0;

  constructor(namespaces: Namespaces, namespace: string) {
    this.#namespaces = namespaces;
    this.#namespace = namespace;
    this.#script = join(namespaces.folder, 'udhcpc.sh');
    this.#leases = join(namespaces.folder, `leases-${namespace}`);
    writeFileSync(this.#script, script, { mode: 0o755 });
  }

  /** Discovers and requests, once; the lease, or undefined if nobody gives one. */
  async obtain(...options: readonly string[]): Promise<Lease | undefined> {
    const before = this.#events().length;
    const command = this.#command('-n', '-q', '-t', '3', '-T', '3', ...options);
    const { exitCode } = await this.#namespaces.run(this.#namespace, command, { LEASES: this.#leases });
    return exitCode === 0 ? this.#events().slice(before).find(hasLease) : undefined;
  }

  /** Starts a client that stays and keeps its lease; resolves to the lease. */
  async start(): Promise<Lease> {
    const environment = { ...process.env, LEASES: this.#leases };
    const next = this.#nextLease();
    this.#daemon = this.#namespaces.start(this.#namespace, this.#command(), { stdio: 'ignore', env: environment });
    return next;
  }

  /** Has the client that stays renew now (RFC 2131 section 4.4.5, a unicast REQUEST). */
  async renew(): Promise<Lease> {
    for (let attempt = 0; attempt < 10 && this.#isAsking(); attempt += 1) await sleep(50);
    // Told to renew again before it is answered, it gives up its lease and begins anew.
    if (this.#isAsking()) this.#restarts += 1;
    this.#askedAfter = undefined;
    const next = this.#nextLease();
    this.#daemon!.kill('SIGUSR1');
    return next;
  }

  /** Has it renew now and waits for nothing; while it has not been answered it is not told so again. */
  askForRenewal(): void {
    if (this.#isAsking()) return;
    this.#askedAfter = this.leases().length;
    this.#daemon!.kill('SIGUSR1');
  }

  /** How often it had to begin anew, because a renewal was not answered. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Every lease it was given, in order. */
  leases(): readonly Lease[] {
    return this.#events().filter(hasLease);
  }

  async stop(): Promise<void> {
    if (this.#daemon !== undefined) await endProcess(this.#daemon);
  }

  #isAsking(): boolean {
    return this.#askedAfter === this.leases().length;
  }

  #command(...options: readonly string[]): string[] {
    return ['udhcpc', '-i', interfaceName.ue, '-f', '-s', this.#script, ...options];
  }

  async #nextLease(): Promise<Lease> {
    const before = this.#events().length;
    for (let attempt = 0; attempt < 200; attempt += 1) {
      const found = this.#events().slice(before).find(hasLease);
      if (found !== undefined) return found;
      await sleep(50);
    }
    throw new Error(`udhcpc has no lease after 10 s:\n${JSON.stringify(this.#events())}`);
  }

  #events(): Lease[] {
    if (!existsSync(this.#leases)) return [];
    const lines = readFileSync(this.#leases, 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => {
      const [event = '', address = '', prefixLength = '', router = '', server = '', leaseSeconds = '', mtu = ''] =
        line.split(' ');
      return { event, address, prefixLength, router, server, leaseSeconds, mtu };
    });
  }
}

function hasLease({ event }: Lease): boolean {
  return event === 'bound' || event === 'renew';
}
