import { type Instant, never } from '../../kernel/instant.ts';
import type { ForwardingAudit } from '../../operations/views/forwarding-reader.ts';
import type { Restarted } from '../chassis-sessions.ts';
import type { RuntimeStatistics } from '../runtime.ts';
import type { InstanceWorker } from './instance-worker.ts';

/** A thread that ends again and again is begun anew after ever longer pauses, of which this is the first. */
export const pauseMinMs = 100;

/** A session manager instance that has a thread, and what is known of that. */
export interface InstanceMember {
  worker: InstanceWorker | undefined;
  begunAt: Instant;
  /** It has its sessions and its sockets. */
  isOpen: boolean;
  pauseMs: number;
  restartTimer: NodeJS.Timeout | undefined;
  /** Why it was ended, if it was. */
  endedFor: string | undefined;
  /** Told once when another thread has its sessions, or when that cannot be: for whoever has asked for it. */
  restarted: ((restarted: Restarted) => void) | undefined;
  statistics: RuntimeStatistics | undefined;
  /** Told what the next audit of it finds. */
  audited: ((audit: ForwardingAudit | undefined) => void)[];
  /** Told once, when its sockets are open or cannot be opened. */
  opened: ((problem: string | undefined) => void) | undefined;
}

/** Nobody has it yet. */
export function newMember(): InstanceMember {
  return {
    worker: undefined,
    begunAt: never,
    isOpen: false,
    pauseMs: pauseMinMs,
    restartTimer: undefined,
    endedFor: undefined,
    restarted: undefined,
    statistics: undefined,
    audited: [],
    opened: undefined,
  };
}

/** Has what is forwarded compared with its sessions; undefined if it serves nobody, or ends meanwhile. */
export function auditOf(member: InstanceMember): Promise<ForwardingAudit | undefined> {
  const { worker } = member;
  if (worker === undefined || !member.isOpen) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    member.audited.push(resolve);
    worker.post({ kind: 'audit' });
  });
}
