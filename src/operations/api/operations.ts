import type { View } from '../views/view.ts';
import type { ApiOperation } from './operation.ts';

function reads(path: string, summary: string, role: ApiOperation['role'] = 'view'): ApiOperation {
  return { method: 'GET', path, role, changes: false, summary };
}

function acts(path: string, summary: string): ApiOperation {
  return { method: 'POST', path, role: 'operate', changes: true, summary };
}

function configures(method: ApiOperation['method'], path: string, summary: string): ApiOperation {
  return { method, path: `/v1/configuration/${path}`, role: 'configure', changes: method !== 'GET', summary };
}

/** `GET /v1/show/…` of a view. */
export function viewOperation({ words, summary, role }: Pick<View, 'words' | 'summary' | 'role'>): ApiOperation {
  return reads(`/v1/show/${words.join('/')}`, summary, role);
}

/** What the API can be asked for beside its views. */
export const apiOperations = {
  health: reads('/v1/health', 'that the gateway lives, what it is called, and which alarms stand', 'any'),
  principal: reads('/v1/principal', 'whom the gateway takes you for, and which roles you have', 'any'),
  logIn: {
    method: 'POST',
    path: '/v1/session',
    role: 'any',
    changes: true,
    summary: 'log in by name and password, for a browser: a cookie is the answer',
  },
  logOut: { method: 'DELETE', path: '/v1/session', role: 'any', changes: true, summary: 'log out' },
  logInTicket: reads(
    '/v1/session/ticket',
    'what lets a browser that is logged in here go on at the other chassis of the pair, for a short while',
    'any',
  ),
  viewList: reads('/v1/show', 'every view, with its options', 'any'),
  openApi: reads('/openapi.json', 'this API as an OpenAPI 3.1 document', 'any'),
  reference: reads('/reference', 'this API as a page to read', 'any'),
  metrics: reads('/metrics', 'every metric in the text format of Prometheus'),
  explainSubscriber: reads('/v1/explain/subscriber', 'where a subscriber is, and why: its events in words'),
  exportSubscribers: {
    ...reads('/v1/export/subscribers', 'all subscribers, or those that a filter matches, as a file while it is made'),
    audited: true,
  },
  cancelExport: acts('/v1/export/cancel', 'end an export that is under way'),
  clearSubscribers: acts('/v1/clear/subscribers', 'end the session of one subscriber, or all sessions'),
  acknowledgeAlarms: acts(
    '/v1/alarms/acknowledge',
    'take on an alarm that stands, or all that nobody has, with a note',
  ),
  auditForwarding: acts('/v1/audit/forwarding', 'compare what is forwarded with what the sessions say, and repair it'),
  checkPath: acts(
    '/v1/path/check',
    'find out by ping whether packets as long as the configuration says reach an access node or an LMA',
  ),
  restartSessionManager: acts(
    '/v1/session-manager/restart',
    'begin a session manager instance anew, with its sessions; the others serve on',
  ),
  validateConfiguration: acts('/v1/srp/validate-configuration', 'compare the configurations of both chassis now'),
  validateSwitchover: {
    ...acts('/v1/srp/validate-switchover', 'tell whether a planned switchover would go well'),
    role: 'view',
    changes: false,
  },
  initiateSwitchover: acts('/v1/srp/initiate-switchover', 'hand the role to the peer, and wait until it has it'),
  initiateAudit: acts('/v1/srp/initiate-audit', 'compare what both chassis hold, and send again what differs'),
  resetAuthProbeFail: acts('/v1/srp/reset-auth-probe-fail', 'let the AAA probe cause a switchover again'),
  serveAlone: acts(
    '/v1/srp/serve-alone',
    'serve with the sessions on its own disk, and wait no longer for a peer that may have newer ones',
  ),
  nack: acts('/v1/srp/nack', 'enable or disable NACKs of the micro-checkpoints of a CMD-ID'),
  configurationStatus: reads(
    '/v1/configuration',
    'how things stand with the configuration: commits, candidates, restarts',
  ),
  configurationHistory: reads('/v1/configuration/history', 'the configurations that were in force: who, when, comment'),
  configurationText: configures('GET', 'text', 'a configuration that is or was in force, without its secrets'),
  candidate: configures('GET', 'candidate', 'your candidate: what you are preparing'),
  editCandidate: configures('POST', 'candidate', 'set or delete a setting of your candidate, or load a whole file'),
  discardCandidate: configures('DELETE', 'candidate', 'throw your candidate away'),
  refreshCandidate: configures('POST', 'refresh', 'bring your candidate up to what others have committed'),
  rollbackCandidate: configures('POST', 'rollback', 'load a former configuration into your candidate'),
  compareCandidate: configures('GET', 'compare', 'what your candidate changes'),
  checkCandidate: configures('GET', 'check', 'what is wrong with your candidate, and what of it needs a restart'),
  commitCandidate: configures('POST', 'commit', 'put your candidate in force'),
  confirmCommit: configures('POST', 'confirm', 'keep a commit that would go back by itself'),
  cancelCommit: configures('POST', 'cancel', 'take a commit back that is not confirmed yet'),
} as const satisfies Readonly<Record<string, ApiOperation>>;
