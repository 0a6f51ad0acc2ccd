import { accessInnerMtu, s2aInnerMtu } from '../forwarding/inner-mtu.ts';
import type { SamogConfig } from '../services/samog/config.ts';

/**
 * Fills in the Interface MTU that UEs on EoGRE are told where the operator left it out: what passes both tunnels
 * without being fragmented, reckoned with a VLAN tag and keys.
 */
export function withLinkMtu(config: SamogConfig): SamogConfig {
  if (config.dhcpService.mtu !== undefined) return config;
  const { access, s2a } = config.cgwService;
  const mtu = Math.min(
    accessInnerMtu(access, { kind: 'eogre', peer: access.address, key: 0, vlan: 1 }),
    s2aInnerMtu(s2a, { peer: s2a.address, uplinkKey: 0, downlinkKey: 0 }),
  );
  return { ...config, dhcpService: { ...config.dhcpService, mtu } };
}
