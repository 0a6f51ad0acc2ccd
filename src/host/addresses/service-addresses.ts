import { resolve } from 'node:path';
import type { Logger } from 'pino';
import type { Instant } from '../../kernel/instant.ts';
import type { ServiceAddress } from '../../operations/config/redundancy-config.ts';
import type { ServiceAddressReport } from '../../operations/views/redundancy-reader.ts';
import { now } from '../clock.ts';
import { StartError, type StartProblem } from '../start-error.ts';
import { Announcer } from './announcer.ts';
import { type AddressProblem, describeAddress, describeProblem, HostAddresses } from './host-addresses.ts';
import { KeeperProcess } from './keeper-process.ts';
import { beatsPerLimit, type FromKeeper, type RouteChange } from './keeper-protocol.ts';
import { findInterface } from './network-interface.ts';
import { routeHookProblems } from './route-hook.ts';

export interface ServiceAddressesOptions {
  /** The addresses are gone although `release` was not called: this process stood still for longer than the limit. */
  readonly onLost: () => void;
  /** An executable that is told of changes of role (`routeChanged`). */
  readonly routeHook?: string;
  readonly log?: Logger;
}

/** The kernel removes an address that is not renewed for so long: should gateway and keeper be killed at once. */
const leaseSeconds = 10;
const renewalMs = 3000;
const beatMaxMs = 1000;
/** After the first announcement, which is sent at once; RFC 5227 section 2.3 has two, 2 s apart. */
const announceAgainAfterMs: readonly number[] = [100, 400, 1500];
/** How long a keeper may leave signs of life unanswered. */
const keeperPatienceMs = 2000;

/**
 * The service addresses of a pair on this chassis. `take` and `release` have done their work when they return; the
 * keeper, a process of its own, does the releasing where this one cannot (docs/adr/0013-keeper-of-the-addresses.md).
 */
export class ServiceAddresses {
  readonly #host: HostAddresses;
  readonly #announcer: Announcer;
  readonly #keeper: KeeperProcess;
  readonly #options: ServiceAddressesOptions;
  readonly #problems = new Map<string, number>();
  #limitMs: number | undefined;
  /** Rises with every `take`, so that what the keeper says of an earlier one is told apart. */
  #taken = 0;
  #released = 0;
  #lost = 0;
  #held = false;
  /** When this process last showed life, and when it last renewed the lease. */
  #livedAt: Instant = now();
  #renewedAt: Instant = 0;
  #trouble = '';
  #route: RouteChange | undefined;
  #routeChanges = 0;
  #hookRuns = 0;
  #hookFailures = 0;
  #hookLast: ServiceAddressReport['routeHookLast'];
  #beatTimer: NodeJS.Timeout | undefined;
  #announceTimer: NodeJS.Timeout | undefined;
  #closed = false;

