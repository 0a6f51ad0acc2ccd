import type { PortName } from '../../../kernel/port.ts';
import type { ChassisObserved } from './pair-checker.ts';

/** Whoever does not serve is silent: looked at as each packet leaves. */
export function undulySent({ name, machine, serves }: ChassisObserved, port: PortName): string | undefined {
  const { state } = machine;
  if (serves && state.kind === 'ACTIVE' && state.heldUntil === undefined) return undefined;
  return `${name} sent a packet at ${port} in ${state.kind}`;
}
