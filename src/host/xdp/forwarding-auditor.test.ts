import { expect, it } from 'vitest';
import { configOf } from '../../../tests/scenarios/memory-world.ts';
import { testDigests } from '../../../tests/support/digests.ts';
import { AcceleratedSessions } from '../../forwarding/fast-path/accelerated-sessions.ts';
import { FastPathTable } from '../../forwarding/fast-path/fast-path-table.ts';
import type { FastPathRules } from '../../forwarding/fast-path/fast-session.ts';
import { limitsOctets, sessionOctets } from '../../forwarding/fast-path/layout.ts';
import { lma, ueEntry } from '../../forwarding/packets-for-tests.ts';
import { SeededRandom } from '../../kernel/random.ts';
import { repairedBy } from '../../operations/views/forwarding-reader.ts';
import { SessionManager } from '../../sessmgr/session-manager.ts';
import { ForwardingAuditor } from './forwarding-auditor.ts';

const placesMax = 8;
const side = { mtu: 1500, greTransport: 'raw' } as const;
const rules: FastPathRules = {
  ...{ access: side, s2a: side, mssClamp: true, kernelTimeOf: (instant) => instant },
  listNumberOf: () => undefined,
  isEogreClient: () => true,
};

/** A fast path that has one session of a session manager that is no more, the next one, and the audit of both. */
function succeeded() {
  const table = new FastPathTable(placesMax, rules);
  const accelerator = new AcceleratedSessions(table, {
    records: new DataView(new ArrayBuffer(placesMax * sessionOctets)),
    limits: new DataView(new ArrayBuffer(placesMax * limitsOctets)),
    ...{ writeNow: () => {}, isForwarding: true, now: () => 0 },
    ...{ kernelTimeOf: (instant) => instant, instantOf: (time) => time },
  });
  const newManager = () =>
    new SessionManager(configOf(), {
      ...{ output: { send: () => {} }, digests: testDigests, random: new SeededRandom(1), accelerator },
      ...{ wallClock: () => 0, restartCounter: 1 },
    });
  newManager().flows.program(ueEntry({ sessionId: 1, s2a: { peer: lma, uplinkKey: 12, downlinkKey: 1 } }));
  const next = newManager();
  const auditor = new ForwardingAuditor({
    managers: () => [next],
    *slices() {
      yield undefined;
      return { sessions: 0, ids: 0, macs: 0 };
    },
    removeStale: () => accelerator.removeStale(),
    ...{ ended: () => {}, failed: () => {} },
  });
  return { table, next, auditor };
}

it('leaves alone what may come still, and says nothing of it', async () => {
  const { table, auditor } = succeeded();
  expect(repairedBy(await auditor.now())).toBe(0);
  expect(table.placeOf(1)).toBeDefined();
});

it('finds nothing of it when all have come, and what has not is gone', async () => {
  const { table, next, auditor } = succeeded();
  await auditor.now();
  next.flows.forgetFormer();
  expect(table.placeOf(1)).toBeUndefined();
  expect(repairedBy(await auditor.now())).toBe(0);
});
