import type { GatewayConfig } from '../config/gateway-config.ts';

/** A setting that could be taken at once, but not to this value. */
export interface Obstacle {
  readonly path: string;
  readonly why: string;
}

/** What of a configuration waits for the next start although it usually does not, because of what it says. */
export function obstaclesToTaking(before: GatewayConfig, after: GatewayConfig): readonly Obstacle[] {
  return obstacles.flatMap((obstacle) => obstacle(before, after) ?? []);
}

const obstacles: readonly ((before: GatewayConfig, after: GatewayConfig) => Obstacle | undefined)[] = [];
