import { type IpAddress, type Ipv4Address, isIpv4, parseIp } from '../../kernel/address.ts';
import { fromHex } from '../../wire/bytes/text.ts';
import { type Capture, type CapturedPacket, encodeCapture } from '../../wire/pcapng/pcapng.ts';
import type { EventRow } from '../views/events.ts';
import type { Leg } from './event-packet.ts';

/** What is at the other end of each leg. */
const legs: Readonly<Record<Leg, string>> = {
  eogre: 'DHCP of UEs, as it is within their EoGRE tunnels',
  'access-gre': 'GRE of access nodes',
  'access-pmipv6': 'PMIPv6 of WLCs',
  'access-radius': 'RADIUS of WLCs and access points',
  's2a-gre': 'GRE of LMAs',
  's2a-pmipv6': 'PMIPv6 of LMAs',
  aaa: 'RADIUS of AAA servers',
  'dynamic-authorization': 'CoA and Disconnect of AAA servers',
};
export const legNames = Object.keys(legs) as Leg[];

/**
 * Events as a capture file. Each message is a packet; a comment says which event it is, and further ones which decisions,
 * refusals and timers of the same subscriber followed it (those before the first message stand there). Events whose message
 * the gateway has not kept are comments, too, so that nothing is lost.
 *
 * @param events oldest first; @param about what they are of, for people
 */
export function captureOf(events: readonly EventRow[], application: string, about: string): Uint8Array {
  const packets: (CapturedPacket & { comments: string[] })[] = [];
  const lastOf = new Map<string | null, CapturedPacket & { comments: string[] }>();
  let early: EventRow[] = [];
  for (const event of events) {
    if (event.message === null) {
      const after = lastOf.get(event.mac) ?? packets.at(-1);
      if (after === undefined) early.push(event);
      else after.comments.push(commentOf(event));
      continue;
    }
    const packet = {
      interface: legNames.indexOf(event.message.leg),
      epochMicroseconds: Math.round(event.epochMs * 1000),
      direction: event.direction === 'sent' ? ('sent' as const) : ('received' as const),
      octets: fromHex(event.message.packet),
      comments: [commentOf(event), ...early.map(commentOf)],
    };
    early = [];
    packets.push(packet);
    lastOf.set(event.mac, packet);
  }
  const comment = [about, ...early.map(commentOf)].join('\n');
  return encodeCapture({ application, comment, interfaces: interfaces(), names: namesOf(events), packets });
}

function interfaces(): Capture['interfaces'] {
  return legNames.map((name) => ({ name, description: legs[name] }));
}

const titles: Readonly<Record<string, string>> = { rg: 'rg', wlc: 'wlc', aaa: 'aaa', lma: 'lma' };

/** Addresses by what they are: `lma-10.7.0.1`. */
function namesOf(events: readonly EventRow[]): Capture['names'] {
  const found = new Map<Ipv4Address, string>();
  for (const { party, peer } of events) {
    const address: IpAddress | undefined = peer === null ? undefined : parseIp(peer);
    const title = titles[party];
    if (address !== undefined && isIpv4(address) && title !== undefined) found.set(address, `${title}-${peer}`);
  }
  return [...found].map(([address, name]) => ({ address, name }));
}

/** First what happened and why, for people; then, in brackets, which event that is, for whoever reads the file again. */
function commentOf({ name, text, number, epochMs, mac, party, peer, direction }: EventRow): string {
  const line = text.replace(/\s+/g, ' ');
  return `${name}: ${line} [#${number} ${epochMs.toFixed(3)} ${mac ?? '-'} ${party} ${peer ?? '-'} ${direction}]`;
}
