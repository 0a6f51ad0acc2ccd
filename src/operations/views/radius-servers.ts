import { formatIp } from '../../kernel/address.ts';
import type { RadiusServerStatus } from '../../services/samog/aaa/radius-server.ts';
import { durationText, tableLines } from './format.ts';

/** A RADIUS server as it is shown. Its secret never is. */
export interface ServerData extends Omit<RadiusServerStatus, 'address' | 'deadForMs' | 'lastResponseAgeMs'> {
  readonly address: string;
  /** 0 for one that is up; null for one that has to answer first. */
  readonly deadForSeconds: number | null;
  readonly lastResponseSeconds: number | null;
}

/**
 * A server's status with its times in whole seconds: until a dead one is asked again, rounded up (0 for one that is not dead);
 * since its last answer, rounded down.
 */
export function serverData(server: RadiusServerStatus): ServerData {
  const { address, deadForMs, lastResponseAgeMs, ...others } = server;
  return {
    ...others,
    address: formatIp(address),
    deadForSeconds: deadForMs === undefined ? null : Math.ceil(deadForMs / 1000),
    lastResponseSeconds: lastResponseAgeMs === undefined ? null : Math.floor(lastResponseAgeMs / 1000),
  };
}

/** @param answers the titles of the columns that `answersOf` fills */
export function serverLines(
  servers: readonly ServerData[],
  answers: readonly string[],
  answersOf: (server: ServerData) => readonly number[],
): string[] {
  const head = ['  Name', 'Address', 'Port', 'Transport', 'Priority', 'Weight', 'State', 'Pending', 'Sent', 'Re-sent'];
  return tableLines(
    [...head, ...answers, 'Timeout', 'Last Response'],
    servers.map((server) => [
      `  ${server.name}`,
      server.address,
      server.port,
      server.transport,
      server.priority,
      server.weight,
      stateText(server),
      server.outstanding,
      server.sent,
      server.retransmitted,
      ...answersOf(server),
      server.timeouts,
      server.lastResponseSeconds === null ? 'never' : `${durationText(server.lastResponseSeconds)} ago`,
    ]),
  );
}

function stateText({ state, deadForSeconds }: ServerData): string {
  if (state !== 'dead') return state;
  return deadForSeconds === null ? 'dead until it answers' : `dead for ${durationText(deadForSeconds)}`;
}
