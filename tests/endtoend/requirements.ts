import { isOnPath } from '../support/require-tool.ts';

const tools = ['ip', 'ping', 'udhcpc', 'iperf3', 'tcpdump', 'tshark'];

/** For `requireTool`: the first thing that end-to-end tests need and this machine lacks, and whether it lacks none. */
export function endToEndNeeds(): [name: string, available: boolean] {
  const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
  if (!isRoot) return ['root privilege on Linux, for network namespaces and raw sockets', false];
  const missing = tools.find((tool) => !isOnPath(tool));
  return missing === undefined ? [tools.join(', '), true] : [missing, false];
}
