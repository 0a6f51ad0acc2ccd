import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dataAtRgB } from '../../../../tests/support/session-observations.ts';
import {
  accepted,
  accessAccepted,
  accounted,
  accounting,
  admitted,
  assigned,
  binding,
  challengeAt,
  coa,
  contextAt,
  deregistered,
  dhcp,
  disconnecting,
  discover,
  established,
  establishedByDhcp,
  extending,
  initReboot,
  outstanding,
  owedBy,
  owing,
  pbu,
  play,
  profileOf,
  release,
  released,
  rgB,
  sampleEvents,
  sampleSessions,
  sessionId,
  start,
  wlcA,
  wlcB,
  wlcSays,
} from '../../../../tests/support/session-samples.ts';
import { received } from '../../../../tests/support/standby-record.ts';
import { checkpointByKey, checkpointCatalogue } from '../../../icsr/catalogue/catalogue.ts';
import { type Instant, never } from '../../../kernel/instant.ts';
import { text } from '../../../wire/checkpoint/codec.ts';
import { payloadOf } from '../../../wire/checkpoint/payload.ts';
import { field, recordOf } from '../../../wire/checkpoint/record.ts';
import { nextDeadline } from '../session/deadline.ts';
import type { SessionEvent } from '../session/event.ts';
import { startSession, step } from '../session/machine.ts';
import type { LiveSession, Session } from '../session/state.ts';
import type { Trigger } from '../trigger.ts';
import { applyMicro, type KeptCheckpoint, recordOfKept } from './apply.ts';
import { producedHere } from './commands.ts';
import {
  type Checkpoint,
  type CheckpointContext,
  diff,
  fullCheckpoint,
  idleCheckpoint,
  statisticsCheckpoint,
} from './diff.ts';
import { durableFields } from './fields.ts';
import { encodeFull } from './full-checkpoint.ts';
import { encodeAt } from './instant-codec.ts';
import { isSaved, noUsage, type SavedSession, type SessionRecord, savedOf } from './saved-session.ts';

const vmac = contextAt().config.cgwService.access.vmac;

function checkpointContext(now: Instant, revision: number, baseRevision = 0): CheckpointContext {
  return { now, revision, baseRevision, vmac, usageOf: () => undefined };
}

/** What a session comes to by an event, and the CMD-IDs of the checkpoints that tell of it. */
function told(before: Session, event: SessionEvent, now: Instant = start + 100): number[] {
  const after = step(before, event, contextAt(now)).state;
  return diff(before, after, checkpointContext(now, 1), event).map(({ cmdId }) => cmdId);
}

const pbuEvent = (overrides: Parameters<typeof pbu>[0]): SessionEvent => ({
  kind: 'pbuReceived',
  update: pbu({ sequence: 110, timestamp: start + 100, ...overrides }),
});
const dhcpEvent = (...of: Parameters<typeof dhcp>): SessionEvent => ({ kind: 'dhcpReceived', dhcp: dhcp(...of) });
const unchanged = { subscriber: {}, accessLists: {}, ambr: undefined, bearer: undefined };
const ambr = { uplinkKbps: 1, downlinkKbps: 2, source: 'change' } as const;
const accessEvent = (...of: Parameters<typeof accessAccepted>): SessionEvent => ({
  kind: 'accessAccepted',
  accepted: accessAccepted(...of),
});
const challenged: SessionEvent = { kind: 'challenged', id: 5, challenge: challengeAt() };
const waiting = () => play(established(), [challenged]).session!;
const accountedByWlc = () => play(established(), [wlcSays('start')]).session!;
const stoppedByWlc = () => play(accountedByWlc(), [wlcSays('stop', 2)]).session!;
const admittedAndStopped = () => play(admitted(), [wlcSays('start'), wlcSays('stop', 2)]).session!;
const withoutEogre = () => established(undefined, contextAt(start, { hasDhcpTriggerProfile: false }));
const cleared: SessionEvent = { kind: 'cleared', reason: 'operator' };
const movedAway = () => play(established(), [dataAtRgB]).session!;
const answered = (session: Session): SessionEvent => ({
  kind: 's2aAcknowledged',
  sequence: outstanding(session),
  answer: { kind: 'deregistered' },
});

