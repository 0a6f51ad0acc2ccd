import { describe, expect, it } from 'vitest';
import { emptySource, moment } from '../../../tests/operations/view-source.ts';
import { noTunnelFigures, type TunnelFigures } from '../../forwarding/tunnel-figures.ts';
import { type IpAddress, parseIp } from '../../kernel/address.ts';
import { mtuLines, surveyMtu } from './forwarding-mtu.ts';
import type { FastPathMode } from './forwarding-reader.ts';
import type { ViewSource } from './view.ts';

const ip = (text: string): IpAddress => parseIp(text)!;
const rg = ip('198.51.100.7');
const lma = ip('203.0.113.1');

/** A gateway whose kernel has seen this of tunnels. */
function sourceWith(kernel: readonly TunnelFigures[], mode: FastPathMode = 'native'): ReturnType<typeof emptySource> {
  const source = emptySource();
  const { forwarding } = source;
  const status = { ...forwarding.status(), mode };
  return { ...source, forwarding: { ...forwarding, status: () => status, tunnels: () => [kernel] } };
}

const only = async (source: ViewSource, peer = rg) => (await surveyMtu(source, moment, peer)).tunnels[0];

describe('show forwarding mtu', () => {
  it('puts together what kernel and gateway have seen of a tunnel', async () => {
    const source = sourceWith([{ ...noTunnelFigures('access', rg), longestSent: 900, mssClamped: 2 }]);
    source.manager.flows.tunnels.sent('access', rg, 1200);
    source.manager.flows.tunnels.mssClamped('access', rg);
    expect(await only(source)).toMatchObject({
      peer: '198.51.100.7',
      longestSent: 1200,
      mssClamped: 3,
      fragmentsReceived: 0,
    });
  });

  it('says that nobody sees fragments without the fast path', async () => {
    const source = sourceWith([], 'off');
    source.manager.flows.tunnels.sent('access', rg, 1200);
    expect(await only(source)).toMatchObject({ fragmentsReceived: null, longestFragment: null });
  });

  const full = { longestSent: 1500, tooLong: 1, fragmentationNeededSent: 1 };
  it.each<[string, Partial<TunnelFigures>, 'fragments' | 'limit' | null]>([
    ['a full tunnel for which longer packets came', { ...full, lastTooLong: moment.now - 299_000 }, 'limit'],
    ['one for which they came long ago', { ...full, lastTooLong: moment.now - 302_000 }, null],
    ['one that has room', { ...full, lastTooLong: moment.now, longestSent: 1499 }, null],
    ['a full one for which nothing longer comes', { longestSent: 1500 }, null],
    ['one by which fragments come', { fragmentsReceived: 1, longestFragment: 1420 }, 'fragments'],
  ])('suspects or not: %s', async (_, figures, suspicion) => {
    const source = sourceWith([{ ...noTunnelFigures('access', rg), ...figures }]);
    expect(await only(source)).toMatchObject({ suspicion });
    expect((await surveyMtu(source, moment, undefined)).suspected).toBe(suspicion === null ? 0 : 1);
  });

  it('shows the first hundred of very many, those with a suspicion first, and any that is asked for', async () => {
    const many = Array.from({ length: 150 }, (_, index) => ({
      ...noTunnelFigures('access', ip(`10.0.0.${index}`)),
      longestSent: index,
    }));
    const source = sourceWith([...many, { ...noTunnelFigures('s2a', lma), fragmentsReceived: 1 }]);
    const { total, tunnels } = await surveyMtu(source, moment, undefined);
    expect(total).toBe(151);
    expect(tunnels.map(({ peer }) => peer).slice(0, 2)).toEqual(['203.0.113.1', '10.0.0.149']);
    expect(tunnels).toHaveLength(100);
    expect(mtuLines(await surveyMtu(source, moment, undefined)).at(-1)).toBe(
      'Shown: the first 100; peer ADDRESS shows any',
    );
    expect(await only(source, ip('10.0.0.3'))).toMatchObject({ longestSent: 3 });
  });
});
