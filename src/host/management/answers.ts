import { readFile } from 'node:fs/promises';
import type { MacAddress } from '../../kernel/address.ts';
import { mayKnow, rolesOf } from '../../operations/access/role.ts';
import { apiBodies } from '../../operations/api/bodies.ts';
import { apiOperations, viewOperation } from '../../operations/api/operations.ts';
import type { RestartAnswer } from '../../operations/commands/restart-session-manager.ts';
import { explainSubscriber } from '../../operations/explain/explain-subscriber.ts';
import { healthOf } from '../../operations/health.ts';
import { alarmData } from '../../operations/views/alarms.ts';
import { checkArguments, clip, macArgument } from '../../operations/views/arguments.ts';
import { exportsData } from '../../operations/views/exports.ts';
import type { ForwardingAudit } from '../../operations/views/forwarding-reader.ts';
import { views } from '../../operations/views/registry.ts';
import { type Moment, refuse, shownBy, type View, type ViewSource, viewed } from '../../operations/views/view.ts';
import type { AlarmWatch } from '../alarms/alarm-watch.ts';
import { noInstance, type Restarted } from '../chassis-sessions.ts';
import { now, wallClock } from '../clock.ts';
import type { ConfigurationDesk } from '../configuration/configuration-desk.ts';
import type { ManagedRedundancy } from '../redundancy-commands.ts';
import { ManagementAccess } from './access.ts';
import { type Answered, type ApiRequest, done, type ServedOperation, withBody } from './answer.ts';
import { configurationAnswers } from './configuration-answers.ts';
import { PathChecks, type PathProbe } from './path-answer.ts';
import { redundancyAnswers } from './redundancy-answers.ts';

/** What the management API operates. */
export interface Managed {
  readonly source: ViewSource;
  /** Ends one subscriber's session; false if there is none. */
  clear(mac: MacAddress): boolean | Promise<boolean>;
  /** Ends all sessions; returns how many there are. */
  clearAll(): number | Promise<number>;
  /** As of `Gateway`; absent where there is none to restart. */
  restartInstance?(place: number): Restarted | Promise<Restarted>;
  /** False on a chassis of a pair that follows its peer: then nothing can be cleared. */
  readonly serves?: boolean;
  /** Compares what is forwarded with what the sessions say, and repairs it; absent where nothing is forwarded in the kernel. */
  readonly auditForwarding?: (() => Promise<ForwardingAudit>) | undefined;
  /** As `AlarmWatch`; absent where nobody keeps alarms. */
  readonly alarmDesk?: Pick<AlarmWatch, 'acknowledge'> | undefined;
  /** The pair; absent on a chassis that is alone. */
  readonly redundancy?: ManagedRedundancy | undefined;
  /** Its configuration; absent where it was started from no file. */
  readonly configuration?: ConfigurationDesk | undefined;
  /** What stands for `ping`, where that is another. */
  readonly pathProbe?: PathProbe | undefined;
  /** What a part of the gateway adds to the API. */
  readonly further?: readonly ServedOperation[];
}

/** Everything that the API answers, but metrics: their format is not its own. */
export function answersOf(
  managed: Managed,
  { exporter }: Pick<ManagementAccess, 'exporter'> = new ManagementAccess(managed.source.audit),
): ServedOperation[] {
  const { source } = managed;
  const paths = new PathChecks(source, managed.pathProbe);
  return [
    {
      operation: apiOperations.health,
      answer: () => shownBy(source, {}, () => done({ ...healthOf(source, moment()), pid: process.pid })),
    },
    {
      operation: apiOperations.principal,
      answer: ({ principal }) => done({ ...principal, roles: rolesOf(principal.roles) }),
    },
    {
      operation: apiOperations.viewList,
      answer: ({ principal }) =>
        done({
          views: views
            .filter(({ role }) => mayKnow(principal, role))
            .map(({ words, summary, options }) => ({ path: words.join('/'), summary, options })),
        }),
    },
    ...views.map((view) => shownView(view, source)),
    { operation: apiOperations.explainSubscriber, answer: ({ query }) => explained(source, query) },
    {
      operation: apiOperations.exportSubscribers,
      answer: (request) => exporter.begin(source, request),
    },
    withBody(apiOperations.cancelExport, apiBodies.cancelExport, ({ body }) =>
      exporter.cancel(body.number)
        ? done(exportsData(exporter.runs, moment()))
        : refuse(
            'not-found',
            `no export ${body.number} is under way`,
            'show exports has the numbers of those that are',
          ),
    ),
    withBody(apiOperations.clearSubscribers, apiBodies.clearSubscribers, ({ body }) => cleared(managed, body)),
    withBody(apiOperations.acknowledgeAlarms, apiBodies.acknowledgeAlarms, (asked) => acknowledged(managed, asked)),
    withBody(apiOperations.checkPath, apiBodies.checkPath, ({ body }) => paths.check(body.address)),
    withBody(apiOperations.restartSessionManager, apiBodies.restartSessionManager, ({ body }) =>
      restarted(managed, body.instance),
    ),
    { operation: apiOperations.auditForwarding, answer: () => audited(managed) },
    { operation: apiOperations.openApi, answer: () => referenceFile('openapi.json', 'application/json') },
    { operation: apiOperations.reference, answer: () => referenceFile('api.html', 'text/html; charset=utf-8') },
    ...redundancyAnswers(managed.redundancy),
    ...configurationAnswers(managed.configuration),
    ...(managed.further ?? []),
  ];
}

