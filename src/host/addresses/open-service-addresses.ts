import type { ServiceAddress } from '../../operations/config/redundancy-config.ts';
import { StartError } from '../start-error.ts';
import type { ServiceAddresses, ServiceAddressesOptions } from './service-addresses.ts';

/**
 * Prepares for taking the service addresses of a pair. To be called after the gateway's sockets could be bound: it
 * removes the addresses, and must not do so under another gateway that runs.
 *
 * @throws StartError with everything that is in the way; then nothing stays open
 */
export async function openServiceAddresses(
  addresses: readonly ServiceAddress[],
  options: ServiceAddressesOptions,
): Promise<ServiceAddresses> {
  try {
    // Loaded only here: the native library exists for some systems only.
    const { ServiceAddresses } = await import('./service-addresses.ts');
    return await ServiceAddresses.open(addresses, options);
  } catch (error) {
    if (error instanceof StartError) throw error;
    const what = error instanceof Error ? error.message : String(error);
    const hint = 'moving addresses needs Linux, with the koffi package installed';
    throw new StartError([{ path: 'service-redundancy-protocol.service-addresses', what, hint }]);
  }
}
