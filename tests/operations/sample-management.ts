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
};
