/**
 * The keeper of the service addresses: a small process beside the gateway that removes them when the gateway has ended, in
 * whatever way, or shows no life although a peer may have taken its role. It also runs the route hook, because
 * starting a process holds up a large one (docs/adr/0013-keeper-of-the-addresses.md). Its argument is a `KeeperPlan`.
 */
import { constants, setPriority } from 'node:os';
import { describeProblem, HostAddresses } from './host-addresses.ts';
import { beatsPerLimit, type FromKeeper, type KeeperPlan, type RouteChange, type ToKeeper } from './keeper-protocol.ts';
import { RouteHook } from './route-hook.ts';

const plan = JSON.parse(process.argv[2]!) as KeeperPlan;
const addresses = new HostAddresses(plan.addresses);
const hook =
  plan.routeHook === undefined
    ? undefined
    : new RouteHook(plan.routeHook, {
        output: (change, line) => tell({ kind: 'hook-output', ...change, line }),
        ended: (change, failure) =>
          tell({ kind: 'hook-ended', ...change, ...(failure === undefined ? {} : { failure }) }),
      });
let route: RouteChange | undefined;
let ending = false;
let silentTicks = 0;
let ticker: NodeJS.Timeout | undefined;

/** Nobody hears it after the gateway has ended. */
function tell(message: FromKeeper): void {
  if (process.connected) process.send!(message, () => {});
}

/** Does what a gateway that gives up its role would do. */
function remove(): void {
  clearInterval(ticker);
  for (const problem of addresses.remove()) tell({ kind: 'problem', text: describeProblem(problem) });
  if (route?.role === 'active') changeRoute({ ...route, role: 'standby' });
}

function changeRoute(change: RouteChange): void {
  if (route?.role === change.role && route.routeModifier === change.routeModifier) return;
  route = change;
  hook?.changed(change);
}

/** Counts ticks, not time: time in which this process did not run either says nothing about the gateway. */
function watch(limitMs: number, generation: number): void {
  ticker = setInterval(() => {
    silentTicks += 1;
    if (silentTicks <= beatsPerLimit) return;
    remove();
    tell({ kind: 'removed', generation });
  }, limitMs / beatsPerLimit);
}

function obey(message: ToKeeper): void {
  silentTicks = 0;
  switch (message.kind) {
    case 'beat':
      return tell({ kind: 'beat' });
    case 'watch':
      clearInterval(ticker);
      if (message.limitMs !== undefined) watch(message.limitMs, message.generation);
      return;
    case 'route':
      return changeRoute({ role: message.role, routeModifier: message.routeModifier });
    case 'end':
      void end();
  }
}

/** The hook's last run is not cut off by the end of the gateway. */
async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  remove();
  tell({ kind: 'done' });
  await hook?.idle();
  process.exit();
}

// Whoever ends all of a service at once must not end the keeper before the gateway.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
try {
  setPriority(constants.priority.PRIORITY_HIGH);
} catch {
  // Then a busy machine makes it slower, no more.
}
process.on('message', obey);
process.on('disconnect', end);
tell({ kind: 'ready' });
