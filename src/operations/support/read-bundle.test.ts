import { describe, expect, it } from 'vitest';
import { emptySource, macOfText, moment } from '../../../tests/operations/view-source.ts';
import { parseIp } from '../../kernel/address.ts';
import { events } from '../views/events.ts';
import { eventsOfBundle } from './read-bundle.ts';
import { Redaction } from './redaction.ts';

function bundle(): object {
  const source = emptySource();
  const of = { sessionId: undefined, mac: macOfText('02:00:5e:11:22:33') };
  const text = (words: string) => () => words;
  source.events.add(
    {
      name: 'dhcp-discover-received',
      ...of,
      peer: parseIp('10.8.0.2'),
      party: 'wlc',
      direction: 'received',
      text: text('PBU of 02:00:5e:11:22:33'),
    },
    moment.now - 2000,
  );
  source.events.add(
    {
      name: 'session-attempted',
      ...of,
      peer: undefined,
      party: 'samog',
      direction: 'internal',
      text: text('from 10.8.0.2'),
    },
    moment.now - 1000,
  );
  const outcome = events.build(source, moment, {});
  if (!outcome.ok) throw new Error(outcome.refusal.what);
  const views = { 'show events': outcome.data, 'show sockets': { kind: 'unreachable' } };
  return {
    kind: 'samog-tech-support',
    version: '0.1.0',
    takenAt: '2026-03-01T11:00:00Z',
    redacted: false,
    doctor: null,
    views,
  };
}

describe('a support bundle', () => {
  it('has its events, as the gateway showed them', () => {
    const read = eventsOfBundle(JSON.stringify(bundle()))!;
    expect(read.about).toBe('support bundle of 0.1.0, taken at 2026-03-01T11:00:00Z');
    expect(read.events.map(({ name, mac, peer }) => [name, mac, peer])).toEqual([
      ['dhcp-discover-received', '02:00:5e:11:22:33', '10.8.0.2'],
      ['session-attempted', '02:00:5e:11:22:33', null],
    ]);
  });

  it('that is redacted has addresses again, which are nobody’s', () => {
    const redacted = { ...(new Redaction().of(bundle()) as object), redacted: true };
    const read = eventsOfBundle(JSON.stringify(redacted))!;
    expect(read.about).toContain('stand-ins');
    expect(read.events.map(({ text, mac, peer }) => [text, mac, peer])).toEqual([
      ['PBU of 02:00:00:00:00:01', '02:00:00:00:00:01', '198.18.0.1'],
      ['from 198.18.0.1', '02:00:00:00:00:01', null],
    ]);
  });

  it('of a gateway that did not answer has none, and says so', () => {
    const without = { ...bundle(), views: { 'show events': { kind: 'unreachable', reason: 'ENOENT' } } };
    expect(eventsOfBundle(JSON.stringify(without))).toMatchObject({
      about: expect.stringMatching(/without events$/),
      events: [],
    });
  });

  it.each(['', 'x', '{}', '[]', 'null', '{"kind":"other"}'])('is not %j', (text) => {
    expect(eventsOfBundle(text)).toBeUndefined();
  });
});
