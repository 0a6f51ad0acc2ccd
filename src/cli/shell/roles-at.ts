import type { Principal, Role } from '../../operations/access/role.ts';
import { clientOf, type GatewayOptions } from '../ask.ts';

/** The roles that the gateway gives whoever asks; none where it does not answer. */
export async function rolesAt(options: GatewayOptions, timeoutMs?: number): Promise<readonly Role[]> {
  const answer = await clientOf(options, timeoutMs).principal();
  return answer.kind === 'data' ? (answer.data as Principal).roles : [];
}
