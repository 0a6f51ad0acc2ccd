import { requireTool } from '../support/require-tool.ts';

/** Whether this machine can run the end-to-end tests; the reason why not is printed. */
export function canRunEndToEnd(): boolean {
  if (!requireTool('root privilege on Linux (network namespaces, raw sockets)', isRoot())) return false;
  return ['ip', 'ping', 'udhcpc', 'iperf3', 'tcpdump', 'tshark'].every((tool) => requireTool(tool));
}

function isRoot(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0;
}