describe('what a step changed is told by', () => {
  const cases: readonly (readonly [string, () => Session, SessionEvent, readonly number[]])[] = [
    ['190: a refresh', established, pbuEvent({}), [190]],
    ['190: a deregistration', established, pbuEvent({ lifetimeSeconds: 0 }), [190]],
    ['190: the return after one', deregistered, pbuEvent({ sequence: 120 }), [190]],
    ['190: a restart of the MAG', established, { kind: 'magRestarted', mag: wlcA }, [190]],
    ['173, 83, 168, 167, 2: a CoA that changes all', established, coa(), [173, 83, 168, 167, 2]],
    ['173, 83: one of access lists', established, coa({ ...unchanged, accessLists: { uplink: 'a' } }), [173, 83]],
    ['173, 168: one of the APN-AMBR', established, coa({ ...unchanged, ambr }), [173, 168]],
    [
      '173, 2: one of Idle-Timeout',
      established,
      coa({ ...unchanged, subscriber: { idleTimeoutSeconds: 5 } }),
      [173, 2],
    ],
    [
      '173: one of Session-Timeout',
      established,
      coa({ ...unchanged, subscriber: { sessionTimeoutSeconds: 5 } }),
      [173],
    ],
    ['nothing: AAA wants to be asked', established, { kind: 'reauthorizationWanted', state: new Uint8Array(1) }, []],
    ['nothing: a late deregistration', established, pbuEvent({ mag: wlcB, lifetimeSeconds: 0 }), []],
    ['257: a refresh with a new key', established, pbuEvent({ downlinkKey: 0xa2 }), [257]],
    ['257: a move between MAGs', established, pbuEvent({ mag: wlcB }), [257]],
    ['257: a move to PMIPv6', establishedByDhcp, pbuEvent({}), [257]],
    ['257: DISCOVER from a MAG', established, dhcpEvent(discover, rgB), [257]],
    ['201: DISCOVER from another RG', establishedByDhcp, dhcpEvent(discover, rgB), [201]],
    ['257: REQUEST from another RG', establishedByDhcp, dhcpEvent(initReboot, rgB), [257]],
    ['257: data from another RG', establishedByDhcp, dataAtRgB, [257]],
    ['257: data while attached to a MAG', established, dataAtRgB, [257]],
    ['259: a renewal', establishedByDhcp, dhcpEvent(extending), [259]],
    ['259: a release', establishedByDhcp, dhcpEvent(release), [259]],
    ['259: DISCOVER after a release', released, dhcpEvent(discover), [259]],
    ['260: a refresh on its way', established, { kind: 'lmaRestarted' }, [260]],
    ['257: the first PBU of a UE that was admitted', admitted, pbuEvent({}), [257]],
    ['174: a START', established, wlcSays('start'), [174]],
    ['177: an INTERIM', accountedByWlc, wlcSays('interim', 2), [177]],
    ['175: a STOP', accountedByWlc, wlcSays('stop', 2), [175]],
    ['175: a WLC that begins anew', accountedByWlc, { kind: 'nasRestarted', nas: wlcA }, [175]],
    ['174: a START in time', stoppedByWlc, wlcSays('start', 3), [174]],
    ['nothing: a record of a WLC where the UE is not', established, wlcSays('stop'), []],
    ['176: a re-authentication in handoff', admittedAndStopped, accessEvent({ id: 9 }), [176]],
    ['184: a challenge to a UE whose session is up', established, challenged, [184]],
    ['184: and its end', waiting, { kind: 'challengeOver' }, [184]],
    ['172: a re-authentication', admitted, accessEvent({ id: 9 }), [172]],
    ['172: one that answers a challenge', waiting, accessEvent({}), [172]],
    ['256: one that brings EoGRE', withoutEogre, accessEvent({}, { accessType: 'eogre' }), [256]],
    [
      '169: one of another subscriber',
      established,
      accessEvent({ profile: profileOf({ nai: 'other@example' }) }),
      [169],
    ],
    ['169: a rejection by the NAS where the UE is', admitted, { kind: 'accessRejected', nas: wlcA }, [169]],
    ['nothing: a rejection elsewhere', admitted, { kind: 'accessRejected', nas: wlcB }, []],
    ['169: the operator', established, cleared, [169]],
    ['1: the LMA, with nobody else to tell', establishedByDhcp, { kind: 's2aRevoked' }, [1]],
    ['169: the LMA, with a MAG to tell', established, { kind: 's2aRevoked' }, [169]],
    ['nothing: data that is not the session’s', established, { ...dataAtRgB, sourceMatches: false }, []],
  ];
  it.each(cases)('%s', (_, make, event, expected) => {
    expect(told(make(), event)).toEqual(expected);
  });

  it('263, 257, 169, 256 and 1: of a session with an account', () => {
    const acknowledged = (session: Session): SessionEvent => ({
      kind: 'recordAcknowledged',
      record: owedBy(session)!.record,
    });
    const context = accounting(start + 100);
    const toldOf = (before: Session, event: SessionEvent): number[] => {
      const after = step(before, event, context).state;
      return diff(before, after, checkpointContext(start, 1), event).map(({ cmdId }) => cmdId);
    };
    const session = accounted();
    expect(toldOf(session, acknowledged(session))).toEqual([263]);
    expect(toldOf(session, dataAtRgB)).toEqual([257, 263]);
    expect(toldOf(session, cleared)).toEqual([169]);
    const revoked = play(session, [{ kind: 's2aRevoked' }], context).session!;
    expect(toldOf(revoked, acknowledged(revoked))).toEqual([263]);
    // Everybody has been told, but AAA.
    expect(toldOf(revoked, { kind: 'magRestarted', mag: wlcA })).toEqual([256]);
    const owed = owing();
    expect(toldOf(owed, acknowledged(owed))).toEqual([263]);
    const last = play(owed, [acknowledged(owed)]).session!;
    expect(toldOf(last, acknowledged(last))).toEqual([1]);
  });

  it('261: a revocation sent, and one answered', () => {
    const due = movedAway() as LiveSession;
    const now = nextDeadline(due);
    expect(told(due, { kind: 'deadlineReached' }, now)).toEqual([261]);
    const { mag, sequence } = due.durable.cleanups[0]!;
    expect(told(due, { kind: 'revocationAcknowledged', mag, sequence, status: 0 })).toEqual([261]);
  });

  it('260: a refresh that is acknowledged', () => {
    const refreshing = play(established(), [{ kind: 'lmaRestarted' }]).session!;
    const event: SessionEvent = { kind: 's2aAcknowledged', sequence: outstanding(refreshing), answer: assigned };
    expect(told(refreshing, event)).toEqual([260]);
  });

  it('169 and 1: a deregistration repeated, answered, and the last obligation met', () => {
    const ending = disconnecting();
    expect(ending).toMatchObject({ kind: 'Disconnecting', cleanups: [{ mag: wlcA }] });
    // The revocation, due at once.
    expect(told(ending, { kind: 'deadlineReached' })).toEqual([261]);
    expect(told(ending, { kind: 'deadlineReached' }, start + 5000)).toEqual([169]);
    expect(told(ending, answered(ending))).toEqual([169]);
    const unrevoked = play(ending, [{ kind: 'magRestarted', mag: wlcA }]).session!;
    expect(told(unrevoked, answered(unrevoked))).toEqual([1]);
  });

  it('nothing, while a session is set up and when that fails; 256 when it is up', () => {
    const setup = sampleSessions.filter(({ state }) => state === 'Authenticating' || state === 'Binding');
    for (const { make } of setup) {
      expect(diff(undefined, make(), checkpointContext(start, 1), undefined)).toEqual([]);
      expect(diff(make(), undefined, checkpointContext(start, 1), undefined)).toEqual([]);
    }
    const up = established();
    expect(diff(setup[1]!.make(), up, checkpointContext(start, 1), undefined).map(({ cmdId }) => cmdId)).toEqual([256]);
  });

  it('256: a setup that is withdrawn, and has a deregistration to send', () => {
    expect(told(binding(), pbuEvent({ lifetimeSeconds: 0 }))).toEqual([256]);
  });

  it('256: what no micro-checkpoint carries', () => {
    const before = established();
    const after = { ...before, durable: { ...before.durable, createdAt: start + 1 } };
    expect(diff(before, after, checkpointContext(start, 1), undefined).map(({ cmdId }) => cmdId)).toEqual([256]);
  });

  it('nothing at all, where only what is transient changed', () => {
    const before = established();
    const after = { ...before, transient: { ...before.transient, idlePackets: 5 } };
    expect(diff(before, after, checkpointContext(start, 1), undefined)).toEqual([]);
  });

  it('names that the table of productions has', () => {
    const made = producedHere.flatMap((each) => ('trigger' in each ? [each.cmdId] : []));
    // The last ones are of no session.
    expect(made).toEqual([
      1, 2, 4, 83, 167, 168, 169, 172, 173, 174, 175, 176, 177, 184, 189, 190, 201, 256, 257, 258, 259, 260, 261, 263,
      262, 265, 264,
    ]);
  });
});

