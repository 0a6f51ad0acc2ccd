import type { Accelerator } from '../../forwarding/accelerator.ts';
import type { IpAddress, MacAddress } from '../../kernel/address.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { PacketInput, PacketOutput, PortName, Timed } from '../../kernel/port.ts';
import type { ResumedSession } from '../../services/samog/checkpoints/resume.ts';
import type { SamogConfig } from '../../services/samog/config.ts';
import { sessionId, sessionMac } from '../../services/samog/session/state.ts';
import type { EndReason } from '../../services/samog/statistics.ts';
import type { Intercepts } from '../intercepts.ts';
import type { ManagerReader } from '../manager-reader.ts';
import type { SessionManager } from '../session-manager.ts';
import type { AdoptResult } from '../session-manager-parts.ts';
import { Directory } from './directory.ts';
import type { Sought } from './fellows.ts';
import type { InstancePart } from './instance-part.ts';
import { lastingReader } from './merged-reader.ts';
import { firstInstance, PacketRouter } from './packet-router.ts';
import { SharedRoom } from './shared-room.ts';

const noOctets = new Uint8Array(0);

/** What all instances are made with, each having its part of it. */
interface SharedDependencies {
  readonly output: PacketOutput;
  /** What forwards beside the slow path, for each instance; without it nothing does. */
  readonly accelerators?: ((index: number) => Accelerator | undefined) | undefined;
  /** Whose sessions are intercepted, for each instance; without it none are. */
  readonly interceptsOf?: ((index: number) => Intercepts | undefined) | undefined;
}

interface OwnDependencies {
  readonly output: PacketOutput;
  readonly accelerator: Accelerator | undefined;
  readonly intercepts: Intercepts | undefined;
  readonly part?: InstancePart;
}

/**
 * The session manager instances of a chassis, all in this thread: gives each packet to the one whose it is, and is toward
 * everybody else as one session manager would be. Of one instance it is only a thin cover.
 *
 * The first one watches the peers; what it learns of them it spreads to all.
 */
export class InstanceGroup implements PacketInput, Timed {
  readonly count: number;
  readonly #members: () => readonly SessionManager[];
  readonly #reader: () => ManagerReader;
  /** Of the `aaa` port, for each instance. */
  readonly #channels: number;
  readonly #directory = new Directory();
  readonly #room: SharedRoom;
  readonly #router: PacketRouter;

  /** @param members the instances at the moment: another object stands for one that was begun anew */
  constructor(count: number, config: SamogConfig, members: () => readonly SessionManager[]) {
    this.count = count;
    this.#members = members;
    this.#channels = config.mrmeService.bind.sourcePorts;
    this.#room = new SharedRoom(new Int32Array(count), config.samogService.sessionsMax);
    this.#router = new PacketRouter(count, this.#channels, this.#directory);
    this.#reader = lastingReader(members);
  }

  get members(): readonly SessionManager[] {
    return this.#members();
  }

  /** All instances as one; another object once one of them was begun anew. */
  get reader(): ManagerReader {
    return this.#reader();
  }

  /** What the instance at a place, from 0, is to be made with, beside what is everybody's. */
  dependenciesOf(index: number, { output, accelerators, interceptsOf }: SharedDependencies): OwnDependencies {
    const accelerator = accelerators?.(index);
    const intercepts = interceptsOf?.(index);
    if (this.count === 1) return { output, accelerator, intercepts };
    const first = index * this.#channels;
    return {
      accelerator,
      intercepts,
      output: {
        send: (port, channel, peer, peerPort, bytes) =>
          output.send(port, port === 'aaa' ? first + channel : channel, peer, peerPort, bytes),
      },
      part: {
        index,
        count: this.count,
        seats: this.#room.seatsOf(index),
        directory: this.#directory.entriesOf(index),
        fellows: {
          spread: (news, now) => this.#spread(news, now),
          seek: (...asked) => this.#seek(...asked),
          passOn: (owner, sessionId, peer, peerPort, octets, now) =>
            this.deliver(owner, 'dynamic-authorization', sessionId, peer, peerPort, octets, now),
        },
      },
    };
  }

  /** The place of the instance whose packet this is; 0 for what is nobody's. */
  instanceOf(port: PortName, channel: number, peer: IpAddress, bytes: Uint8Array): number {
    return this.count === 1 ? firstInstance : this.#router.instanceOf(port, channel, peer, bytes);
  }