  private constructor(addresses: readonly ServiceAddress[], options: ServiceAddressesOptions) {
    this.#options = options;
    this.#announcer = new Announcer(addresses);
    this.#host = new HostAddresses(addresses);
    const { routeHook } = options;
    this.#keeper = new KeeperProcess(
      { addresses, ...(routeHook === undefined ? {} : { routeHook: resolve(routeHook) }) },
      {
        heard: (message) => this.#heard(message),
        replaced: () => this.#keeperReplaced(),
        ended: (why) => this.#warn(`the keeper of the service addresses is replaced: ${why}`),
      },
    );
  }

  /**
   * Removes what a predecessor left, and starts the keeper.
   *
   * @throws StartError if the addresses could not be taken later, or the hook not run: an interface is missing, a
   *   privilege, or the executable
   */
  static async open(addresses: readonly ServiceAddress[], options: ServiceAddressesOptions): Promise<ServiceAddresses> {
    const { routeHook } = options;
    const missing = [
      ...interfaceProblems(addresses),
      ...(routeHook === undefined ? [] : routeHookProblems(resolve(routeHook))),
    ];
    if (missing.length > 0) throw new StartError(missing);
    try {
      const opened = new ServiceAddresses(addresses, options);
      await opened.#start();
      return opened;
    } catch (error) {
      throw new StartError([privilegeProblem(error)]);
    }
  }

  get held(): boolean {
    return this.#held;
  }

  /**
   * Has the addresses here and tells the neighbours, now and a few times more. Can be repeated: then it announces
   * again. Synchronous, about a millisecond. What fails is tried again as long as the addresses are held.
   */
  take(): readonly AddressProblem[] {
    this.#taken += 1;
    this.#held = true;
    this.#livedAt = now();
    this.#instructKeeper();
    const problems = [...this.#renew(), ...this.#announcer.announce()];
    this.#note(problems);
    this.#announceAgain(0);
    return problems;
  }

  /** Removes the addresses. Synchronous. */
  release(): void {
    if (this.#held) this.#released += 1;
    this.#drop();
  }

  /**
   * From now on this process must show life within each `limitMs`, or its addresses go: a peer may take the role in its
   * place. `undefined` ends that. Whoever finds out first removes them, the keeper or this process when it runs again.
   */
  watch(limitMs: number | undefined): void {
    if (limitMs === this.#limitMs || this.#closed) return;
    this.#limitMs = limitMs;
    this.#livedAt = now();
    this.#instructKeeper();
    this.#beat();
  }

  /**
   * Has the route hook told, if there is one and it was not told the same before; nothing waits for it. Of changes that
   * come while it runs only the newest is told. When the addresses are lost, or this process ends while it is active,
   * the hook is told `standby` unasked.
   */
  routeChanged(role: RouteChange['role'], routeModifier: number): void {
    if (this.#options.routeHook === undefined) return;
    this.#routeChanges += 1;
    this.#route = { role, routeModifier };
    this.#keeper.tell({ kind: 'route', role, routeModifier });
  }

  statistics(): ServiceAddressReport {
    return {
      held: this.#held,
      taken: this.#taken,
      released: this.#released,
      lost: this.#lost,
      ...this.#announcer.statistics(),
      keeperRestarts: this.#keeper.restarts,
      problems: Object.fromEntries(this.#problems),
      routeChanges: this.#routeChanges,
      routeHookRuns: this.#hookRuns,
      routeHookFailures: this.#hookFailures,
      routeHookLast: this.#hookLast,
    };
  }

  /** Releases the addresses and ends the keeper. Can be repeated. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.release();
    clearTimeout(this.#beatTimer);
    await this.#keeper.stop();
    this.#closeSockets();
  }

  async #start(): Promise<void> {
    try {
      const left = this.#host.remove();
      if (left.length > 0) throw new Error(describeProblem(left[0]!));
      await this.#keeper.start();
    } catch (error) {
      this.#closeSockets();
      throw error;
    }
    this.#beat();
  }

  /** Shows life, renews the lease when it is time to, and comes again. */
  #beat(): void {
    clearTimeout(this.#beatTimer);
    if (this.#closed) return;
    const everyMs = Math.min((this.#limitMs ?? Number.POSITIVE_INFINITY) / beatsPerLimit, beatMaxMs);
    this.#beatTimer = setTimeout(() => {
      if (this.#stoodStill()) this.#lose();
      const at = now();
      this.#livedAt = at;
      this.#keeper.beat(Math.ceil(keeperPatienceMs / everyMs));
      if (this.#held && at - this.#renewedAt >= renewalMs) this.#renewLease();
      this.#beat();
    }, everyMs);
  }

  /** Whether a peer may have taken the addresses since this process ran last. */
  #stoodStill(): boolean {
    return this.#held && this.#limitMs !== undefined && now() - this.#livedAt > this.#limitMs;
  }

  #renew(): AddressProblem[] {
    this.#renewedAt = now();
    return this.#host.put(leaseSeconds);
  }

  /** Neighbours are told again once an interface is back. */
  #renewLease(): void {
    const before = this.#trouble;
    this.#note(this.#renew());
    if (before !== '' && this.#trouble === '') this.#announceAgain(0);
  }

  #announceAgain(round: number): void {
    clearTimeout(this.#announceTimer);
    const delayMs = announceAgainAfterMs[round];
    if (delayMs === undefined) return;
    this.#announceTimer = setTimeout(() => {
      if (!this.#held || this.#stoodStill()) return;
      this.#note(this.#announcer.announce());
      this.#announceAgain(round + 1);
    }, delayMs);
  }

  #heard(message: FromKeeper): void {
    switch (message.kind) {
      case 'removed':
        return this.#removedByKeeper(message.generation);
      case 'problem':
        return this.#warn(`the keeper of the service addresses: ${message.text}`);
      case 'hook-output': {
        const { role, routeModifier, line } = message;
        this.#options.log?.info({ event: 'route-hook', role, routeModifier }, line);
        return;
      }
      case 'hook-ended':
        return this.#hookEnded(message);
    }
  }

  #removedByKeeper(generation: number): void {
    if (!this.#held) return;
    if (generation === this.#taken) this.#lose();
    else this.#note(this.#renew());
  }

  #hookEnded({ role, routeModifier, failure }: RouteChange & { readonly failure?: string }): void {
    this.#hookRuns += 1;
    this.#hookLast = { role, routeModifier, ...(failure === undefined ? {} : { failure }) };
    if (failure === undefined) return;
    this.#hookFailures += 1;
    this.#options.log?.warn({ event: 'route-hook', role, routeModifier }, `the route hook failed: ${failure}`);
  }

  #keeperReplaced(): void {
    if (this.#held && !this.#stoodStill()) this.#note(this.#renew());
    this.#instructKeeper();
    if (this.#route !== undefined) this.#keeper.tell({ kind: 'route', ...this.#route });
  }

  #lose(): void {
    this.#lost += 1;
    this.#drop();
    if (this.#route?.role === 'active') this.routeChanged('standby', this.#route.routeModifier);
    this.#warn('the service addresses are removed: this process stood still for too long');
    this.#options.onLost();
  }

  #drop(): void {
    this.#held = false;
    clearTimeout(this.#announceTimer);
    this.#note(this.#host.remove());
    this.#instructKeeper();
  }

  #instructKeeper(): void {
    const limitMs = this.#held ? this.#limitMs : undefined;
    this.#keeper.tell({ kind: 'watch', generation: this.#taken, ...(limitMs === undefined ? {} : { limitMs }) });
  }

  /** Counts problems, and writes of them when they are others than before. */
  #note(problems: readonly AddressProblem[]): void {
    for (const { operation, code } of problems) {
      const key = `${operation}: ${code}`;
      this.#problems.set(key, (this.#problems.get(key) ?? 0) + 1);
    }
    const trouble = problems.map(describeProblem).join('; ');
    if (trouble !== this.#trouble && trouble !== '') this.#warn(trouble);
    this.#trouble = trouble;
  }

  #warn(text: string): void {
    this.#options.log?.warn({ event: 'service-addresses' }, text);
  }

  #closeSockets(): void {
    this.#host.close();
    this.#announcer.close();
  }
}

function interfaceProblems(addresses: readonly ServiceAddress[]): StartProblem[] {
  return addresses.flatMap((address, index) =>
    findInterface(address.interface) !== undefined
      ? []
      : {
          path: `service-redundancy-protocol.service-addresses.${index}.interface`,
          what: `${describeAddress(address)}: there is no such network interface`,
          hint: 'name one that `ip link` shows, or have it made before the gateway starts',
        },
  );
}

function privilegeProblem(error: unknown): StartProblem {
  const what = error instanceof Error ? error.message : String(error);
  const hint = /EPERM|EACCES/.test(what)
    ? 'moving addresses needs CAP_NET_ADMIN and CAP_NET_RAW: run with them'
    : 'the operating system says no more than that';
  return { path: 'service-redundancy-protocol.service-addresses', what, hint };
}
