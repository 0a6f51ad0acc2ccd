import { describe, expect, it } from 'vitest';
import { colourStyle, ladderLines, ladderWidth } from './ladder.ts';
import type { Observation } from './observation.ts';

function seen(from: Observation['from'], to: Observation['to'], what: string, more: Partial<Observation> = {}) {
  const none = { accessPoint: undefined, address: undefined, status: undefined, mac: undefined, detail: '' };
  return { at: 12.34, from, to, what, ...none, ...more };
}

const flow = [
  { step: 3, observation: seen('ue', 'access', 'DHCPDISCOVER', { accessPoint: 'rg1' }) },
  { step: undefined, observation: seen('access', 'samog', 'PBU', { accessPoint: 'wlc1', detail: 'x'.repeat(60) }) },
  { step: undefined, observation: seen('samog', 'lma', 'PBU', { detail: '02005e100001' }) },
  { step: undefined, observation: seen('aaa', 'samog', 'Access-Accept', { at: 1234.5 }) },
  { step: 5, observation: seen('samog', 'samog', 'path-switched', { detail: 'switched from A 1 to EoGRE 127.0.0.1' }) },
  { step: 13, observation: seen('samog', 'samog', 'other', { detail: 'y'.repeat(60) }) },
];

describe('ladderLines', () => {
  it('draws one line for each message, with arrows from sender to receiver', () => {
    expect(ladderLines(flow)).toEqual([
      'step      ms  UE                RG/WLC                SaMOG                 AAA                 LMA',
      '  03    12.3  │──DHCPDISCOVER──▶ rg1                   │                    │                   │',
      '        12.3  │                 wlc1 ──PBU────────────▶│                    │                   │',
      '        12.3  │                   │                    │──PBU 02005e100001─────────────────────▶│',
      '      1234.5  │                   │                    │◀─Access-Accept─────│                   │',
      '  05    12.3  │            data path switched to EoGRE ◆                    │                   │',
      `  13    12.3  │ ${'y'.repeat(37)}… ◆                    │                   │`,
    ]);
  });

  it('fits its width, and has colours only if asked', () => {
    for (const line of ladderLines(flow)) {
      expect([...line].length).toBeLessThanOrEqual(ladderWidth);
      expect(line).not.toContain('\u001b');
    }
    expect(ladderLines(flow, colourStyle)[1]).toContain('\u001b[1m');
  });
});