describe('the table of productions', () => {
  it('has the names of the catalogue, and all that is the service’s own', () => {
    for (const { cmdId, name } of producedHere) expect(checkpointByKey(`${cmdId}:${name}`), name).toBeDefined();
    const own = checkpointCatalogue.filter(({ producer, reserved }) => producer === 'samog' && !reserved);
    const listed = new Set(producedHere.map(({ cmdId }) => cmdId));
    expect(own.filter(({ cmdId }) => !listed.has(cmdId!)).map(({ name }) => name)).toEqual([]);
  });
});

/** A session and what a standby with another clock makes of its checkpoints, step by step. */
class Pair {
  now = start;
  revision = 0;
  baseRevision = 0;
  session: Session | undefined;
  record: SessionRecord | undefined;
  /** Since the latest full checkpoint, which is the first; with when the standby had them. */
  kept: (Checkpoint & KeptCheckpoint)[] = [];
  readonly ahead = 987_654_321;

  constructor(trigger: Trigger) {
    this.#take(startSession(sessionId, pbu().mac, trigger, accounting(this.now)).state, undefined);
  }

  play(event: SessionEvent): void {
    this.#take(step(this.session!, event, accounting(this.now)).state, event);
  }

  #take(after: Session | undefined, event: SessionEvent | undefined): void {
    this.revision += 1;
    const context = checkpointContext(this.now, this.revision, this.baseRevision);
    for (const checkpoint of diff(this.session, after, context, event)) {
      if (checkpoint.cmdId === 256) {
        this.baseRevision = this.revision;
        this.kept = [];
      }
      this.kept.push({ ...checkpoint, receivedAt: this.now + this.ahead });
      this.record = received(this.record, checkpoint, this.now + this.ahead);
    }
    this.session = after;
  }

  /** The durable state as octets, which have remaining times: those of the session, and those of a record of it. */
  ofSession(): Uint8Array | undefined {
    const { session } = this;
    if (session === undefined || !isSaved(session)) return undefined;
    return encodeFull(withoutOldReply(savedOf(session, undefined), this.now), 0, this.now);
  }

  ofRecord(record: SessionRecord | undefined): Uint8Array | undefined {
    if (record === undefined) return undefined;
    const now = this.now + this.ahead;
    return encodeFull(withoutOldReply(record.saved, now), 0, now);
  }
}

