import { parseIpv4 } from '../../src/kernel/address.ts';
import type { RelayConfig } from '../../src/services/samog/config.ts';

/** The relay as the defaults have it. */
export const relayConfig: RelayConfig = {
  bind: { address: parseIpv4('192.0.2.1')!, authPort: 1812, acctPort: 1813 },
  framedMtu: undefined,
  attachTimeMs: 60_000,
  disconnectDelayMs: 10_000,
  conversationsMax: 65_536,
};
