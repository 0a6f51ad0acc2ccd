import { describe, expect, it } from 'vitest';
import { busySource } from '../../../tests/operations/view-source.ts';
import { PathChecks } from './path-answer.ts';

const source = busySource();
const { lmas, mtu } = { lmas: source.config.cgwService.s2a.lmas, mtu: source.config.cgwService.access.mtu };
const rg = '198.51.100.7';

describe('a check of a path', () => {
  it('finds the longest packet that passes', async () => {
    const asked: string[] = [];
    const checks = new PathChecks(source, async (address, octets) => {
      asked.push(address);
      return octets <= 1400;
    });
    expect(await checks.check(rg)).toMatchObject({
      ok: true,
      data: { address: rg, passes: 1400, mtu, verdict: 'fault', advice: expect.stringContaining('set cgw-service') },
    });
    expect(new Set(asked)).toEqual(new Set([rg]));
    expect(lmas.length).toBeGreaterThan(0);
  });

  it.each([
    ['bad-argument', 'nowhere'],
    ['not-found', '203.0.113.250'],
  ])('is refused as %s for %s, and sends nothing', async (code, address) => {
    const checks = new PathChecks(source, () => Promise.reject(new Error('a packet was sent')));
    expect(await checks.check(address)).toMatchObject({ ok: false, refusal: { code } });
  });

  it('is one at a time, and the next comes after it, whatever became of it', async () => {
    let fails: (error: Error) => void = () => {};
    let answers = (): Promise<boolean> => new Promise((_, reject) => (fails = reject));
    const checks = new PathChecks(source, () => answers());
    const first = checks.check(rg);
    expect(await checks.check(rg)).toMatchObject({ ok: false, refusal: { code: 'too-many' } });
    fails(new Error('spawn ping ENOENT'));
    expect(await first).toMatchObject({
      ok: false,
      refusal: { code: 'refused', what: expect.stringContaining('ENOENT') },
    });
    answers = async () => true;
    expect(await checks.check(rg)).toMatchObject({ ok: true, data: { verdict: 'ok', advice: null } });
  });
});