function moment(): Moment {
  return { now: now(), wallClock: wallClock() };
}

function shownView(view: View, source: ViewSource): ServedOperation {
  return {
    operation: viewOperation(view),
    answer({ query }) {
      const args = checkArguments(view, query);
      if (!args.ok) return args;
      return viewed(view, source, moment, args.value);
    },
  };
}

async function explained(
  source: ViewSource,
  { mac: text, ...others }: Readonly<Record<string, string>>,
): Promise<Answered> {
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined || text === undefined) {
    const what = unknown === undefined ? 'mac is missing' : `"${clip(unknown)}" is not known here`;
    return refuse('bad-argument', what, 'ask for ?mac=02:00:5e:11:22:33');
  }
  const mac = macArgument(text);
  if (!mac.ok) return mac;
  return shownBy(source, { mac: mac.value }, () => done(explainSubscriber(source, moment(), mac.value)));
}

function acknowledged(
  { alarmDesk }: Managed,
  { principal, body }: ApiRequest<{ readonly note?: string | undefined } & ({ number: number } | { all: true })>,
): Answered {
  const which = 'number' in body ? body.number : 'all';
  const at = moment();
  const records = alarmDesk?.acknowledge(which, principal.name, body.note, at.now) ?? [];
  if (records.length === 0 && which !== 'all') {
    return refuse('not-found', `no alarm ${which} stands`, 'show alarms has the numbers of those that do');
  }
  return done({ alarms: records.map((record) => alarmData(record, at)) });
}

async function audited({ auditForwarding, source }: Managed): Promise<Answered> {
  if (auditForwarding === undefined) {
    const { reason } = source.forwarding.status();
    return refuse('refused', `nothing is forwarded in the kernel: ${reason}`, 'show forwarding tells more');
  }
  const { endedAt: _, ...found } = await auditForwarding();
  return done(found);
}

async function restarted(managed: Managed, instance: number): Promise<Answered> {
  const begunAt = now();
  const outcome = await (managed.restartInstance?.(instance) ?? noInstance(instance, 0));
  if (!outcome.ok) return outcome;
  const { sessions, lost } = outcome;
  return done({ instance, sessions, lost, tookMs: now() - begunAt } satisfies RestartAnswer);
}

async function cleared(managed: Managed, whom: { readonly mac: string } | { readonly all: true }): Promise<Answered> {
  const target = 'mac' in whom ? macArgument(whom.mac) : undefined;
  if (target?.ok === false) return target;
  if (managed.serves === false) {
    return refuse('refused', 'this chassis does not serve', 'give the command on the active chassis');
  }
  if (target === undefined) return done({ cleared: await managed.clearAll() });
  if (await managed.clear(target.value)) return done({ cleared: 1 });
  return refuse('not-found', 'no subscriber has this MAC address', 'show subscribers samog-only lists them');
}

/** A file of docs/reference, which is made of the contract: nothing has to be made of it here. */
async function referenceFile(name: string, contentType: string): Promise<Response> {
  const text = await readFile(new URL(`../../../docs/reference/${name}`, import.meta.url), 'utf8');
  // The page has its styles in itself, and asks for nothing.
  const policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
  return new Response(text, { headers: { 'content-type': contentType, 'content-security-policy': policy } });
}
