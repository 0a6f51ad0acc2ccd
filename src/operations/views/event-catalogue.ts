import { eventNames } from '../../services/samog/event-names.ts';
import { eventKinds } from '../catalogue/event-catalogue.ts';
import { type EventKind, fieldsOf } from '../catalogue/event-kind.ts';
import { clip } from './arguments.ts';
import { refuse, shown, type View } from './view.ts';

export interface EventCatalogueData {
  readonly events: readonly (EventKind & { readonly name: string; readonly fields: readonly string[] })[];
}

/** What every event means, for whoever has one before them. */
export const eventCatalogue: View<EventCatalogueData> = {
  words: ['events', 'catalogue'],
  summary: 'what each event means, and what to do about it',
  role: 'view',
  options: [{ name: 'name', value: 'EVENT', description: 'only this one' }],
  build: (_source, _at, { name: wanted }) => {
    const names = eventNames.filter((name) => wanted === undefined || name === wanted);
    if (names.length === 0) {
      return refuse('not-found', `there is no event "${clip(wanted ?? '')}"`, 'show events catalogue has all names');
    }
    return shown({
      events: names.map((name) => ({
        name,
        ...eventKinds[name],
        fields: ['event', ...fieldsOf[eventKinds[name].about]],
      })),
    });
  },
  render: ({ events }) =>
    events.flatMap(({ name, severity, fields, sentence, advice }) => [
      `${name} (${severity}; ${fields.join(', ')})`,
      `  ${sentence}`,
      `  ${advice}`,
    ]),
};
