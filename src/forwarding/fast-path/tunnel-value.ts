import { ipv4Of } from '../../kernel/address.ts';
import { noTunnelFigures, type TunnelFigures } from '../tunnel-figures.ts';
import { tunnelEndAt, tunnelFiguresAt, tunnelSides } from './layout.ts';
import { u64At } from './session-value.ts';

/**
 * The figures of a tunnel as the program has noted them, of the packets that it forwarded.
 *
 * @param key of the map `tunnels`; @param value of it
 * @returns undefined for a key that is none
 */
export function readTunnelFigures(key: DataView, value: DataView): TunnelFigures | undefined {
  const side = tunnelSides[key.getUint32(tunnelEndAt.side, true)];
  if (side === undefined) return undefined;
  return {
    ...noTunnelFigures(side, ipv4Of(key.getUint32(tunnelEndAt.peer))),
    longestReceived: value.getUint16(tunnelFiguresAt.longest_received, true),
    longestSent: value.getUint16(tunnelFiguresAt.longest_sent, true),
    mssClamped: u64At(value, tunnelFiguresAt.mss_clamped),
    fragmentationNeededReceived: u64At(value, tunnelFiguresAt.fragmentation_needed),
    fragmentsReceived: u64At(value, tunnelFiguresAt.fragments),
    longestFragment: value.getUint16(tunnelFiguresAt.longest_fragment, true),
  };
}
