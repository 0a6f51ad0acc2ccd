import type { IpAddress } from '../../kernel/address.ts';
import type { Digests, RandomSource, Seal } from '../../kernel/context.ts';
import type { Counters } from '../../kernel/counters.ts';
import type { Instant, WallClock } from '../../kernel/instant.ts';
import type { PacketOutput, Timed } from '../../kernel/port.ts';
import type { AaaServers } from '../../services/samog/aaa/aaa-servers.ts';
import type { MrmeServiceConfig } from '../../services/samog/config.ts';
import type { EventSink } from '../../services/samog/events.ts';
import type { SamogCounter } from '../../services/samog/statistics.ts';
import type { Instance } from '../instance.ts';
import type { Fellows } from '../instances/fellows.ts';
import { AccessAccounting, type AccessAccountingDependencies } from './access-accounting.ts';
import { AccessRadius } from './access-radius.ts';
import { DynamicAuthorization, type DynamicAuthorizationDependencies } from './dynamic-authorization.ts';
import { disconnectChannel, NasDisconnects } from './nas-disconnects.ts';
import { RadiusClients } from './radius-clients.ts';
import { SessionSearch } from './session-search.ts';

export interface RadiusDoorsDependencies
  extends Pick<DynamicAuthorizationDependencies, 'accessLists' | 'commit'>,
    Pick<AccessAccountingDependencies, 'accountStopped'> {
  readonly instance: Instance;
  readonly aaa: AaaServers;
  readonly output: PacketOutput;
  readonly digests: Digests;
  readonly random: RandomSource;
  readonly wallClock: () => WallClock;
  readonly counters: Counters<SamogCounter>;
  readonly report: EventSink | undefined;
  readonly seal: Seal | undefined;
  /** Of this instance among those of the chassis, from 0. */
  readonly place: number;
  /** The instances of the chassis, if there are several. */
  readonly fellows: Fellows | undefined;
}

/** Of the `access-radius` port. */
const authenticationChannel = 0;

/**
 * Where the gateway is a RADIUS server: of WLCs and access points for authentication and accounting, and of AAA for changes;
 * and where it disconnects UEs at their WLCs.
 */
export class RadiusDoors implements Timed {
  readonly authentication: AccessRadius;
  readonly accounting: AccessAccounting;
  readonly disconnects: NasDisconnects;
  readonly #clients: RadiusClients;
  readonly #authorization: DynamicAuthorization;
  /** Finds sessions that AAA names in another way than by their accounts and UEs. */
  readonly search: SessionSearch;
  readonly #wallClock: () => WallClock;

  constructor(dependencies: RadiusDoorsDependencies) {
    const { instance, aaa, wallClock } = dependencies;
    const { twanProfiles, dynamicAuthorization } = instance.config.mrmeService;
    const clients = new RadiusClients(twanProfiles);
    this.#clients = clients;
    this.#wallClock = wallClock;
    this.authentication = new AccessRadius({ ...dependencies, clients, servers: aaa.authentication });
    this.accounting = new AccessAccounting({ ...dependencies, clients, servers: aaa.accounting });
    this.disconnects = new NasDisconnects({ ...dependencies, clients, instance: dependencies.place });
    this.search = new SessionSearch(instance);
    this.#authorization = new DynamicAuthorization(dynamicAuthorization, { ...dependencies, search: this.search });
  }

  /** Goes on with other clients on both sides; what they have asked already is answered. */
  reconfigure({ twanProfiles, dynamicAuthorization }: MrmeServiceConfig): void {
    this.#clients.replace(twanProfiles);
    this.#authorization.reconfigure(dynamicAuthorization);
  }

  /** Takes a packet of a WLC or access point. The bytes are valid only during the call. */
  fromAccess(channel: number, peer: IpAddress, peerPort: number, bytes: Uint8Array, now: Instant): void {
    if (channel === authenticationChannel) this.authentication.receive(peer, peerPort, bytes, now);
    else if (channel < disconnectChannel) this.accounting.receive(peer, peerPort, bytes, now);
    else this.disconnects.receive(channel, peer, peerPort, bytes, now);
  }

  /** Takes a CoA- or Disconnect-Request, by the channels of its port. The bytes are valid only during the call. */
  fromAaa(channel: number, peer: IpAddress, peerPort: number, bytes: Uint8Array, now: Instant): void {
    this.#authorization.receive(channel, peer, peerPort, bytes, now, this.#wallClock());
  }

  advance(now: Instant): void {
    this.authentication.advance(now);
    this.accounting.advance(now);
    this.disconnects.advance(now);
    this.#authorization.advance(now);
  }

  nextDeadline(): Instant {
    return Math.min(
      this.authentication.nextDeadline(),
      this.accounting.nextDeadline(),
      this.disconnects.nextDeadline(),
      this.#authorization.nextDeadline(),
    );
  }
}
