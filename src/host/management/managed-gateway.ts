import type { Gateway } from '../gateway.ts';
import type { Managed } from './answers.ts';

/**
 * A gateway as the management API operates it.
 *
 * @param beside what the gateway itself does not have, or has otherwise
 */
export function managedGateway(
  gateway: Gateway,
  beside: Partial<Pick<Managed, 'configuration' | 'auditForwarding'>> = {},
): Managed {
  const { source, redundancy, alarmDesk, auditForwarding } = gateway;
  return {
    ...{ source, redundancy, alarmDesk, auditForwarding },
    get serves() {
      return gateway.serves;
    },
    clear: (mac) => gateway.clear(mac),
    clearAll: () => gateway.clearAll(),
    restartInstance: (place) => gateway.restartInstance(place),
    ...beside,
  };
}
