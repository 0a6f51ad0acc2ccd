import type { ChaosOptions } from './chaos.ts';
import { assertOwnNamespace } from './own-namespace.ts';
import { PairLab } from './pair-lab.ts';
import { effectsOfAll, type PairResult } from './pair-result.ts';
import { type PairScenario, pairScenarios } from './pair-scenarios.ts';
import { PairStage } from './pair-stage.ts';

/** The script that plays one scenario of a pair in a network namespace of its own, and prints the result as JSON. */

async function play(scenario: PairScenario, chaos: ChaosOptions, former: string | undefined): Promise<PairResult> {
  const lab = await PairLab.make(undefined, scenario.intercepts);
  const stage = new PairStage(lab, former);
  try {
    await stage.start();
    await scenario.prepare?.(stage);
    await stage.attachAll();
    await scenario.play(stage, chaos);
    await stage.checkUes();
    if (!scenario.isChaos) stage.checkAsked();
  } catch (error) {
    stage.failures.push(error instanceof Error ? error.message : String(error));
  }
  const { failures, switchovers } = stage;
  const passed = failures.length === 0;
  const { rounds } = stage;
  const sum = (of: 'aaaRequestsCaused' | 'pbusCaused') => rounds.reduce((total, round) => total + round[of], 0);
  // UEs that come are authenticated, each once.
  const effects = scenario.isChaos
    ? effectsOfAll(rounds, { aaaRequestsCaused: sum('aaaRequestsCaused'), pbusCaused: sum('pbusCaused') })
    : effectsOfAll(switchovers, stage.asked());
  if (!passed) {
    for (const chassis of Object.values(lab.chassis)) {
      process.stderr.write(`── the log of ${chassis.name} ends so:\n${chassis.lastWords()}\n`);
    }
  }
  await lab.stop();
  const restarts = scenario.fromFormer ? { restarts: stage.restarts } : {};
  const drawn = scenario.isChaos ? { seed: chaos.seed, rounds } : {};
  const intercepted = stage.intercepted.length === 0 ? {} : { intercepted: stage.intercepted };
  return { scenario: scenario.name, passed, ...effects, ...intercepted, ...restarts, ...drawn, switchovers, failures };
}

assertOwnNamespace();
// Whoever started this process has ended, and with it everybody who would read the result.
process.stdin.resume().once('close', () => process.exit(1));
const scenario = pairScenarios.find(({ name }) => name === process.argv[2]);
if (scenario === undefined) throw new Error(`there is no scenario ${process.argv[2]}`);
const result = await play(
  scenario,
  { rounds: Number(process.argv[3]), seed: Number(process.argv[4]) },
  process.argv[5],
);
process.stdout.write(JSON.stringify(result), () => process.exit(0));
