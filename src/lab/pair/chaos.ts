import { setTimeout as sleep } from 'node:timers/promises';
import { SeededRandom } from '../../kernel/random.ts';
import type { GatewayChild } from './gateway-child.ts';
import { type ChaosFault, chaosFaults } from './pair-result.ts';
import type { PairStage } from './pair-stage.ts';

/** How much happens, and what: one seed draws one sequence. */
export interface ChaosOptions {
  readonly rounds: number;
  readonly seed: number;
}

export const chaosDefaults: ChaosOptions = { rounds: 10, seed: 1 };

/** Until who serves has answered a UE that came meanwhile, and before what was wrong is right again; ms. */
const lastsMinMs = 600;
const lastsMaxMs = 2000;
/** A UE may come so shortly before the fault that this meets it half attached; ms. */
const comesBeforeMs = 30;

/** Plays round after round; each leaves a pair of which one serves and the other is ready, or the scenario ends there. */
export async function playChaos(stage: PairStage, { rounds, seed }: ChaosOptions): Promise<void> {
  const random = new SeededRandom(seed);
  let faults: ChaosFault[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    // Each comes once in so many rounds.
    if (faults.length === 0) faults = [...chaosFaults];
    const fault = faults.splice(random.below(faults.length), 1)[0]!;
    const onActive = random.chance(0.7);
    const lastsMs = lastsMinMs + random.below(lastsMaxMs - lastsMinMs);
    const leadMs = random.below(comesBeforeMs);
    const on = fault === 'link cut' ? null : onActive || fault === 'switchover' ? 'active' : 'standby';
    await stage.disturb({ round, fault, on }, async (active, standby) => {
      const victim = on === 'standby' ? standby : active;
      const replaced = async (): Promise<void> => {
        if (victim === active) await stage.serves(standby);
      };
      await happen(stage, fault, victim, replaced, { lastsMs, leadMs });
    });
  }
}

async function happen(
  stage: PairStage,
  fault: ChaosFault,
  victim: GatewayChild,
  replaced: () => Promise<void>,
  { lastsMs, leadMs }: { readonly lastsMs: number; readonly leadMs: number },
): Promise<void> {
  const { lab } = stage;
  switch (fault) {
    case 'kill -9':
      stage.attachOne();
      await sleep(leadMs);
      victim.signal('SIGKILL');
      await victim.ended();
      await replaced();
      await sleep(lastsMs);
      return victim.start();
    case 'SIGSTOP':
      stage.attachOne();
      await sleep(leadMs);
      victim.signal('SIGSTOP');
      await replaced();
      await sleep(lastsMs);
      victim.signal('SIGCONT');
      return;
    case 'link cut':
      lab.setLink('down');
      await replaced();
      // Whom the one answers that will yield, the other does not know.
      stage.attachOne();
      await sleep(lastsMs);
      return lab.setLink('up');
    case 'astray':
      lab.setAstray(victim.letter, true);
      await sleep(lastsMs);
      return lab.setAstray(victim.letter, false);
    case 'switchover':
      stage.attachOne();
      await sleep(leadMs);
      return stage.askForSwitchover(victim);
  }
}
