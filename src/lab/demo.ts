import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startManagementServer } from '../host/management/server.ts';
import { userSocketPath } from '../host/management/socket-path.ts';
import { bulkstatValues } from '../operations/bulkstats/bulkstats.ts';
import { handoffStatisticsOf, seedHandoffLines } from '../operations/views/handoff-statistics.ts';
import { showLines, takeCommands } from './demo-shell.ts';
import { Lab } from './lab.ts';
import { handoverLines } from './lab-command.ts';
import { colourStyle, ladderLines, plainStyle, type Style } from './ladder.ts';
import { playScenario, type Scenario } from './scenario.ts';
import type { ScenarioRun } from './scenario-result.ts';
import { seedHandovers } from './scenarios/catalogue.ts';
import { radioOverlapMs } from './stage.ts';

export interface DemoArguments {
  /** Ends after the handovers. */
  readonly once?: boolean;
}

const done = 0;
const differs = 1;

function print(lines: readonly string[]): void {
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
}

/**
 * `samog demo`: plays the requirement's three handovers against a gateway with its whole surroundings, then takes commands.
 * Returns the exit code: 0 if every step was seen as the tables have it.
 */
export async function demoCommand({ once = false }: DemoArguments): Promise<number> {
  const style = process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined ? colourStyle : plainStyle;
  const lab = await Lab.start();
  const management = await serveManagement(lab);
  try {
    print(introduction(lab, style));
    let passed = true;
    for (const [index, scenario] of seedHandovers.entries()) {
      const run = await playScenario(scenario, lab);
      print(chapter(index + 1, scenario, run, style));
      passed &&= run.result.passed;
    }
    print(await statistics(lab, style));
    print(['', passed ? style.good('All steps as in the tables.') : style.bad('Some steps differ from the tables.')]);
    if (once) return passed ? done : differs;
    print([
      '',
      'The gateway stays up: type help for commands here, or ask it from another terminal:',
      `  ./samog show subscribers samog-only --socket ${management.socketPath}`,
    ]);
    await takeCommands(lab.gateway.source, print);
    return passed ? done : differs;
  } finally {
    await management.stop();
    await lab.stop();
  }
}

/** At the user's usual socket, so that `samog show` finds it; at one of its own if another gateway answers there. */
async function serveManagement(lab: Lab) {
  try {
    return await startManagementServer(userSocketPath(), lab.gateway);
  } catch {
    return await startManagementServer(join(tmpdir(), `samog-demo-${process.pid}.sock`), lab.gateway);
  }
}

function introduction(lab: Lab, style: Style): string[] {
  const sockets = lab.gateway.source.host().sockets.filter(({ port }) => port !== 'aaa');
  return [
    style.strong('A SaMOG gateway between WLCs (PMIPv6), residential gateways (EoGRE), a AAA server and an LMA.'),
    'All are in this process; every packet between them goes through the kernel, on loopback addresses:',
    ...sockets.map(({ port, transport, local }) => `  ${port.padEnd(23)}${transport.padEnd(14)}${local}`),
    'Packets flow both ways every 2 ms during each handover, and are drawn only where a step is seen by',
    `them. A UE hears its former access point for ${radioOverlapMs} ms after a move: what is lost, the gateway loses.`,
  ];
}

function chapter(table: number, scenario: Scenario, { result, flow }: ScenarioRun, style: Style): string[] {
  const steps = result.steps.map(
    ({ number, text, at }) =>
      `  ${style.good('✓')} ${String(number).padStart(2, '0')}${at.toFixed(1).padStart(9)}  ${text}`,
  );
  return [
    '',
    style.strong(`── ${table}. ${scenario.title} ${'─'.repeat(Math.max(0, 93 - scenario.title.length))}`),
    '',
    ...ladderLines(flow, style),
    '',
    ...steps,
    ...result.failures.map((failure) => style.bad(`  ✗ ${failure}`)),
    '',
    ...result.handovers.flatMap(handoverLines).map((line) => style.strong(line)),
  ];
}

async function statistics(lab: Lab, style: Style): Promise<string[]> {
  const { counters, registry } = lab.gateway.manager;
  const bulkstats = Object.entries(bulkstatValues(counters));
  return [
    '',
    style.strong('── show samog-service statistics: handoffs ───────────────────────────────────────────────────────'),
    ...seedHandoffLines(handoffStatisticsOf(counters, registry.handoffsInProgress)),
    '',
    style.strong('── show bulkstats ─────────────────────────────────────────────────────────────────────────────────'),
    ...bulkstats.map(([name, value]) => `  ${name.padEnd(50)}${value}`),
    '',
    style.strong('── show subscribers samog-only ────────────────────────────────────────────────────────────────────'),
    ...(await showLines(['subscribers', 'samog-only'], lab.gateway.source)),
  ];
}
