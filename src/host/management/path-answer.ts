import { parseIp } from '../../kernel/address.ts';
import type { PathAnswer } from '../../operations/commands/check-path.ts';
import { longestPassing, pathFinding, pathOctetsMin } from '../../operations/doctor/path-finding.ts';
import { addressArgument } from '../../operations/views/arguments.ts';
import { refuse, type ViewSource } from '../../operations/views/view.ts';
import { packetPasses } from '../path-probe.ts';
import { type Answered, done } from './answer.ts';

/** Whether a packet of so many octets reaches an address, unfragmented, and its answer comes back. */
export type PathProbe = (address: string, octets: number) => Promise<boolean>;

/**
 * Finds out what the ways from this host to its peers carry, one at a time. Only access nodes of a TWAN profile and LMAs are
 * asked: an operator of a gateway need not be able to have it look at the rest of the network.
 */
export class PathChecks {
  readonly #source: Pick<ViewSource, 'config' | 'manager'>;
  readonly #passes: PathProbe;
  #busy = false;

  constructor(source: Pick<ViewSource, 'config' | 'manager'>, passes: PathProbe = packetPasses) {
    this.#source = source;
    this.#passes = passes;
  }

  async check(text: string): Promise<Answered> {
    const address = addressArgument(text);
    if (!address.ok) return address;
    const { access, s2a } = this.#source.config.cgwService;
    const peer = parseIp(address.value)!;
    const isLma = s2a.lmas.some((lma) => lma === peer);
    if (!isLma && this.#source.manager.profiles.of(peer) === undefined) {
      return refuse('not-found', 'this is no LMA, and no access node of a TWAN profile', 'show twan-profile has them');
    }
    if (this.#busy) return refuse('too-many', 'another path is being checked', 'try again in some seconds');
    this.#busy = true;
    try {
      const setting = isLma ? 'cgw-service.s2a.mtu' : 'cgw-service.access.mtu';
      const { mtu } = isLma ? s2a : access;
      const passes = await longestPassing((octets) => this.#passes(address.value, octets), pathOctetsMin, mtu);
      const finding = pathFinding({ address: address.value, setting, mtu, passes });
      return done({ ...finding, address: address.value, mtu, passes: passes ?? null } satisfies PathAnswer);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return refuse('refused', `no ping can be sent: ${why}`, 'install iputils-ping on the host of the gateway');
    } finally {
      this.#busy = false;
    }
  }
}
