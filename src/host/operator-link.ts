import type { SrpMessage } from '../wire/srp/messages.ts';
import type { LogInTickets } from './access/log-in-tickets.ts';
import type { LogInsElsewhere } from './access/sessions.ts';
import type { AlarmWatch } from './alarms/alarm-watch.ts';
import type { ManagementAccess } from './management/access.ts';
import type { LinkUser } from './srp/srp-link.ts';

/**
 * What operators do at one chassis of a pair and is to hold at the other: who has taken an alarm on, and that somebody has logged
 * out. It goes beside all that concerns sessions, and nothing of those waits for it. A peer of an earlier release passes it over.
 */
export class OperatorLink {
  readonly #tickets: LogInTickets;
  readonly #send: (message: SrpMessage) => void;
  #alarms: Pick<AlarmWatch, 'share' | 'heard'> | undefined;
  #logIns: LogInsElsewhere | undefined;

  /** @param send to the peer; without a connection what is sent is lost, and told again when there is one */
  constructor(tickets: LogInTickets, send: (message: SrpMessage) => void) {
    this.#tickets = tickets;
    this.#send = send;
  }

  /** Acknowledgements of this chassis go to the peer, and the peer's to it. */
  joinAlarms(alarms: AlarmWatch): void {
    this.#alarms = alarms;
    alarms.shareWith((taken) => this.#send({ kind: 'acknowledgements', taken }));
  }

  /** Whoever is logged in here goes on there with a ticket, and whoever logs out here is logged out there. */
  joinLogIns(access: Pick<ManagementAccess, 'sessions' | 'tickets'>): void {
    access.tickets = this.#tickets;
    this.#logIns = access.sessions;
    access.sessions.onEnd((logIns) => this.#send({ kind: 'logOut', logIns }));
  }

  /** The user of a link, for which what is said here is taken out of what it hears. */
  before(user: LinkUser): LinkUser {
    return {
      linkUp: (version, at) => {
        user.linkUp(version, at);
        this.#alarms?.share();
        this.#logIns?.tellEnded();
      },
      linkHeard: (envelope, at) => {
        const { message } = envelope;
        if (message.kind === 'acknowledgements') this.#alarms?.heard(message.taken);
        else if (message.kind === 'logOut') this.#logIns?.ended(message.logIns);
        else user.linkHeard(envelope, at);
      },
      linkDown: (reason, at) => user.linkDown(reason, at),
      stalled: (forMs, at) => user.stalled(forMs, at),
    };
  }
}