/** An Access-Accept whose time is over is dropped by each side by its own clock. */
function withoutOldReply(saved: SavedSession, now: Instant): SavedSession {
  if (saved.kind !== 'Live' || (saved.durable.reply?.until ?? now) > now) return saved;
  return { ...saved, durable: { ...saved.durable, reply: undefined } };
}

const triggers: readonly Trigger[] = [
  { kind: 'radius', accepted: accessAccepted() },
  { kind: 'pbu', update: pbu() },
  { kind: 'dhcp', dhcp: dhcp(discover) },
];

/** What happens next, and how long after: a deadline when it is due, or one of the sample events with its numbers anew. */
const happening = fc.record({
  which: fc.nat(sampleEvents.length - 1),
  afterMs: fc.constantFrom(0, 1, 40, 700, 3000),
  untilDeadline: fc.boolean(),
});

function playAll(pair: Pair, happenings: readonly { which: number; afterMs: number; untilDeadline: boolean }[]): void {
  pair.play(accepted);
  pair.play({ kind: 's2aAcknowledged', sequence: outstanding(pair.session), answer: assigned });
  happenings.forEach(({ which, afterMs, untilDeadline }, index) => {
    if (pair.session === undefined) return;
    // What is only owed to AAA has none.
    if (untilDeadline && nextDeadline(pair.session) < never) {
      pair.now = Math.max(pair.now, nextDeadline(pair.session));
      pair.play({ kind: 'deadlineReached' });
    } else {
      pair.now += afterMs;
      const { event } = sampleEvents[which]!;
      pair.play(renumbered(typeof event === 'function' ? event(pair.session) : event, pair.session, index, pair.now));
    }
    expect(pair.ofRecord(pair.record)).toEqual(pair.ofSession());
  });
}

