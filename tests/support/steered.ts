import type { PortName } from '../../src/kernel/port.ts';
import { disconnectChannel } from '../../src/sessmgr/radius/nas-disconnects.ts';
import { greHeaderLengthAt, greKeyAt, greProtocol, greProtocolAt } from '../../src/wire/gre/gre.ts';

/** Whether a packet reaches its instance without the chassis, by a socket that is the instance's own. */
export function isOfInstance(port: PortName, channel: number, bytes: Uint8Array): boolean {
  if (port === 'access-gre') return !isUnkeyed(bytes);
  return port === 's2a-gre' || port === 'aaa' || (port === 'access-radius' && channel >= disconnectChannel);
}

function isUnkeyed(bytes: Uint8Array): boolean {
  if (greHeaderLengthAt(bytes, 0, bytes.length) === 0) return false;
  return greProtocolAt(bytes, 0) !== greProtocol.transparentEthernet && greKeyAt(bytes, 0) === undefined;
}
