import { type ChaosOptions, playChaos } from './chaos.ts';
import type { PairStage } from './pair-stage.ts';

/** Something that happens to a pair of gateways with sessions and traffic. */
export interface PairScenario {
  readonly name: string;
  readonly title: string;
  /** Whether somebody has UEs intercepted. */
  readonly intercepts?: boolean;
  /** Whether both chassis begin as another release, which is to be named. */
  readonly fromFormer?: boolean;
  /** What comes before the UEs. */
  readonly prepare?: (stage: PairStage) => Promise<void>;
  /** Plays it, from a pair that serves on. A throw is a failure of the scenario. */
  readonly play: (stage: PairStage, chaos: ChaosOptions) => Promise<void>;
  /** It is drawn from a seed, in rounds in which UEs come. */
  readonly isChaos?: boolean;
}

export const pairScenarios: readonly PairScenario[] = [
  {
    name: 'switchover',
    title: 'a pair of gateways: planned switchovers there and back under traffic',
    play: async (stage) => {
      await stage.switchOver('planned');
      await stage.switchOver('planned');
    },
  },
  {
    name: 'failover',
    title: 'a pair of gateways: kill -9 of the active under traffic; then it comes back as standby',
    play: async (stage) => {
      await stage.switchOver('kill');
      await stage.startAgain();
    },
  },
  {
    name: 'failover-during-handover',
    title: 'a pair of gateways: kill -9 of the active right after a UE has moved, by data and by DHCP',
    play: async (stage) => {
      await stage.switchOver({ killDuringHandoverBy: 'data' });
      await stage.startAgain();
      await stage.switchOver({ killDuringHandoverBy: 'dhcp-request' });
    },
  },
  {
    name: 'intercept',
    title:
      'a pair of gateways: a UE intercepted before it comes and one with its session up, through a handover and switchovers',
    intercepts: true,
    prepare: (stage) => stage.intercept(0, 'before the session'),
    play: async (stage) => {
      await stage.intercept(1, 'during the session');
      await stage.switchOver('planned');
      await stage.moveToRg();
      await stage.switchOver('planned');
      await stage.checkIntercepted();
    },
  },
  {
    name: 'chaos',
    title:
      'a pair of gateways: kill -9, SIGSTOP, link cuts each way and switchovers by chance, under traffic and attaches',
    isChaos: true,
    play: playChaos,
  },
  {
    name: 'upgrade',
    title: 'a pair of gateways: from another release to this one and back under traffic, the standby first',
    fromFormer: true,
    play: async (stage) => {
      for (const release of ['present', 'former'] as const) {
        await stage.restartStandby(release);
        await stage.moveToRg();
        await stage.switchOver('planned');
        await stage.restartStandby(release);
        await stage.switchOver('planned');
      }
    },
  },
];