/** Sequence numbers and timestamps that are new, without which the machine only sees repetitions. */
function renumbered(event: SessionEvent, session: Session, index: number, now: Instant): SessionEvent {
  if (event.kind === 'pbuReceived') {
    const { update } = event;
    return { kind: 'pbuReceived', update: { ...update, sequence: update.sequence + index, timestamp: now + index } };
  }
  if (event.kind === 'accessAccepted') {
    const { accepted: given } = event;
    return { ...event, accepted: { ...given, reply: { ...given.reply!, until: now + 30_000 } } };
  }
  if (event.kind === 'challenged') return { ...event, challenge: { ...event.challenge, until: now + 30_000 } };
  const cleanups = session.kind === 'Live' ? session.durable.cleanups : [];
  if (event.kind !== 'revocationAcknowledged' || cleanups.length === 0) return event;
  const { mag, sequence } = cleanups[0]!;
  return { ...event, mag, sequence };
}

describe('whatever happens to a session', () => {
  it('its record at the standby has the same durable state after every step', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...triggers),
        fc.array(happening, { minLength: 5, maxLength: 25 }),
        (trigger, all) => {
          playAll(new Pair(trigger), all);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('a full checkpoint and the newest of each kind since are all that need be kept', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...triggers),
        fc.array(happening, { minLength: 5, maxLength: 25 }),
        (trigger, all) => {
          const pair = new Pair(trigger);
          playAll(pair, all);
          const [full, ...micros] = pair.kept;
          const newest = new Map(micros.map((checkpoint) => [checkpoint.cmdId, checkpoint]));
          const record = recordOfKept(full!, newest.values());
          if (record !== undefined && 'kind' in record) throw new Error(record.reason);
          expect(pair.ofRecord(record)).toEqual(pair.ofSession());
        },
      ),
      { numRuns: 200 },
    );
    expect(recordOfKept({ payload: new Uint8Array(3), receivedAt: 0 }, [])).toMatchObject({ reason: 'truncated' });
  });

  it('duplicates and disorder of its micro-checkpoints change nothing', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...triggers),
        fc.array(happening, { minLength: 5, maxLength: 15 }),
        fc.array(fc.nat(), { minLength: 40, maxLength: 40 }),
        (trigger, all, order) => {
          const pair = new Pair(trigger);
          playAll(pair, all);
          const [full, ...micros] = pair.kept;
          const disordered = [...micros, ...micros]
            .map((checkpoint, index) => ({ checkpoint, at: order[index % order.length]! }))
            .toSorted((left, right) => left.at - right.at);
          // All come at the last moment: remaining times are those of then, on either side.
          const inOrder = micros.reduce(
            (record, each) => record && received(record, each, 0),
            received(undefined, full!, 0),
          );
          let record = received(undefined, full!, 0);
          for (const { checkpoint } of disordered) record = record && received(record, checkpoint, 0);
          const octets = (of: SessionRecord | undefined) => of && encodeFull(of.saved, 0, 0);
          expect(octets(record)).toEqual(octets(inOrder));
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('cumulative counters and idle time', () => {
  const usage = { ...noUsage, uplinkPackets: 5, uplinkOctets: 5000, lastActivity: start + 10 };

  it('258 and 2 bring them', () => {
    const session = established();
    const durable = { ...session.durable, subscriber: { ...session.durable.subscriber, idleTimeoutSeconds: 60 } };
    const idle: LiveSession = { ...session, durable };
    const context = { ...checkpointContext(start + 20, 2, 1), usageOf: () => usage };
    let record = received(undefined, fullCheckpoint(idle, checkpointContext(start, 1)), start);
    record = received(record, statisticsCheckpoint(idle, usage, context), start + 20);
    record = received(record, idleCheckpoint(idle, context)!, start + 20);
    expect(record?.saved).toMatchObject({ kind: 'Live', usage, idleAt: start + 60_010 });
    expect(idleCheckpoint(session, context)).toBeUndefined();
  });
});

describe('a micro-checkpoint is refused', () => {
  const record = received(undefined, fullCheckpoint(established(), checkpointContext(start, 4)), start)!;
  const refresh = (revision: number, baseRevision: number) => {
    const context = checkpointContext(start, revision, baseRevision);
    const before = established();
    const after = step(before, pbuEvent({}), contextAt()).state;
    return diff(before, after, context, undefined)[0]!;
  };

  it.each([
    ['unknown-command', 9999, refresh(5, 4).payload],
    ['missing-base', 190, refresh(9, 8).payload],
    ['truncated', 190, refresh(5, 4).payload.subarray(0, 20)],
    ['truncated', 190, new Uint8Array(3)],
    ['bad-version', 190, new Uint8Array(9)],
  ] as const)('%s', (reason, cmdId, payload) => {
    expect(applyMicro(record, cmdId, payload, start)).toEqual({ kind: 'refused', reason });
  });

  it.each([
    ['has not, and a newer change names', 5, 'list', 'refused'],
    ['has not, and 173 of the same change has named', 4, 'list', 'refused'],
    ['has not, and an older change names', 3, 'list', 'stale'],
    ['has', 5, 'nothing', 'applied'],
  ] as const)('for an access list that the chassis %s', (_, revision, name, expected) => {
    const before = established();
    const accessLists = { uplink: undefined, downlink: name };
    const after = { ...before, durable: { ...before.durable, accessLists } };
    const context = checkpointContext(start, revision, 2);
    const { payload } = diff(before, after, context, undefined).find(({ cmdId }) => cmdId === 83)!;
    const refused = expected === 'refused' ? { reason: 'unresolved-name' } : {};
    const has = (known: string) => known === 'nothing';
    expect(applyMicro(record, 83, payload, start, { has })).toMatchObject({ kind: expected, ...refused });
  });

  it('but not for a field that a later release has added', () => {
    const { binding, phase, moves } = durableFields;
    const later = payloadOf(2, recordOf({ binding, phase, moves, future: field(60, text) }));
    const { durable } = established();
    const payload = encodeAt(start, later, { ...durable, future: 'x' }, { baseRevision: 4, revision: 5 });
    expect(applyMicro(record, 190, payload, start)).toMatchObject({
      kind: 'applied',
      unknownFields: 1,
      record: { saved: { durable }, newer: { binding: 5, phase: 5, moves: 5 } },
    });
  });

  it('or ignored, as a repetition or overtaken', () => {
    const first = applyMicro(record, 190, refresh(7, 4).payload, start);
    expect(first.kind).toBe('applied');
    const newer = (first as { record: SessionRecord }).record;
    expect(applyMicro(newer, 190, refresh(7, 4).payload, start)).toEqual({ kind: 'unchanged' });
    expect(applyMicro(newer, 190, refresh(6, 4).payload, start)).toEqual({ kind: 'stale' });
    expect(applyMicro(record, 190, refresh(3, 3).payload, start)).toEqual({ kind: 'stale' });
  });
});
