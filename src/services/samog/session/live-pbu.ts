import type { AccessPath } from '../../../forwarding/entry.ts';
import { bindingStatus } from '../../../wire/pmipv6/constants.ts';
import { acceptDeregistration, acceptPbu, rejectSequence } from '../access/pba.ts';
import { orderPbu } from '../access/pbu.ts';
import { handoffKindOf } from '../handover/decision.ts';
import type { AccessBindingUpdate } from '../trigger.ts';
import type { SessionContext } from './context.ts';
import type { Emit } from './effect.ts';
import { sendPba, sendRejection } from './reply.ts';
import type { DurableSession, LiveSession } from './state.ts';
import { acceptHandoff, denyHandoff, hastenCleanups, switchPath } from './switch-path.ts';

/** A PBU for a session that is up: a refresh by its MAG, a repetition, a deregistration, or a handover. */
export function pbuOnLive(
  session: LiveSession,
  update: AccessBindingUpdate,
  context: SessionContext,
  emit: Emit,
): LiveSession {
  const { durable } = session;
  if (update.lifetimeSeconds === 0) return { ...session, durable: deregister(durable, update, context, emit) };
  const ownMag = durable.binding?.mag === update.mag;
  const kind = ownMag ? 'refresh' : 'handoff';
  emit.count(`pbu.${kind}.received`);
  const handoff = ownMag ? undefined : handoffKindOf(durable.access!.kind, 'pbu');
  if (handoff !== undefined) emit.count(`handoff.${handoff}.received`);

  const repeated = rejectDisorder(durable, update, kind, context, emit);
  if (repeated !== undefined) {
    if (handoff !== undefined) denyHandoff(handoff, 'bad-request', emit);
    return { ...session, durable: repeated };
  }
  const refusal = refusalOf(durable, update, handoff !== undefined, context);
  if (refusal !== undefined) {
    if (handoff !== undefined) denyHandoff(handoff, refusal.why, emit);
    sendRejection(update, refusal.status, kind, context, emit);
    return session;
  }
  emit.count(`pbu.${kind}.accepted`);
  let moved = durable;
  if (handoff !== undefined) {
    acceptHandoff(handoff, emit);
    moved = switchPath(durable, pathOf(durable, update), context, emit);
  } else {
    // The same MAG may have a new key, or the UE may be back after its own deregistration.
    moved = { ...durable, access: pathOf(durable, update), phase: { kind: 'Established' } };
  }
  return { ...session, durable: hastenCleanups(grantBinding(moved, update, context, emit), context) };
}

/** The path to the MAG of a PBU: uplink by the session's identifier as key (decision 0003), downlink by the key that the MAG wants. */
export function pathOf(durable: DurableSession, update: AccessBindingUpdate): AccessPath {
  return { kind: 'pmipv6', peer: update.mag, uplinkKey: durable.id, downlinkKey: update.downlinkKey! };
}

/** Answers a PBU that is out of order. Returns the session if it was, undefined if the PBU is new. */
function rejectDisorder(
  durable: DurableSession,
  update: AccessBindingUpdate,
  kind: 'refresh' | 'handoff',
  context: SessionContext,
  emit: Emit,
): DurableSession | undefined {
  const last = {
    mag: durable.binding?.mag,
    sequence: durable.binding?.sequence ?? 0,
    timestamp: durable.moves.lastTimestamp,
  };
  switch (orderPbu(update, last)) {
    case 'new':
      return undefined;
    case 'retransmission':
      // Our PBA was lost: the same answer again, and nothing else changes.
      emit.count('pbu.retransmitted');
      emit.count('pbu.refresh.accepted');
      return grantBinding(durable, update, context, emit);
    case 'timestamp-lower':
      sendRejection(update, bindingStatus.timestampLowerThanPreviouslyAccepted, kind, context, emit);
      return durable;
    case 'sequence-out-of-window':
      emit.count(`pbu.${kind}.denied`);
      sendPba(update, rejectSequence(update.message, last.sequence), 'immediate', emit);
      return durable;
  }
}

