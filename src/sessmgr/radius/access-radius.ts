import { type IpAddress, type MacAddress, parseMacAt } from '../../kernel/address.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Timed } from '../../kernel/port.ts';
import { radiusDatagramOf } from '../../services/samog/event-message.ts';
import { keeping } from '../../services/samog/events.ts';
import { readRelayedRequest } from '../../services/samog/relay/forward.ts';
import { ReplyMemory, type RequestName, sameOctets } from '../../services/samog/relay/replies.ts';
import { radiusAttribute } from '../../wire/radius/attributes.ts';
import { signResponse, verifyAccessRequest } from '../../wire/radius/authenticator.ts';
import { radiusCode } from '../../wire/radius/constants.ts';
import { describeRadius } from '../../wire/radius/packet.ts';
import type { RadiusOctets } from '../../wire/radius/packet-octets.ts';
import { admitRequest } from './admit-request.ts';
import { Conversations, type ConversationsDependencies } from './conversations.ts';
import type { RadiusClientEntry, RadiusClients } from './radius-clients.ts';

export interface AccessRadiusDependencies extends Omit<ConversationsDependencies, 'replies'> {
  readonly clients: RadiusClients;
}

/** RFC 5080 section 2.2.2: 5 to 30 seconds; the longest, since WLCs repeat for as long. */
const keepMs = 30_000;
/** Answers remembered for each conversation that may be. */
const repliesPerConversation = 4;

function verifierOf(code: number): typeof verifyAccessRequest | undefined {
  return code === radiusCode.accessRequest || code === radiusCode.statusServer ? verifyAccessRequest : undefined;
}

/**
 * The RADIUS server toward WLCs and access points, on the authentication port: checks who speaks, knows repetitions, and
 * hands Access-Requests to the conversation they are of.
 */
export class AccessRadius implements Timed {
  readonly conversations: Conversations;
  readonly #dependencies: AccessRadiusDependencies;
  readonly #replies: ReplyMemory;

  constructor(dependencies: AccessRadiusDependencies) {
    this.#dependencies = dependencies;
    const { conversationsMax } = dependencies.instance.config.mrmeService.relay;
    this.#replies = new ReplyMemory({ keepMs, requestsMax: conversationsMax * repliesPerConversation });
    this.conversations = new Conversations({ ...dependencies, replies: this.#replies });
  }

  /** Takes a packet of the authentication port. `octets` are valid only during the call. */
  receive(peer: IpAddress, peerPort: number, octets: Uint8Array, now: Instant): void {
    const admitted = admitRequest(this.#dependencies, verifierOf, peer, peerPort, octets, now);
    if (admitted === undefined) return;
    const { client, name, packet } = admitted;
    if (packet.code === radiusCode.statusServer) this.#sayAlive(client, name);
    else this.#accessRequest(client, name, packet, now);
  }

  advance(now: Instant): void {
    this.#replies.advance(now);
    this.conversations.advance(now);
  }

  nextDeadline(): Instant {
    return Math.min(this.#replies.nextDeadline(), this.conversations.nextDeadline());
  }

  /** RFC 5997 section 4.2: answered at once, never passed on, and not remembered. */
  #sayAlive({ secret }: RadiusClientEntry, { client, port, identifier, authenticator }: RequestName): void {
    const { digests, output, counters } = this.#dependencies;
    counters.add('access-radius.status-server.received');
    const packet = { code: radiusCode.accessAccept, identifier, authenticator, attributes: [] };
    output.send('access-radius', 0, client, port, signResponse(packet, authenticator, secret, digests));
  }

  #accessRequest(client: RadiusClientEntry, name: RequestName, packet: RadiusOctets, now: Instant): void {
    const { counters } = this.#dependencies;
    const mac = callingStationOf(packet);
    const relayed = readRelayedRequest(packet);
    if (mac === undefined || relayed === undefined) return counters.add('access-radius.discarded.malformed');
    if (client.profile.sessionTrigger !== 'radius') return counters.add('access-radius.discarded.wrong-profile');
    this.#report(name, mac, packet, now);
    const recollection = this.#replies.ask(name, now);
    if (recollection.kind === 'new') {
      const before = this.#answerOfSession(name, mac);
      if (before !== undefined) {
        this.#replies.answered(name, before, now);
        return this.#repeat(name, before);
      }
      counters.add('access-radius.access-request.received');
      return this.conversations.ask({ client, name, mac, relayed }, now);
    }
    if (recollection.kind === 'answered') return this.#repeat(name, recollection.reply);
    counters.add('access-radius.access-request.retransmitted');
  }

  #repeat({ client, port }: RequestName, reply: Uint8Array): void {
    this.#dependencies.counters.add('access-radius.access-request.retransmitted');
    this.#dependencies.output.send('access-radius', 0, client, port, reply);
  }

  /** The Access-Accept that another chassis has given to this very request, and may not have come to send. */
  #answerOfSession({ client, port, identifier, authenticator }: RequestName, mac: MacAddress): Uint8Array | undefined {
    const { instance, seal } = this.#dependencies;
    const session = instance.registry.ofMac(mac)?.session;
    const reply = session?.kind === 'Live' ? session.durable.reply : undefined;
    if (reply === undefined || reply.client !== client || reply.port !== port) return undefined;
    if (reply.identifier !== identifier || !sameOctets(reply.authenticator, authenticator)) return undefined;
    return seal?.open(reply.sealed);
  }

  #report({ client, port }: RequestName, mac: MacAddress, packet: RadiusOctets, now: Instant): void {
    const name = 'access-request-received';
    keeping(
      this.#dependencies.report,
      name,
      now,
    )?.({
      name,
      mac,
      sessionId: undefined,
      peer: client,
      party: 'wlc',
      direction: 'received',
      text: () => describeRadius(packet),
      message: radiusDatagramOf('access-radius', 0, port, () => packet.bytes),
    });
  }
}

/**
 * The UE that an Access-Request is about: Calling-Station-Id (RFC 3580 section 3.21). By it a request also finds its session
 * manager instance.
 */
export function callingStationOf(packet: RadiusOctets): MacAddress | undefined {
  const place = packet.placeOf(radiusAttribute.callingStationId.type);
  return place === 0 ? undefined : parseMacAt(packet.bytes, place + 2, place + packet.bytes[place + 1]!);
}
