import { describe, expect, it } from 'vitest';
import { fitted } from './fitted.ts';

describe('lines at a terminal', () => {
  it('that fit stay as they are', () => {
    const lines = ['MAC  State', '02:00:5e:11:22:33  Established', ''];
    expect(fitted(lines, 30)).toEqual({ lines, shortened: false });
  });

  it('of a table go on below their last cell', () => {
    const lines = ['No  Alarm     Meaning', ' 2  lma-down  the LMA has missed its heartbeats'];
    const fit = [lines[0], ' 2  lma-down  the LMA has', '              missed its', '              heartbeats'];
    expect(fitted(lines, 30)).toEqual({ lines: fit, shortened: false });
  });

  it('lose what is beyond the edge of further cells, and of a drawing, and it is told', () => {
    const row = 'Peer          Longest In  Longest Out  Last';
    expect(fitted([row], 30)).toEqual({ lines: ['Peer          Longest In  Lon…'], shortened: true });
    expect(fitted(['+0.001   ├─────────────>│ Access-Request'], 30).shortened).toBe(true);
  });

  it('of a value go on below it', () => {
    const { lines, shortened } = fitted(['  Pair:     not configured: this chassis is alone'], 32);
    expect(lines).toEqual(['  Pair:     not configured: this', '            chassis is alone']);
    expect(shortened).toBe(false);
  });

  it('of words are cut at spaces', () => {
    const line = '2026-03-01T10:59:59Z -> rg 198.51.100.7 dhcp-offer-sent: DHCP OFFER';
    const { lines, shortened } = fitted([line], 40);
    expect(lines).toEqual(['2026-03-01T10:59:59Z -> rg 198.51.100.7', '  dhcp-offer-sent: DHCP OFFER']);
    expect(shortened).toBe(false);
  });

  it('are never wider than it, however long a word', () => {
    for (const line of [
      'x'.repeat(100),
      `Label: ${'y'.repeat(100)}`,
      `a  ${'z'.repeat(100)}`,
      ` ${' '.repeat(90)}end`,
    ]) {
      for (const width of [20, 40, 80]) {
        expect(fitted([line], width).lines.filter(({ length }) => length > width)).toEqual([]);
      }
    }
  });
});