/** Why a PBU for a live session is refused: the status for the PBA, and the reason that is counted; undefined if it is not. */
export function refusalOf(
  durable: DurableSession,
  update: AccessBindingUpdate,
  handoff: boolean,
  context: SessionContext,
): { readonly status: number; readonly why: 'address-mismatch' | 'disabled' } | undefined {
  const wanted = update.requestedAddress;
  if (wanted !== undefined && !durable.addresses.some(({ address }) => address === wanted)) {
    return { status: bindingStatus.notAuthorizedForIpv4HomeAddress, why: 'address-mismatch' };
  }
  if (handoff && durable.access?.kind === 'eogre' && !context.config.samogService.handover.enable) {
    return { status: bindingStatus.administrativelyProhibited, why: 'disabled' };
  }
  return undefined;
}

/** Writes the binding cache entry of an accepted PBU and sends its PBA. */
export function grantBinding(
  durable: DurableSession,
  update: AccessBindingUpdate,
  context: SessionContext,
  emit: Emit,
): DurableSession {
  const lifetimeSeconds = Math.min(
    update.lifetimeSeconds,
    context.config.cgwService.binding.lifetimeMaxSeconds,
    durable.s2a.lifetimeSeconds,
  );
  const { address, prefixLength, router } = durable.addresses[0]!;
  const grant = { lifetimeSeconds, address, prefixLength, router, uplinkKey: durable.id };
  sendPba(update, acceptPbu(update.message, grant), 'after-checkpoint', emit);
  return {
    ...durable,
    binding: {
      mag: update.mag,
      magPort: update.magPort,
      nai: update.nai,
      sequence: update.sequence,
      timestamp: update.timestamp,
      lifetimeSeconds,
      expiresAt: context.now + lifetimeSeconds * 1000,
    },
    moves: { ...durable.moves, lastTimestamp: update.timestamp ?? durable.moves.lastTimestamp },
  };
}

/**
 * A deregistration. From the MAG that holds the session it begins MinDelayBeforeBCEDelete (RFC 5213 section 5.3.5),
 * in which the UE may turn up elsewhere; from any other MAG it is answered and deletes nothing.
 */
function deregister(
  durable: DurableSession,
  update: AccessBindingUpdate,
  context: SessionContext,
  emit: Emit,
): DurableSession {
  emit.count('pbu.deregistration.received');
  const { binding } = durable;
  if (binding === undefined || binding.mag !== update.mag) {
    emit.count('pbu.deregistration.accepted');
    emit.decided(
      'late-deregistration',
      () => 'deregistration from a MAG that no longer holds the session: answered only',
    );
    sendPba(update, acceptDeregistration(update.message), 'immediate', emit);
    // That MAG has forgotten the UE: there is nothing left to revoke.
    return { ...durable, cleanups: durable.cleanups.filter((cleanup) => cleanup.mag !== update.mag) };
  }
  const order = orderPbu(update, {
    mag: binding.mag,
    sequence: binding.sequence,
    timestamp: durable.moves.lastTimestamp,
  });
  if (order === 'timestamp-lower') {
    sendRejection(update, bindingStatus.timestampLowerThanPreviouslyAccepted, 'deregistration', context, emit);
    return durable;
  }
  if (order === 'sequence-out-of-window') {
    emit.count('pbu.deregistration.denied');
    sendPba(update, rejectSequence(update.message, binding.sequence), 'immediate', emit);
    return durable;
  }
  emit.count('pbu.deregistration.accepted');
  sendPba(update, acceptDeregistration(update.message), 'immediate', emit);
  if (durable.phase.kind === 'Deregistered') return durable;
  emit.decided('deregistration-delay-started', () => 'deregistered by its MAG: kept for the delay of RFC 5213 5.3.5');
  return {
    ...durable,
    binding: { ...binding, sequence: update.sequence, timestamp: update.timestamp },
    moves: { ...durable.moves, lastTimestamp: update.timestamp ?? durable.moves.lastTimestamp },
    phase: { kind: 'Deregistered', until: context.now + context.config.cgwService.binding.deregistrationDelayMs },
  };
}
