import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compareLines } from '../../src/icsr/configuration/compare-lines.ts';
import { comparableConfiguration } from '../../src/operations/config/comparison.ts';
import { parseConfig } from '../../src/operations/config/parse.ts';
import { formatProblem } from '../../src/operations/config/problem.ts';
import { testSrpDigests } from '../support/srp-digests.ts';

const [pairA, pairB] = ['a', 'b'].map((chassis) =>
  readFileSync(new URL(`../../config/samog-pair-${chassis}.example.yaml`, import.meta.url), 'utf8'),
) as [string, string];

function redundancyOf(text: string) {
  const parsed = parseConfig(text, 'pair.yaml');
  if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join('\n'));
  return parsed.config.redundancy!;
}

function comparable(text: string) {
  return comparableConfiguration(redundancyOf(text), testSrpDigests);
}

function changed(from: string | RegExp, to: string): string {
  const text = pairB.replace(from, to);
  if (text === pairB) throw new Error(`nothing to replace: ${from}`);
  return text;
}

function differences(text: string): readonly string[] {
  const [own, peer] = [comparable(pairA), comparable(text)];
  const named = compareLines(own.lines, peer.lines);
  expect(Buffer.from(own.digest).equals(peer.digest)).toBe(named.length === 0);
  return named;
}

describe('the configurations of a pair', () => {
  it('are alike in the examples, although each has its own', () => {
    expect(differences(pairB)).toEqual([]);
  });

  it.each<[string, string | RegExp, string, string[]]>([
    ['a setting', 'apn: internet', 'apn: ims', ['cgw-service.s2a.apn: here internet, peer ims']],
    ['one left out', '    apn: internet\n', '', ['cgw-service.s2a.apn: here internet, not given at the peer']],
    [
      'one that has its default here',
      '    apn:',
      '    lifetime: 30m\n    apn:',
      ['cgw-service.s2a.lifetime: here 1h, peer 30m'],
    ],
    [
      'a client',
      '- 198.51.100.0/24',
      '- 198.51.100.0/25',
      ['twan-profiles.residential.clients: here 198.51.100.0/24, peer 198.51.100.0/25'],
    ],
    [
      'an LMA',
      '- 203.0.113.100',
      '- 203.0.113.101',
      ['cgw-service.s2a.lmas.0: here 203.0.113.100, peer 203.0.113.101'],
    ],
    [
      'a service address',
      '192.0.2.1/24',
      '192.0.2.1/25',
      [
        'service-redundancy-protocol.service-addresses.192.0.2.1/24.address: here 192.0.2.1/24, not given at the peer',
        'service-redundancy-protocol.service-addresses.192.0.2.1/25.address: not given here, peer 192.0.2.1/25',
      ],
    ],
    [
      'an interval of SRP',
      'priority:',
      'dead-interval: 301ms\n  priority:',
      ['service-redundancy-protocol.dead-interval: here 300ms, peer 301ms'],
    ],
  ])('%s that differs is named', (_, from, to, expected) => {
    expect(differences(changed(from, to))).toEqual(expected);
  });

  it('are alike however they are written, and in whatever order where that does not count', () => {
    const text = changed('twan-profiles: [wlc, residential]', 'twan-profiles: [residential, wlc]')
      .replace('apn: internet', 'lifetime: 60m\n    apn: "internet"')
      .replace(/( {2}- name: wlc\n(?: {4}.*\n)*)( {2}- name: residential\n(?: {4}.*\n)*)/, '$2$1');
    expect(differences(text)).toEqual([]);
  });

  it('differ in the order of the LMAs, of which the first is the default', () => {
    const [one, other] = ['[203.0.113.100, 203.0.113.101]', '[203.0.113.101, 203.0.113.100]'].map((list) =>
      comparable(changed(/lmas:\n.*\n/, `lmas: ${list}\n`)),
    );
    expect(compareLines(one!.lines, other!.lines)).toHaveLength(2);
  });

  it('tell secrets by digests that only the pair can make', () => {
    const secret = 'change-me-to-something-long';
    expect(differences(changed(secret, 'another-secret-of-the-server'))).toEqual([
      expect.stringMatching(
        /^mrme-service\.radius\.servers\.0\.secret: here digest [0-9a-f]{16}, peer digest [0-9a-f]{16}$/,
      ),
    ]);
    const text = comparable(pairA).lines.join('\n');
    for (const hidden of [secret, 'change-me-to-32', 'shared-key', 'samog-1', '192.168.77', 'eth0', 'tiebreaker']) {
      expect(text).not.toContain(hidden);
    }
    const otherKey = comparable(pairB.replace('change-me-to-32-characters', 'changed-to-32-characters'));
    expect(compareLines(comparable(pairA).lines, otherKey.lines)).toHaveLength(2);
  });

  describe('with a peer of an earlier release', () => {
    const unknownThere = [
      'service-redundancy-protocol.limits.settle',
      'cgw-service.s2a.lifetime',
      'session-managers.count',
    ];
    /** The example as a release has it that lacks these settings. */
    const earlier = comparableConfiguration(
      {
        ...redundancyOf(pairB),
        settings: redundancyOf(pairB).settings.filter(({ path }) => !unknownThere.includes(path)),
      },
      testSrpDigests,
    );

    it('are alike without the settings that it does not have, as long as these are at their defaults', () => {
      const whole = comparable(pairA);
      expect(compareLines(whole.lines, earlier.lines)).toHaveLength(unknownThere.length);
      const { digest, lines, knownTo } = whole.knownTo!(earlier.lines);
      expect({ digest, lines }).toEqual({ digest: earlier.digest, lines: earlier.lines });
      // What it has by its next release is told again.
      expect(knownTo!(whole.lines)).toMatchObject({ digest: whole.digest, lines: whole.lines });
    });

    it('differ in what is set here and unknown there', () => {
      const set = comparable(changed('    apn:', '    lifetime: 30m\n    apn:'));
      expect(compareLines(set.knownTo!(earlier.lines).lines, earlier.lines)).toEqual([
        'cgw-service.s2a.lifetime: here 30m, not given at the peer',
      ]);
    });

    it('differ in a section that is given here only, though nothing in it is', () => {
      const given = comparable(changed('  nas-identifier:', '  accounting: {}\n  nas-identifier:'));
      const named = compareLines(given.knownTo!(earlier.lines).lines, earlier.lines);
      expect(named.length).toBeGreaterThan(0);
      expect(named.filter((line) => !line.startsWith('mrme-service.accounting.'))).toEqual([]);
    });

    it('differ in a profile that is here only', () => {
      const profile = '  - { name: more, access-type: eogre, session-trigger: dhcp, clients: [198.51.101.0/24] }\n';
      const more = comparable(changed('twan-profiles:\n', `twan-profiles:\n${profile}`));
      expect(compareLines(more.knownTo!(earlier.lines).lines, earlier.lines)).toContain(
        'twan-profiles.more.name: here more, not given at the peer',
      );
    });
  });

  it('have the port of a AAA server that is left out as it is', () => {
    const secret = 'secret: change-me-to-something-long';
    expect(differences(changed(secret, `port: 1812\n        ${secret}`))).toEqual([]);
    expect(differences(changed(secret, `port: 1645\n        ${secret}`))).toEqual([
      'mrme-service.radius.servers.0.port: here 1812, peer 1645',
    ]);
  });
});
