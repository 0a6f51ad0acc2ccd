import { disconnectChannel } from '../../sessmgr/nas-disconnects.ts';
import type { ConfiguredBinding } from '../port-bindings.ts';
import { bindProblem } from '../port-bindings.ts';
import type { PortBinding } from '../runtime.ts';
import { openSocket } from '../sockets/batched-driver.ts';
import * as linux from '../sockets/linux.ts';
import { StartError } from '../start-error.ts';

/**
 * The sockets of a chassis whose session manager instances have threads of their own (ADR 0017). They belong to the process: those
 * of GRE have to be bound in their order, and all stay open when a thread ends. What comes meanwhile waits there for the next one.
 *
 * - GRE: one for each instance, to which the kernel gives only its packets.
 * - PMIPv6, and the ports at which the gateway is a RADIUS server: one, read by the chassis; every instance sends by it.
 * - RADIUS as a client: each instance has its own.
 */
export class PlacedSockets {
  /** What the chassis reads. */
  readonly ofChassis: readonly PortBinding[];
  readonly #ofInstances: readonly (readonly PortBinding[])[];
  readonly #descriptors: readonly number[];

  private constructor(
    ofChassis: readonly PortBinding[],
    ofInstances: readonly (readonly PortBinding[])[],
    descriptors: readonly number[],
  ) {
    this.ofChassis = ofChassis;
    this.#ofInstances = ofInstances;
    this.#descriptors = descriptors;
  }

  /**
   * @param count how many instances there are
   * @param sourcePorts of the `aaa` port, for each instance
   * @throws StartError if one cannot be had; then none stays open
   */
  static open(bindings: readonly ConfiguredBinding[], count: number, sourcePorts: number): PlacedSockets {
    const descriptors: number[] = [];
    const ofChassis: PortBinding[] = [];
    const ofInstances: PortBinding[][] = Array.from({ length: count }, () => []);
    const opened = ({ spec, section }: ConfiguredBinding): PortBinding['spec'] => {
      try {
        const descriptor = openSocket(spec);
        descriptors.push(descriptor);
        return { ...spec, opened: descriptor };
      } catch (error) {
        for (const descriptor of descriptors) linux.close(descriptor);
        throw new StartError([bindProblem(error, section)]);
      }
    };
    for (const binding of bindings) {
      const { port, channel, spec } = binding;
      if (port === 'access-gre' || port === 's2a-gre') {
        for (const [index, own] of ofInstances.entries()) {
          const steered = count === 1 ? spec : { ...spec, steering: { index, count } };
          own.push({ port, channel, spec: opened({ ...binding, spec: steered }) });
        }
      } else if (port === 'aaa') {
        ofInstances[Math.floor(channel / sourcePorts)]!.push({
          port,
          channel: channel % sourcePorts,
          spec: opened(binding),
        });
      } else if (port === 'access-radius' && channel >= disconnectChannel) {
        ofInstances[channel - disconnectChannel]!.push({ port, channel, spec: opened(binding) });
      } else {
        const shared = opened(binding);
        ofChassis.push({ ...binding, spec: shared, isShared: true });
        for (const own of ofInstances) {
          own.push({ port, channel, spec: { ...shared, sendsOnly: true }, isShared: true });
        }
      }
    }
    return new PlacedSockets(ofChassis, ofInstances, descriptors);
  }

  /** What the thread of an instance reads, or sends by. */
  ofInstance(index: number): readonly PortBinding[] {
    return this.#ofInstances[index]!;
  }

  /** To be called when nobody reads them any more. */
  close(): void {
    for (const descriptor of this.#descriptors) linux.close(descriptor);
  }
}
