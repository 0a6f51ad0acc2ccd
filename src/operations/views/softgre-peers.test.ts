import { describe, expect, it } from 'vitest';
import { emptySource, macOfText, moment } from '../../../tests/operations/view-source.ts';
import { noTunnelFigures, type TunnelFigures } from '../../forwarding/tunnel-figures.ts';
import { type IpAddress, parseIp } from '../../kernel/address.ts';
import type { EventName } from '../../services/samog/event-names.ts';
import { softgrePeers } from './softgre-peers.ts';
import { type ViewArguments, type ViewSource, viewed } from './view.ts';

const ip = (text: string): IpAddress => parseIp(text)!;
const loud = '198.51.100.7';
const quiet = '198.51.100.8';
const wlc = '192.0.2.10';

type Happening = readonly [name: EventName, ue: string, peer: string | undefined, agoMs: number];

/** A gateway that has seen these tunnels in the kernel, and whose events are these. */
function sourceWith(tunnels: readonly TunnelFigures[], happenings: readonly Happening[]): ViewSource {
  const source = emptySource();
  for (const [name, ue, peer, agoMs] of happenings) {
    source.events.add(
      {
        name,
        mac: macOfText(ue),
        sessionId: undefined,
        peer: peer === undefined ? undefined : ip(peer),
        party: peer === undefined ? 'samog' : peer === wlc ? 'wlc' : 'rg',
        direction: peer === undefined ? 'internal' : 'received',
        text: () => name,
      },
      moment.now - agoMs,
    );
  }
  return { ...source, forwarding: { ...source.forwarding, tunnels: () => [tunnels] } };
}

async function shownOf(source: ViewSource, args: ViewArguments = {}) {
  const outcome = await viewed(softgrePeers, source, () => moment, args);
  if (!outcome.ok) throw new Error(outcome.refusal.what);
  return outcome.data;
}

const discover = 'dhcp-discover-received';
const happenings: readonly Happening[] = [
  [discover, '02:00:5e:11:22:33', loud, 600_000],
  [discover, '02:00:5e:11:22:44', loud, 20_000],
  ['session-failed', '02:00:5e:11:22:44', undefined, 19_000],
  ['session-attempted', '02:00:5e:11:22:55', wlc, 1000],
];

describe('show softgre peers', () => {
  it('has those that are silent for a time, and those that nothing is remembered of', async () => {
    const source = sourceWith([noTunnelFigures('access', ip(quiet))], happenings);
    const peersOf = async (silent: string) => (await shownOf(source, { silent })).peers.map(({ peer }) => peer);
    expect(await peersOf('20s')).toEqual([quiet]);
    expect((await peersOf('19')).sort()).toEqual([loud, quiet]);
    const refused = await viewed(softgrePeers, source, () => moment, { silent: '> 5m' });
    expect(refused).toMatchObject({ ok: false, refusal: { what: 'silent is "> 5m"' } });
  });

  it('puts together what packets and events tell of an RG, and leaves out who is none', async () => {
    const tunnels = [
      { ...noTunnelFigures('access', ip(loud)), longestReceived: 900, longestSent: 1200 },
      noTunnelFigures('access', ip(wlc)),
      noTunnelFigures('s2a', ip('203.0.113.100')),
    ];
    expect(await shownOf(sourceWith(tunnels, happenings))).toMatchObject({
      peers: [
        {
          peer: loud,
          ...{ subscribers: 2, denied: 1, longestReceived: 900, longestSent: 1200, suspicion: null },
          last: { name: 'session-failed', ageSeconds: 19 },
        },
      ],
      ...{ matching: 1, known: 1, unknownClientPackets: 0 },
    });
  });

  it('has an RG of which only one of both is known', async () => {
    const { peers, known } = await shownOf(sourceWith([noTunnelFigures('access', ip(quiet))], happenings));
    expect(known).toBe(2);
    expect(peers.map(({ peer, subscribers, last }) => [peer, subscribers, last === null])).toEqual([
      [loud, 2, false],
      [quiet, 0, true],
    ]);
  });

  it('has those with a suspicion first, a page of them, and any by a filter', async () => {
    const many = Array.from({ length: 250 }, (_, index) => noTunnelFigures('access', ip(`198.51.100.${index}`)));
    const source = sourceWith([...many, { ...noTunnelFigures('access', ip(quiet)), fragmentsReceived: 3 }], happenings);
    const page = await shownOf(source, { limit: '2' });
    expect(page).toMatchObject({ matching: 250, known: 250 });
    expect(page.peers.map(({ peer }) => peer)).toEqual([quiet, loud]);
    const found = await shownOf(source, { filter: 'peer=198.51.100.9' });
    expect(found).toMatchObject({ matching: 1, known: 250, peers: [{ peer: '198.51.100.9' }] });
    expect((await shownOf(source, { filter: 'denied>0 age<5m' })).peers).toHaveLength(1);
    expect((await shownOf(source, { filter: 'mtu!=none' })).peers).toHaveLength(1);
  });

  it('is paged through, each once, with a filter too', async () => {
    const many = Array.from({ length: 250 }, (_, index) => noTunnelFigures('access', ip(`198.51.100.${index}`)));
    const source = sourceWith([...many, { ...noTunnelFigures('access', ip(quiet)), fragmentsReceived: 3 }], happenings);
    const pagesOf = async (args: ViewArguments) => {
      const pages: string[][] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const page = await shownOf(source, cursor === '' ? args : { ...args, cursor });
        pages.push(page.peers.map(({ peer }) => peer));
        cursor = page.nextCursor;
      }
      return pages;
    };
    const pages = await pagesOf({ limit: '100' });
    expect(pages.map(({ length }) => length)).toEqual([100, 100, 50]);
    expect(pages[0]!.slice(0, 2)).toEqual([quiet, loud]);
    expect(new Set(pages.flat()).size).toBe(250);
    const filtered = await pagesOf({ limit: '60', filter: 'peer=198.51.100.0/25' });
    expect(filtered.map(({ length }) => length)).toEqual([60, 60, 8]);
    expect(new Set(filtered.flat()).size).toBe(128);
  });

  it.each<[ViewArguments, RegExp]>([
    [{ cursor: '1-0-0-nowhere' }, /no cursor/],
    [{ cursor: '-'.repeat(500) }, /no cursor/],
    [{ filter: 'bogus=1' }, /column 1/],
    [{ limit: '501' }, /limit is "501"/],
  ])('refuses %j', async (args, what) => {
    const outcome = await viewed(softgrePeers, emptySource(), () => moment, args);
    expect(outcome).toMatchObject({ ok: false, refusal: { code: 'bad-argument', what: expect.stringMatching(what) } });
  });
});
