import type { RuntimeStatistics } from '../runtime.ts';

type SocketOfPort = RuntimeStatistics['sockets'][number];

/**
 * The runtimes of a chassis and of its session manager instances as one. What several have, to send by, is one socket; others
 * of a port are counted on.
 */
export function mergedStatistics(all: readonly RuntimeStatistics[]): RuntimeStatistics {
  const sockets = new Map<string, SocketOfPort>();
  const channels = new Map<string, number>();
  for (const { isShared, ...socket } of all.flatMap((each) => each.sockets)) {
    const key = `${socket.port} ${isShared === true ? socket.channel : `of ${sockets.size}`}`;
    const known = sockets.get(key);
    if (known !== undefined) {
      sockets.set(key, sumOf(known, socket));
      continue;
    }
    const channel = channels.get(socket.port) ?? 0;
    channels.set(socket.port, channel + 1);
    sockets.set(key, { ...socket, channel });
  }
  const worst = (of: (each: RuntimeStatistics) => number) => Math.max(...all.map(of));
  return {
    sockets: [...sockets.values()],
    faults: all.reduce((sum, { faults }) => sum + faults, 0),
    sendsUnroutable: all.reduce((sum, { sendsUnroutable }) => sum + sendsUnroutable, 0),
    stall: {
      worstMs: worst(({ stall }) => stall.worstMs),
      percentile99Ms: worst(({ stall }) => stall.percentile99Ms),
    },
  };
}

/** Of one socket: what the kernel says of it is the same for both. */
function sumOf(left: SocketOfPort, right: SocketOfPort): SocketOfPort {
  const errors: Record<string, number> = { ...left.errors };
  for (const [code, count] of Object.entries(right.errors)) errors[code] = (errors[code] ?? 0) + count;
  return {
    ...left,
    packetsReceived: left.packetsReceived + right.packetsReceived,
    octetsReceived: left.octetsReceived + right.octetsReceived,
    packetsSent: left.packetsSent + right.packetsSent,
    octetsSent: left.octetsSent + right.octetsSent,
    sendsRefused: left.sendsRefused + right.sendsRefused,
    receivesTruncated: left.receivesTruncated + right.receivesTruncated,
    receiveFaults: left.receiveFaults + right.receiveFaults,
    errors,
  };
}
