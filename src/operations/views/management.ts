import { type ApiCounter, apiCounterNames } from '../access/api-counters.ts';
import type { ManagementDoor } from '../access/management-reader.ts';
import { tableLines } from './format.ts';
import { refuse, shown, type View } from './view.ts';

export interface ManagementData {
  readonly doors: readonly ManagementDoor[];
  readonly users: { readonly file: string; readonly problem: string | null } | null;
  readonly loginSessions: number;
  readonly counters: readonly { readonly name: ApiCounter; readonly value: number }[];
}

/** How operators reach the gateway, and how many were refused. */
export const management: View<ManagementData> = {
  words: ['management'],
  summary: 'how operators reach the gateway, and how many were refused',
  role: 'view',
  options: [],
  build({ management: reader }) {
    if (reader === undefined) return refuse('refused', 'nothing is managed here', 'ask a gateway that runs');
    return shown({
      doors: reader.doors(),
      users: reader.users() ?? null,
      loginSessions: reader.loginSessions,
      counters: apiCounterNames.map((name) => ({ name, value: reader.counters.get(name) })),
    });
  },
  render: ({ doors, users, loginSessions, counters }) => [
    ...tableLines(
      ['Door', 'At', 'Connections', 'Most'],
      doors.map(({ kind, at, connections, connectionsMax }) => [kind, at, String(connections), String(connectionsMax)]),
    ),
    `Users: ${users === null ? 'none but the owner of the socket' : (users.problem ?? users.file)}`,
    `Logged in by password: ${loginSessions}`,
    ...counters.map(({ name, value }) => `  ${name.padEnd(30)} ${value}`),
  ],
};
