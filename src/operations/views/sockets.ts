import { fieldLines, tableLines } from './format.ts';
import { type SocketReport, shown, type View } from './view.ts';

export interface SocketsData {
  readonly driver: string;
  readonly driverFallbackReason: string | null;
  readonly sockets: readonly (Omit<SocketReport, 'kernelDrops'> & { readonly kernelDrops: number | null })[];
  /** Throws of the gateway's core that were contained. */
  readonly faults: number;
  readonly sendsUnroutable: number;
  /** How late the event loop was: how long a packet may have waited for it. */
  readonly stall: { readonly worstMs: number; readonly percentile99Ms: number };
}

function errorsText(errors: Readonly<Record<string, number>>): string {
  const parts = Object.entries(errors).map(([code, count]) => `${code} ${count}`);
  return parts.join(', ') || 'none';
}

export const sockets: View<SocketsData> = {
  words: ['sockets'],
  summary: 'sockets: what each is bound to, and what it carried, dropped and refused',
  role: 'view',
  options: [],
  build: (source) => {
    const report = source.host();
    return shown({
      driver: report.driver,
      driverFallbackReason: report.driverFallbackReason ?? null,
      sockets: report.sockets.map((socket) => ({ ...socket, kernelDrops: socket.kernelDrops ?? null })),
      faults: report.faults,
      sendsUnroutable: report.sendsUnroutable,
      stall: { worstMs: report.stall.worstMs, percentile99Ms: report.stall.percentile99Ms },
    });
  },
  render: (data) => [
    `Socket Driver: ${data.driver}${data.driverFallbackReason === null ? '' : ` (because: ${data.driverFallbackReason})`}`,
    ...fieldLines([
      ['Faults Contained', data.faults],
      ['Packets Unroutable', data.sendsUnroutable],
      ['Event Loop Stall Worst', `${data.stall.worstMs.toFixed(1)} ms`],
      ['Event Loop Stall 99th Percentile', `${data.stall.percentile99Ms.toFixed(1)} ms`],
    ]),
    ...tableLines(
      ['Port', 'Ch', 'Transport', 'Local', 'Rcvd', 'Sent', 'Refused', 'Truncated', 'Kernel Drops', 'Errors'],
      data.sockets.map((socket) => [
        socket.port,
        socket.channel,
        socket.transport,
        socket.local,
        socket.packetsReceived,
        socket.packetsSent,
        socket.sendsRefused,
        socket.receivesTruncated,
        socket.kernelDrops,
        errorsText(socket.errors),
      ]),
    ),
  ],
};
