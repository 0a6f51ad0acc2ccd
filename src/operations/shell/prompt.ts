import { timeToConfirm } from '../configuration/reader.ts';
import type { Health } from '../health.ts';

/**
 * What the shell asks with: `samog-1[Active]! 2> `, the chassis, its role in a pair, and how many alarms stand; and
 * ` (confirm in 7 min)` while a commit waits for that. Undefined stands for a gateway that does not answer.
 */
export function promptOf(health: Pick<Health, 'chassis' | 'role' | 'alarms' | 'unconfirmed'> | undefined): string {
  if (health === undefined) return 'no gateway> ';
  const role = health.role === null ? '' : `[${health.role}]`;
  const alarms = health.alarms.length === 0 ? '' : `! ${health.alarms.length}`;
  const confirm = health.unconfirmed === null ? '' : ` (confirm in ${timeToConfirm(health.unconfirmed)})`;
  return `${health.chassis}${role}${alarms}${confirm}> `;
}
