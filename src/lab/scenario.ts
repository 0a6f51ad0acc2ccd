import { now } from '../host/clock.ts';
import { bulkstatValues } from '../operations/bulkstats/bulkstats.ts';
import type { Lab, LabOptions } from './lab.ts';
import type { ScenarioRun } from './scenario-result.ts';
import { Stage } from './stage.ts';
import { type ExpectedStep, StepWatcher } from './step-watcher.ts';

export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** What the lab must be like; a lab of its own where it is given. */
  readonly lab?: LabOptions;
  /** The steps expected of it; made anew for each run. */
  readonly steps: (lab: Lab) => readonly ExpectedStep[];
  /** Plays it. A throw is a failure of the scenario. */
  readonly play: (stage: Stage) => Promise<void>;
}

/** Plays a scenario on a lab. Whatever it throws becomes one of its failures. */
export async function playScenario(scenario: Scenario, lab: Lab): Promise<ScenarioRun> {
  lab.trace.restart();
  const watcher = new StepWatcher(scenario.steps(lab), lab.trace);
  const stage = new Stage(lab, watcher);
  const crashesBefore = lab.gateway.manager.crashes.length;
  try {
    await scenario.play(stage);
    await stage.until(() => watcher.complete, 'all steps');
  } catch (error) {
    stage.failures.push(error instanceof Error ? error.message : String(error));
  }
  stage.stopTraffic();
  watcher.stop();
  stage.ue.leave(now());
  const { manager, runtime } = lab.gateway;
  stage.expect(manager.crashes.length === crashesBefore, 'a session of the gateway crashed');
  stage.expect(runtime.statistics().faults === 0, 'the gateway threw');
  const failures = [...watcher.problems(), ...stage.failures];
  const bulkstats = bulkstatValues(manager.counters);
  const { handovers, figures } = stage;
  return {
    result: {
      scenario: scenario.name,
      passed: failures.length === 0,
      steps: watcher.steps(),
      handovers,
      figures,
      bulkstats,
      failures,
    },
    flow: watcher.flow,
  };
}
