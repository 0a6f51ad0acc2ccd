import type { PromotionStage } from '../../icsr/chassis/state.ts';
import { unreachable } from '../../kernel/unreachable.ts';

export interface PromotionDependencies {
  /** Makes sessions of the records; `done` is told, now or later, how many found no place. */
  commit(done: (refused: number) => void): void;
  /** Compares what is forwarded with the sessions; `done` is told, now or later, how many differ. */
  readBack(done: (wrong: number) => void): void;
  /** Takes the service addresses. */
  announce(): void;
  /** Opens the ports. */
  open(): void;
  /** A stage has ended: done if `failure` is undefined. */
  ended(stage: PromotionStage, failure: string | undefined): void;
}

/** What a chassis does to take the role: one stage after another, as its machine says, each of which may take a while. */
export class Promotion {
  readonly #dependencies: PromotionDependencies;
  /** Counts the stages, and what ends them. */
  #stage = 0;

  constructor(dependencies: PromotionDependencies) {
    this.#dependencies = dependencies;
  }

  /** Runs a stage to its end, now or later: `ended` is called once, or never if another was begun or the role was lost. */
  begin(stage: PromotionStage): void {
    this.#stage += 1;
    const begun = this.#stage;
    const done = (failure?: string): void => {
      if (begun !== this.#stage) return;
      this.#stage += 1;
      this.#dependencies.ended(stage, failure);
    };
    try {
      this.#run(stage, done);
    } catch (error) {
      done(String(error));
    }
  }

  /** The role is lost, or another chassis has it: an answer that comes now is of no promotion any more. */
  cancel(): void {
    this.#stage += 1;
  }

  #run(stage: PromotionStage, done: (failure?: string) => void): void {
    switch (stage) {
      // The term is stored, and the hello of PENDING_ACTIVE is on its way.
      case 'fence':
        return done();
      case 'commit':
        return this.#dependencies.commit((refused) => {
          done(refused === 0 ? undefined : `${refused} sessions found no place`);
        });
      // Forwarding is programmed as each session is adopted.
      case 'program':
        return done();
      case 'readBack':
        return this.#dependencies.readBack((wrong) => {
          done(wrong === 0 ? undefined : `${wrong} sessions are forwarded otherwise than they are`);
        });
      case 'announce':
        this.#dependencies.announce();
        return done();
      case 'serve':
        this.#dependencies.open();
        return done();
      default:
        return unreachable(stage);
    }
  }
}
