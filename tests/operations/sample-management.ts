import { apiCounterNames, apiCounters } from '../../src/operations/access/api-counters.ts';
import type { ManagementReader } from '../../src/operations/access/management-reader.ts';

const counters = apiCounters();
for (const [index, name] of apiCounterNames.entries()) counters.add(name, index);

/** A gateway that is managed by its socket and over the network. */
export const sampleManagement: ManagementReader = {
  counters,
  doors: () => [
    { kind: 'unix-socket', at: 'management.sock', connections: 1, connectionsMax: 64 },
    { kind: 'tcp', at: '192.0.2.1:8443', connections: 3, connectionsMax: 256 },
  ],
  users: () => ({ file: 'users.json', problem: null }),
  loginSessions: 2,
  exports: [
    {
      ...{ number: 2, who: 'alice', state: 'running', format: 'csv', which: { filter: 'state=established' } },
      ...{ looked: 400_000, total: 1_000_000, rows: 399_120, octets: 51_885_600, begunAt: 90_000, endedAt: undefined },
    },
    {
      ...{ number: 1, who: 'bob', state: 'cancelled', format: 'jsonl', which: {} },
      ...{ looked: 1000, total: 4000, rows: 1000, octets: 290_000, begunAt: 40_000, endedAt: 41_500 },
    },
  ],
};
