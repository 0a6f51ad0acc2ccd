import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CallDatabase } from '../../src/host/recovery/call-database.ts';
import { compareLines } from '../../src/icsr/configuration/compare-lines.ts';
import { formatIp, formatMac } from '../../src/kernel/address.ts';
import { comparableConfiguration } from '../../src/operations/config/comparison.ts';
import { parseConfig } from '../../src/operations/config/parse.ts';
import { formatProblem } from '../../src/operations/config/problem.ts';
import { encodeFull } from '../../src/services/samog/checkpoints/full-checkpoint.ts';
import { savedOf } from '../../src/services/samog/checkpoints/saved-session.ts';
import type { LiveSession } from '../../src/services/samog/session/state.ts';
import { adoptStored, readStored } from '../../src/sessmgr/recovery/recover.ts';
import type { StoredSession } from '../../src/sessmgr/recovery/recovery-store.ts';
import { toHex } from '../../src/wire/bytes/text.ts';
import { MemoryWorld } from '../scenarios/memory-world.ts';
import { testSrpDigests } from '../support/srp-digests.ts';

/**
 * What gateways of earlier states of this project, by their commits, have left on disk and told their peers. Two UEs attached at each, one at
 * a WLC and one at an RG; the first moved to the RG; then the gateway was stopped. The rows hold full checkpoints as a peer is sent them.
 */
const recorded = (file: string): string => readFileSync(new URL(`earlier-releases/${file}`, import.meta.url), 'utf8');

const octets = { uplinkPackets: 61, uplinkOctets: 5612, downlinkPackets: 61, downlinkOctets: 5612 };
/** As the gateway itself showed them last. */
const stores = {
  '7f8e6f5': [
    { callId: 0x26fe524a, mac: '02:00:5e:10:00:02', address: '10.45.0.3', moves: 0, uplinkKey: 0xde095e80 },
    { callId: 0xd9d54aa2, mac: '02:00:5e:10:00:01', address: '10.45.0.2', moves: 1, uplinkKey: 0xd53aa06c },
  ],
  be15371: [
    { callId: 0x651911cf, mac: '02:00:5e:10:00:02', address: '10.45.0.3', moves: 0, uplinkKey: 0xe57f7a25 },
    { callId: 0xb8d9e25d, mac: '02:00:5e:10:00:01', address: '10.45.0.2', moves: 1, uplinkKey: 0x805a8a9e },
  ],
} as const;

describe.each(Object.entries(stores))('the call recovery store of a gateway of %s', (commit, sessions) => {
  let folder: string;
  let path: string;
  let rows: StoredSession[];

  function open() {
    rows = [];
    return CallDatabase.open(path, 'samog-a', (some) => rows.push(...some));
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'samog-earlier-releases-'));
    path = join(folder, 'calls.sqlite');
    const db = new DatabaseSync(path);
    db.exec(recorded(`store-of-${commit}.sql`));
    db.close();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is taken over with its sessions, what they have used, and its counters', () => {
    for (const opening of ['first', 'second']) {
      const { database, content } = open();
      expect(content).toMatchObject({ wasClean: opening === 'first', damagedRows: [], setAside: undefined });
      expect(Object.fromEntries(content.counters)).toMatchObject({
        'samog:session.setup': 2,
        'samog:handoff.pmip-to-eogre.accepted': 1,
        'forwarding:uplink.octets': 11_224,
      });
      expect(rows.map(({ callId, usage }) => ({ callId, usage }))).toMatchObject(
        sessions.map(({ callId }) => ({ callId, usage: octets })),
      );
      database.close();
    }
  });

  it('has sessions that are served, each with its address, keys and place', () => {
    open().database.close();
    const at = { now: 5000, wallClock: rows[0]!.writtenAt + 10_000 };
    const stored = readStored(rows, at);
    expect([...stored.refused]).toEqual([]);
    const gateway = new MemoryWorld().newGateway();
    expect(adoptStored(gateway, stored, at.now)).toBe(2);
    const served = sessions.map(({ callId }) => gateway.registry.ofId(callId)!.session as LiveSession);
    expect(
      served.map(({ durable: { id, mac, addresses, access, moves, s2a, phase } }) => ({
        ...{ callId: id, mac: formatMac(mac), address: formatIp(addresses[0]!.address), moves: moves.count },
        ...{ uplinkKey: s2a.uplinkKey, downlinkKey: s2a.downlinkKey, phase: phase.kind },
        ...{ access: access?.kind, peer: access && formatIp(access.peer) },
      })),
    ).toEqual(
      sessions.map((one) => ({
        ...one,
        ...{ downlinkKey: one.callId, phase: 'Established', access: 'eogre', peer: '192.0.2.41' },
      })),
    );
    for (const { callId } of sessions) expect(gateway.flows.usage(callId)).toMatchObject(octets);
    // It is this release's from now on: what it is kept and told as is read likewise.
    for (const session of served) {
      const usage = gateway.flows.usage(session.durable.id)!;
      const payload = encodeFull(savedOf(session, usage), 1, at.now);
      const again = readStored(
        [{ callId: session.durable.id, revision: 1, payload, writtenAt: at.wallClock, usage: undefined }],
        at,
      );
      expect(again.records[0]!.saved).toMatchObject({ kind: 'Live', durable: session.durable });
    }
  });
});

describe('the configuration of a chassis of 7f8e6f5', () => {
  const [digestLine, ...lines] = recorded('configuration-of-7f8e6f5.txt').trimEnd().split('\n') as [
    string,
    ...string[],
  ];

  it('is accepted, and the same as ours, by lines and by digest, once it has told what it has', () => {
    const parsed = parseConfig(recorded('configuration.yaml'), 'configuration.yaml');
    if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join('\n'));
    const whole = comparableConfiguration(parsed.config.redundancy!, testSrpDigests);
    expect(compareLines(whole.lines, lines).length).toBeGreaterThan(0);
    const told = whole.knownTo!(lines);
    expect(compareLines(told.lines, lines)).toEqual([]);
    expect(`digest ${toHex(told.digest)}`).toBe(digestLine);
  });
});
