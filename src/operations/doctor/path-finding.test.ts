import { describe, expect, it } from 'vitest';
import { longestPassing, pathFinding } from './path-finding.ts';

describe('the longest packet that passes', () => {
  it.each([
    [1500, 1500],
    [1499, 1499],
    [1400, 1400],
    [577, 577],
    [576, 576],
    [575, undefined],
  ])('is found where up to %i do', async (limit, expected) => {
    let asked = 0;
    const found = await longestPassing(
      async (octets) => {
        asked += 1;
        return octets <= limit;
      },
      576,
      1500,
    );
    expect(found).toBe(expected);
    expect(asked).toBeLessThanOrEqual(32);
  });
});

describe('the doctor', () => {
  const facts = { address: '10.9.0.7', setting: 'cgw-service.access.mtu', mtu: 1500 } as const;

  it.each([
    [1500, 'ok', '1500 octets pass', null],
    [9000, 'ok', '1500 octets pass', null],
    [1400, 'fault', 'only 1400 octets pass', 'set cgw-service.access.mtu to 1400'],
    [undefined, 'unknown', 'it answers no ping', 'let it answer'],
  ] as const)('tells of a way that carries %s', (passes, verdict, found, advice) => {
    const finding = pathFinding({ ...facts, passes });
    expect(finding).toMatchObject({ check: 'path to 10.9.0.7', verdict, found: expect.stringContaining(found) });
    if (advice === null) expect(finding.advice).toBeNull();
    else expect(finding.advice).toContain(advice);
  });
});
