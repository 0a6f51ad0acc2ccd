import type { FaultSource } from './runtime.ts';

/** What goes to the log with a fault. */
export function faultDetails(source: FaultSource): Record<string, string> {
  if (source.kind !== 'packet') return { during: source.kind };
  return { during: 'packet', port: source.port, bytes: Buffer.from(source.bytes).toString('hex') };
}