  /** The instance that has the session of a UE, or would have it: for messages that come by other ways than packets. */
  ofUe(mac: MacAddress): SessionManager {
    return this.members[this.#router.instanceOfUe(mac)]!;
  }

  receive(port: PortName, channel: number, peer: IpAddress, peerPort: number, bytes: Uint8Array, now: Instant): void {
    this.deliver(this.instanceOf(port, channel, peer, bytes), port, channel, peer, peerPort, bytes, now);
  }

  /** Gives a packet to the instance at this place. */
  deliver(
    index: number,
    port: PortName,
    channel: number,
    peer: IpAddress,
    peerPort: number,
    bytes: Uint8Array,
    now: Instant,
  ): void {
    const { members } = this;
    if (index === firstInstance) return members[index]!.receive(port, channel, peer, peerPort, bytes, now);
    if (port === 'access-pmipv6' || port === 's2a-pmipv6') members[firstInstance]!.heardFrom(port, peer, now);
    const own = port === 'aaa' ? channel - index * this.#channels : channel;
    members[index]!.receive(port, own, peer, peerPort, bytes, now);
  }

  /** A connection to an AAA server stands, or could not be made or kept: that of the instance whose channel this is. */
  linkChanged(channel: number, peer: IpAddress, peerPort: number, isUp: boolean, now: Instant): void {
    this.members[this.instanceOf('aaa', channel, peer, noOctets)]!.aaa.linkChanged(peer, peerPort, isUp, now);
  }

  advance(now: Instant): void {
    for (const member of this.members) if (member.nextDeadline() <= now) member.advance(now);
  }

  nextDeadline(): Instant {
    let earliest = Number.POSITIVE_INFINITY;
    for (const member of this.members) earliest = Math.min(earliest, member.nextDeadline());
    return earliest;
  }

  /** As `SessionManager.reconfigure`. */
  reconfigure(config: SamogConfig, now: Instant): void {
    this.#room.sessionsMax = config.samogService.sessionsMax;
    for (const member of this.members) member.reconfigure(config, now);
  }

  /** Begins to watch the LMAs. To be called once the ports are open. */
  start(now: Instant): void {
    this.members[firstInstance]!.s2a.start(now);
  }

  /**
   * A service begins that has no sessions: their records wait for Accounting-On, but not for long. That is sent by
   * `announceAccounting`, once it is certain that no other chassis has sessions.
   */
  holdAccounting(now: Instant): void {
    for (const { service } of this.members) service.hold(now);
  }

  /** Sends Accounting-On, if it comes in time; `once` as of `ServiceAccounting.begin`. */
  announceAccounting(now: Instant, once = false): void {
    this.members[firstInstance]!.service.begin(now, once);
  }

  /** Records wait for no Accounting-On any more: it is not to be sent. */
  releaseAccounting(now: Instant): void {
    for (const { service } of this.members) service.release(now);
  }

  /**
   * Sends Accounting-Off, once for all instances, and no record after it: the service ends, and keeps no sessions. `done` follows
   * soon, whatever AAA says.
   */
  endAccounting(now: Instant, done: () => void): void {
    const [first, ...others] = this.members;
    for (const { service } of others) service.silence(now);
    first!.service.end(now, done);
  }

  /** As `SessionManager.adopt`, each session by the instance that is to have it. */
  adopt(sessions: Iterable<ResumedSession>): AdoptResult {
    let adopted = 0;
    const refused: AdoptResult['refused'][number][] = [];
    for (const resumed of sessions) {
      const { session } = resumed;
      const result = this.reader.registry.hasId(sessionId(session))
        ? { adopted: 0, refused: [session] }
        : this.ofUe(sessionMac(session)).adopt([resumed]);
      adopted += result.adopted;
      refused.push(...result.refused);
    }
    return { adopted, refused };
  }

  /** As `SessionManager.release`. */
  release(id: number): void {
    for (const member of this.members) member.release(id);
  }

  /** As `SessionManager.clear`. */
  clear(mac: MacAddress, reason: EndReason, now: Instant): boolean {
    return this.ofUe(mac).clear(mac, reason, now);
  }

  /** Ends all sessions, a slice at a time; returns how many there are. */
  clearAll(reason: EndReason, now: Instant): number {
    const sessions = this.reader.registry.size;
    for (const member of this.members) member.sweep(() => true, { kind: 'cleared', reason }, now);
    return sessions;
  }

  #seek(...[wanted, now, done]: Parameters<InstancePart['fellows']['seek']>): void {
    const found: Sought[] = [];
    let left = this.count;
    for (const [index, member] of this.members.entries()) {
      member.doors.search.search(wanted, now, (sought, at) => {
        found[index] = sought;
        left -= 1;
        if (left === 0) done(found, at);
      });
    }
  }

  #spread(...[news, now]: Parameters<InstancePart['fellows']['spread']>): void {
    let left = this.count;
    for (const member of this.members) {
      member.tell(news, now, (at) => {
        left -= 1;
        if (left === 0) this.members[firstInstance]!.settled(news, at);
      });
    }
  }
}
