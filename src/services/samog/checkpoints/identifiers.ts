import type { IdentifierMaps } from '../../../icsr/instance/identifier-maps.ts';
import type { SamogConfig } from '../config.ts';

/** The contexts of a gateway: what it is part of on each of its sides. */
const contexts = ['access', 's2a', 'aaa'] as const;
type ContextName = (typeof contexts)[number];

/**
 * What this service calls by numbers: its parts, the contexts they are in, and the APN that the configuration names.
 * Addresses come from the LMA: there are no pools.
 */
export function identifierMapsOf({ samogService, cgwService, mrmeService, dhcpService }: SamogConfig): IdentifierMaps {
  const services: readonly (readonly [string, ContextName, string])[] = [
    ['samog', 'access', samogService.name],
    ['cgw', 'access', cgwService.name],
    ['mrme', 'aaa', mrmeService.name],
    ['dhcp', 'access', dhcpService.name],
  ];
  const { apn } = cgwService.s2a;
  return {
    apns: apn === undefined ? [] : [{ apnId: 1, apnName: apn }],
    services: services.map(([kind, contextName, serviceName], index) => ({
      serviceId: index + 1,
      kind,
      contextName,
      serviceName,
    })),
    vpns: contexts.map((contextName, index) => ({ vpnId: index + 1, contextName, pools: [], natRealms: [] })),
  };
}
