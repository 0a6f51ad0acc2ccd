import type { TakenOn } from '../../wire/srp/messages.ts';
import type { Moment } from '../views/view.ts';
import type { FormerAcknowledgement } from './alarm.ts';
import { type AlarmName, alarmNames } from './alarm-catalogue.ts';

/** Some 400 octets each: all of them are far from what a frame holds. */
const toldMax = 1000;

/** Acknowledgements as the other chassis of the pair is told them, the latest first if there are more than it needs to know. */
export function takenOnOf(acknowledgements: readonly FormerAcknowledgement[], at: Moment): TakenOn[] {
  return acknowledgements
    .toSorted((left, right) => right.at - left.at)
    .slice(0, toldMax)
    .map(({ at: instant, about, ...others }) => ({
      ...others,
      about: about ?? undefined,
      wallClock: at.wallClock - (at.now - instant),
    }));
}

/** What the other chassis has told; an alarm that this release does not know is passed over. */
export function acknowledgementsHeard(taken: readonly TakenOn[], at: Moment): FormerAcknowledgement[] {
  return taken.flatMap(({ alarm, about, wallClock, ...others }) =>
    isAlarmName(alarm)
      ? [{ ...others, alarm, about: about ?? null, at: at.now - Math.max(0, at.wallClock - wallClock) }]
      : [],
  );
}

function isAlarmName(name: string): name is AlarmName {
  return (alarmNames as readonly string[]).includes(name);
}
