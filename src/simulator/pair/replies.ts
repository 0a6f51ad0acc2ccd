import { type IpAddress, type MacAddress, parseMac } from '../../kernel/address.ts';
import type { PortName } from '../../kernel/port.ts';
import type { LiveSession } from '../../services/samog/session/state.ts';
import type { ManagerReader } from '../../sessmgr/manager-reader.ts';
import { toHex } from '../../wire/bytes/text.ts';
import { find, has } from '../../wire/bytes/tlv.ts';
import { decodeDhcp, dhcpPort } from '../../wire/dhcpv4/message.ts';
import { dhcpOption } from '../../wire/dhcpv4/options.ts';
import { decodeEthernet, etherType } from '../../wire/ethernet/ethernet.ts';
import { decodeGre, greProtocol } from '../../wire/gre/gre.ts';
import { decodeIpv4, ipProtocol } from '../../wire/ipv4/ipv4.ts';
import { decodeMobility } from '../../wire/pmipv6/message.ts';
import { mobilityOption } from '../../wire/pmipv6/options.ts';
import { radiusAttribute } from '../../wire/radius/attributes.ts';
import { radiusCode } from '../../wire/radius/constants.ts';
import { decodeRadius } from '../../wire/radius/packet.ts';
import { decodeUdp } from '../../wire/udp/udp.ts';
import { virtualSeal } from './virtual-seal.ts';

/** From here on a Binding Acknowledgement is a refusal (RFC 6275 section 6.1.8). */
const firstRefusal = 128;

/**
 * The session that a packet tells its UE, MAG, WLC or access point of: by a PBA, a DHCPACK, an Access-Accept, or the answer to the
 * record that it has. Undefined for any other.
 *
 * @param transactionOf the DHCP transaction that a UE takes replies of
 */
export function sessionTold(
  manager: ManagerReader,
  port: PortName,
  peer: IpAddress,
  bytes: Uint8Array,
  transactionOf: (mac: MacAddress) => number | undefined,
): LiveSession | undefined {
  if (port === 'access-pmipv6') return toldByPba(manager, bytes);
  if (port === 'access-radius') return toldByAccept(manager, bytes) ?? toldByResponse(manager, peer, bytes);
  return port === 'access-gre' ? toldByAck(manager, bytes, transactionOf) : undefined;
}

/** Whom an Access-Request of the gateway's own is about; undefined for any other packet, and where the UE itself asks by EAP. */
export function askedAbout(port: PortName, bytes: Uint8Array): MacAddress | undefined {
  if (port !== 'aaa') return undefined;
  const request = decodeRadius(bytes);
  if (!request.ok || request.value.code !== radiusCode.accessRequest) return undefined;
  if (has(request.value.attributes, radiusAttribute.eapMessage)) return undefined;
  return parseMac(find(request.value.attributes, radiusAttribute.callingStationId) ?? '');
}

function toldByPba(manager: ManagerReader, bytes: Uint8Array): LiveSession | undefined {
  const message = decodeMobility(bytes);
  if (!message.ok || message.value.kind !== 'proxyBindingAcknowledgement') return undefined;
  const { status, lifetimeSeconds, options, sequence } = message.value;
  if (status >= firstRefusal || lifetimeSeconds === 0) return undefined;
  const nai = find(options, mobilityOption.mnIdentifier)?.identifier;
  for (const { session } of manager.registry.sessions()) {
    if (session.kind !== 'Live') continue;
    const { binding } = session.durable;
    // A reply that was kept back may be about an earlier session of the UE.
    if (nai !== undefined && binding?.nai === nai && binding.sequence === sequence) return session;
  }
  return undefined;
}

/** The Access-Accept that a session has is kept sealed, octet by octet. */
function toldByAccept(manager: ManagerReader, bytes: Uint8Array): LiveSession | undefined {
  if (bytes[0] !== radiusCode.accessAccept) return undefined;
  const told = toHex(bytes);
  for (const { session } of manager.registry.sessions()) {
    if (session.kind !== 'Live' || session.durable.reply === undefined) continue;
    const kept = virtualSeal.open(session.durable.reply.sealed);
    if (kept !== undefined && toHex(kept) === told) return session;
  }
  return undefined;
}

/** RFC 2866 section 4.2: whose record it answers is told by the client and its Identifier; each has one port in this world. */
function toldByResponse(manager: ManagerReader, peer: IpAddress, bytes: Uint8Array): LiveSession | undefined {
  if (bytes[0] !== radiusCode.accountingResponse) return undefined;
  for (const { session } of manager.registry.sessions()) {
    if (session.kind !== 'Live' || session.durable.access?.kind !== 'ip') continue;
    const answered = session.durable.wlc?.answered;
    if (answered?.client === peer && answered.identifier === bytes[1]) return session;
  }
  return undefined;
}

function toldByAck(
  manager: ManagerReader,
  bytes: Uint8Array,
  transactionOf: (mac: MacAddress) => number | undefined,
): LiveSession | undefined {
  const gre = decodeGre(bytes);
  if (!gre.ok || gre.value.protocol !== greProtocol.transparentEthernet) return undefined;
  const frame = bytes.subarray(gre.value.headerLength);
  const ethernet = decodeEthernet(frame);
  if (!ethernet.ok || ethernet.value.etherType !== etherType.ipv4) return undefined;
  const packet = frame.subarray(ethernet.value.headerLength);
  const ip = decodeIpv4(packet);
  if (!ip.ok || ip.value.protocol !== ipProtocol.udp) return undefined;
  const { source, destination, headerLength, payloadLength } = ip.value;
  const udp = decodeUdp(packet, headerLength, headerLength + payloadLength, source, destination);
  if (!udp.ok || udp.value.destinationPort !== dhcpPort.client) return undefined;
  const reply = decodeDhcp(udp.value.payload);
  if (!reply.ok || find(reply.value.options, dhcpOption.messageType) !== 'ack') return undefined;
  const { clientMac, transactionId } = reply.value;
  // One that was kept back until its session was over: the UE has begun anew and does not take it.
  if (transactionOf(clientMac) !== transactionId) return undefined;
  const session = manager.registry.ofMac(clientMac)?.session;
  if (session?.kind !== 'Live') return undefined;
  return session.durable.addresses[0]?.address === reply.value.yourAddress ? session : undefined;
}
