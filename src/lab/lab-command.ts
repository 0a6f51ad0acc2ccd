import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { hostDigests } from '../host/digests.ts';
import { playAaaOutage } from '../simulator/aaa-outage.ts';
import { Lab } from './lab.ts';
import { chaosDefaults } from './pair/chaos.ts';
import { pairResultLines } from './pair/pair-result.ts';
import { type PairScenario, pairScenarios } from './pair/pair-scenarios.ts';
import { playPairScenario } from './pair/play-pair-scenario.ts';
import { playScenario, type Scenario } from './scenario.ts';
import type { MeasuredHandover, ScenarioRun } from './scenario-result.ts';
import { scenarios } from './scenarios/catalogue.ts';

export interface LabArguments {
  readonly scenario?: string | undefined;
  /** A folder with the release that both chassis of `upgrade` begin as. */
  readonly former?: string | undefined;
  /** Of `chaos`: how many rounds, drawn from which seed. */
  readonly rounds?: number | undefined;
  readonly seed?: number | undefined;
  readonly list?: boolean;
  readonly json?: boolean;
}

const refused = 1;
const wrongUsage = 2;

/** Plays one scenario in a lab of its own. */
export async function runScenario(scenario: Scenario): Promise<ScenarioRun> {
  const lab = await Lab.start(scenario.lab);
  try {
    return await playScenario(scenario, lab);
  } finally {
    await lab.stop();
  }
}

/**
 * `samog lab`: returns the exit code, 0 if the scenario passed, 1 if not or if this machine cannot play it, 2 if there is
 * none of that name.
 */
export async function labCommand({
  scenario: name,
  former,
  rounds,
  seed,
  list = false,
  json = false,
}: LabArguments): Promise<number> {
  if (list) {
    printList(json);
    return 0;
  }
  if (name === aaaOutage.name) return runAaaOutage(json);
  const ofPair = pairScenarios.find((candidate) => candidate.name === name);
  if (ofPair !== undefined) return runPairScenario(ofPair, json, former, { rounds, seed });
  const scenario = scenarios.find((candidate) => candidate.name === name);
  if (scenario === undefined) {
    const what = name === undefined ? 'name a scenario' : `there is no scenario ${name}`;
    process.stderr.write(`samog lab: ${what}; there are:\n${listLines().join('\n')}\n`);
    return wrongUsage;
  }
  const { result } = await runScenario(scenario);
  process.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : `${resultLines(scenario, result).join('\n')}\n`);
  return result.passed ? 0 : 1;
}

/** Plays a scenario of two gateways, which need networks of their own. */
async function runPairScenario(
  scenario: PairScenario,
  json: boolean,
  folder: string | undefined,
  { rounds, seed }: Pick<LabArguments, 'rounds' | 'seed'>,
): Promise<number> {
  const { name, title, fromFormer = false, isChaos = false } = scenario;
  if (!isChaos && (rounds !== undefined || seed !== undefined)) {
    process.stderr.write(`samog lab: ${name} has no use for --rounds and --seed\n`);
    return wrongUsage;
  }
  if (fromFormer !== (folder !== undefined)) {
    const what = fromFormer ? 'begins as another release: name its folder by --former' : 'has no use for --former';
    process.stderr.write(`samog lab: ${name} ${what}\n`);
    return wrongUsage;
  }
  const former = folder === undefined ? undefined : resolve(folder, 'samog');
  if (former !== undefined && !existsSync(former)) {
    process.stderr.write(`samog lab: there is no release in ${folder}: ${former} is missing\n`);
    return wrongUsage;
  }
  const played = await playPairScenario(name, former, {
    rounds: rounds ?? chaosDefaults.rounds,
    seed: seed ?? chaosDefaults.seed,
  });
  if (!played.ok) {
    process.stderr.write(`samog lab: ${name} cannot be played: ${played.what}\n  ${played.hint}\n`);
    return refused;
  }
  const { result } = played;
  process.stdout.write(
    json ? `${JSON.stringify(result, null, 2)}\n` : `${pairResultLines(title, result).join('\n')}\n`,
  );
  return result.passed ? 0 : 1;
}

/** A scenario in a virtual world: a minute takes no minute. */
const aaaOutage = {
  name: 'aaa-outage',
  title: 'AAA away for a virtual minute under load: sessions stay, no record is lost',
};

function runAaaOutage(json: boolean): number {
  const result = playAaaOutage(hostDigests());
  const { sessionsBefore, sessionsEnded, sessionsKept, owingMost, recordsTold, recordsLost, packets } = result;
  const lines = [
    aaaOutage.title,
    `  ${sessionsBefore} sessions up before, ${sessionsEnded} ended meanwhile, ${sessionsKept} of the others up at the end`,
    `  ${result.handoversDuring} handovers meanwhile; ${result.newcomersServed} of ${result.newcomers} that came were served afterwards`,
    `  ${owingMost} sessions owed a record at most; ${recordsTold} records told, ${recordsLost} lost`,
    `  ${packets.up} packets up and ${packets.down} down in ${result.virtualMs / 1000} virtual seconds`,
    ...result.failures.map((failure) => `  FAILED: ${failure}`),
    `${aaaOutage.name}: ${result.passed ? 'passed' : 'failed'}`,
  ];
  const report = { scenario: aaaOutage.name, ...result };
  process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : `${lines.join('\n')}\n`);
  return result.passed ? 0 : refused;
}

/** Every scenario there is. */
export const labScenarios: readonly { readonly name: string; readonly title: string }[] = [
  ...scenarios,
  aaaOutage,
  ...pairScenarios,
].map(({ name, title }) => ({ name, title }));

function printList(json: boolean): void {
  process.stdout.write(json ? `${JSON.stringify(labScenarios, null, 2)}\n` : `${listLines().join('\n')}\n`);
}

function listLines(): string[] {
  return labScenarios.map(({ name, title }) => `  ${name.padEnd(28)}${title}`);
}

/** What a handover did to the UE, for people. */
export function handoverLines(handover: MeasuredHandover): string[] {
  const { from, to, trigger, ueAddressBefore, ueAddressAfter, uplinkLost, downlinkLost } = handover;
  const { interruptionMs, senderPauseMs } = handover;
  return [
    `  ${from} → ${to} by ${trigger}: UE address ${ueAddressBefore} before, ${ueAddressAfter} after`,
    `  packets lost: ${uplinkLost} up, ${downlinkLost} down; interruption ${interruptionMs} ms ` +
      `(longest pause of the sender itself: ${senderPauseMs} ms)`,
  ];
}

/** What came of a scenario, for people. */
export function resultLines(scenario: Scenario, result: ScenarioRun['result']): string[] {
  const steps = result.steps.map(
    ({ number, text, at }) => `  ${String(number).padStart(2, '0')}  ${at.toFixed(1).padStart(8)} ms  ${text}`,
  );
  const handovers = result.handovers.flatMap((handover) => handoverLines(handover));
  const failures = result.failures.map((failure) => `  FAILED: ${failure}`);
  const verdict = result.passed ? 'passed' : 'failed';
  return [scenario.title, ...steps, ...handovers, ...failures, `${scenario.name}: ${verdict}`];
}
