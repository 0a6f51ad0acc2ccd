import type { EventName } from '../../services/samog/event-names.ts';
import { chassisKinds } from './chassis-kinds.ts';
import { decisionKinds } from './decision-kinds.ts';
import type { EventKind } from './event-kind.ts';
import { messageKinds } from './message-kinds.ts';

/** Every event that the gateway can report; the compiler sees to it that none is missing. */
export const eventKinds: Readonly<Record<EventName, EventKind>> = {
  ...messageKinds,
  ...decisionKinds,
  ...chassisKinds,
};
