import { disconnectChannel } from '../../sessmgr/radius/nas-disconnects.ts';
import type { ConfiguredBinding } from '../port-bindings.ts';
import { bindProblem } from '../port-bindings.ts';
import type { OnMissing, PortBinding } from '../runtime.ts';
import { openSocket } from '../sockets/batched-driver.ts';
import { LateSockets, mayPass } from '../sockets/late-sockets.ts';
import * as linux from '../sockets/linux.ts';
import type { SocketSpec } from '../sockets/socket-driver.ts';
import { StartError } from '../start-error.ts';

/**
 * The sockets of a chassis whose session manager instances have threads of their own (ADR 0017). They belong to the process: those
 * of GRE have to be bound in their order, and all stay open when a thread ends. What comes meanwhile waits there for the next one.
 *
 * - GRE: one for each instance, to which the kernel gives only its packets. If there are several, of the access side one besides for
 *   IP packets without a key, read by the chassis: an access point that gives its UEs addresses itself sends such.
 * - PMIPv6, and the ports at which the gateway is a RADIUS server: one, read by the chassis; every instance sends by it.
 * - RADIUS as a client: each instance has its own.
 */
export class PlacedSockets {
  readonly #count: number;
  readonly #sourcePorts: number;
  readonly #ofChassis: PortBinding[] = [];
  readonly #ofInstances: readonly PortBinding[][];
  readonly #descriptors: number[] = [];
  readonly #late: LateSockets<ConfiguredBinding>;
  #listener: PlacedListener | undefined;

  private constructor(count: number, sourcePorts: number) {
    this.#count = count;
    this.#sourcePorts = sourcePorts;
    this.#ofInstances = Array.from({ length: count }, () => []);
    this.#late = new LateSockets(
      (binding) => this.#listener?.came(this.#place(binding)),
      (missing) => this.#listener?.missing(missing.map(({ error }) => error)),
    );
  }

  /**
   * @param count how many instances there are
   * @param sourcePorts of the `aaa` port, for each instance
   * @throws StartError if one cannot be had that would be here already; then none stays open
   */
  static open(bindings: readonly ConfiguredBinding[], count: number, sourcePorts: number): PlacedSockets {
    const sockets = new PlacedSockets(count, sourcePorts);
    for (const binding of bindings) {
      try {
        sockets.#place(binding);
      } catch (error) {
        if (binding.spec.floating === true && mayPass(error)) sockets.#late.missed(binding, error);
        else {
          sockets.close();
          throw new StartError([bindProblem(error, binding.section)]);
        }
      }
    }
    return sockets;
  }

  /** What the chassis reads. */
  get ofChassis(): readonly PortBinding[] {
    return this.#ofChassis;
  }

  /** What the thread of an instance reads, or sends by. */
  ofInstance(index: number): readonly PortBinding[] {
    return this.#ofInstances[index]!;
  }

  /** Tries again to open what could not be had, from now on. */
  start(listener: PlacedListener): void {
    this.#listener = listener;
    this.#late.start();
  }

  /** To be called when nobody reads them any more. */
  close(): void {
    this.#late.stop();
    for (const descriptor of this.#descriptors) linux.close(descriptor);
  }

  /** Opens what a binding asks for, all of it or nothing. */
  #place(binding: ConfiguredBinding): Placed {
    const placed = this.#placed(binding);
    if (placed.ofChassis !== undefined) this.#ofChassis.push(placed.ofChassis);
    for (const [index, own] of placed.ofInstances.entries()) if (own !== undefined) this.#ofInstances[index]!.push(own);
    return placed;
  }

  #placed(binding: ConfiguredBinding): Placed {
    const { port, channel, spec } = binding;
    const all = Array.from({ length: this.#count }, (_, index) => index);
    if (port === 'access-gre' || port === 's2a-gre') {
      if (this.#count === 1) return { ofInstances: this.#opened([spec]).map((own) => ({ port, channel, spec: own })) };
      const hasChassis = port === 'access-gre' && spec.lane !== 'signalling';
      const steering = { count: this.#count, hasChassis };
      const places = hasChassis ? [...all, this.#count] : all;
      const opened = this.#opened(places.map((index) => ({ ...spec, steering: { ...steering, index } })));
      const placed = opened.map((own) => ({ port, channel, spec: own }));
      const ofChassis = placed[this.#count];
      return { ...(ofChassis && { ofChassis }), ofInstances: placed.slice(0, this.#count) };
    }
    const [opened] = this.#opened([spec]);
    const ofOne = (place: number, at: number): Placed => ({
      ofInstances: all.map((index) => (index === place ? { port, channel: at, spec: opened! } : undefined)),
    });
    if (port === 'aaa') return ofOne(Math.floor(channel / this.#sourcePorts), channel % this.#sourcePorts);
    if (port === 'access-radius' && channel >= disconnectChannel) return ofOne(channel - disconnectChannel, channel);
    return {
      ofChassis: { ...binding, spec: opened!, isShared: true },
      ofInstances: all.map(() => ({ port, channel, spec: { ...opened!, sendsOnly: true }, isShared: true })),
    };
  }

  #opened(specs: readonly SocketSpec[]): SocketSpec[] {
    const opened: number[] = [];
    try {
      for (const spec of specs) opened.push(openSocket(spec));
    } catch (error) {
      for (const descriptor of opened) linux.close(descriptor);
      throw error;
    }
    this.#descriptors.push(...opened);
    return specs.map((spec, index) => ({ ...spec, opened: opened[index]! }));
  }
}

/** The sockets of a binding: what the chassis reads of it, and what each instance does. */
export interface Placed {
  readonly ofChassis?: PortBinding;
  readonly ofInstances: readonly (PortBinding | undefined)[];
}

export interface PlacedListener {
  came(placed: Placed): void;
  missing: OnMissing;
}
