import type { ChassisEvent } from '../../services/samog/event-names.ts';
import type { EventKind, EventSeverity } from './event-kind.ts';

function ofChassis(severity: EventSeverity, sentence: string, advice: string): EventKind {
  return { severity, about: 'chassis', sentence, advice };
}

function ofPeer(severity: EventSeverity, sentence: string, advice: string): EventKind {
  return { severity, about: 'peer', sentence, advice };
}

const nothing = 'Nothing: it is as it should be.';

/** What becomes of peers, of the gateway and of its chassis. */
export const chassisKinds: Readonly<Record<ChassisEvent, EventKind>> = {
  'lma-down': ofPeer(
    'warning',
    'An LMA has missed its heartbeats.',
    'Sessions that it anchors stay until their bindings run out. UDP 5436 must be open both ways. The alarm lma-down stands until it answers.',
  ),
  'lma-up': ofPeer('info', 'An LMA answers heartbeats.', nothing),
  'lma-restarted': ofPeer(
    'warning',
    'An LMA has restarted: its sessions are registered there again.',
    'Nothing, if somebody did that on purpose. `show samog-service statistics` counts sessions that it does not take back.',
  ),
  'aaa-server-dead': ofPeer(
    'warning',
    'A RADIUS server does not answer, and is passed over.',
    '*An AAA server is dead* in troubleshooting.md. The alarm aaa-server-dead stands until it answers.',
  ),
  'aaa-server-alive': ofPeer('info', 'A RADIUS server answers again.', nothing),
  'aaa-connection-failed': ofPeer(
    'warning',
    'A connection by TLS to a RADIUS server could not be made or kept; the text has the reason.',
    'Certificates most often: *An AAA server is dead* in troubleshooting.md explains the usual reasons.',
  ),
  'accounting-owed': ofPeer(
    'warning',
    'No server has acknowledged a record of an account for an hour.',
    'Nothing is lost. Look at the accounting port of the server: *Accounting is owed, or dropped* in troubleshooting.md.',
  ),
  'accounting-dropped': ofPeer(
    'warning',
    'The STOP of a session is dropped, because too many are owed already.',
    'Let a server answer, or raise `owed-max`: *Accounting is owed, or dropped* in troubleshooting.md.',
  ),
  'port-shielded': ofChassis(
    'warning',
    'A RADIUS port is flooded: until that is over the kernel refuses whom the text names.',
    'A client in a loop, or an impostor: *A RADIUS port is flooded* in troubleshooting.md.',
  ),
  'port-unshielded': ofChassis(
    'info',
    'A RADIUS port has not been flooded for ten seconds, and takes everything; the text has how much was refused.',
    nothing,
  ),
  'congestion-entered': ofChassis(
    'warning',
    'New UEs are refused, because too many requests or sessions are under way.',
    'Usually AAA is slow or dead: `show mrme-service`. It ends by itself.',
  ),
  'congestion-cleared': ofChassis('info', 'New UEs are served again.', nothing),
  'configuration-committed': ofChassis(
    'info',
    'Another configuration is in force; the text names its number, who has committed it, and the settings.',
    nothing,
  ),
  'configuration-unconfirmed': ofChassis(
    'warning',
    'Another configuration is in force, and goes back by itself unless it is confirmed in time.',
    '`configure confirm` keeps it, `configure cancel` takes it back at once.',
  ),
  'configuration-confirmed': ofChassis('info', 'What was to be confirmed is kept.', nothing),
  'configuration-rolled-back': ofChassis(
    'warning',
    'A commit was taken back: nobody has confirmed it in time, somebody has cancelled it, or the gateway was started again.',
    'It is the candidate of whoever had committed it again: `configure compare`, then `configure commit`.',
  ),
  'configuration-rollback-failing': ofChassis(
    'warning',
    'A commit that nobody has confirmed cannot be taken back yet; the text says why. It is tried again every five seconds.',
    'Usually another program has taken the port that a listener had before.',
  ),
  'configuration-scheduled': ofChassis(
    'info',
    'A commit waits for its time, or was cancelled before; the text says whose, and when it is.',
    'See when it is: `show configuration`. `configure cancel` takes it back.',
  ),
  'configuration-commit-failed': ofChassis(
    'warning',
    'A commit whose time had come was not carried out; the text says why. What was in force is so still.',
    'It is the candidate of whoever had scheduled it: `configure check`, then `configure commit`.',
  ),
  'alarm-raised': ofChassis('warning', 'An alarm stands from now on; the text names it.', 'See the alarm, above.'),
  'alarm-changed': ofChassis('warning', 'An alarm has another severity.', 'See the alarm, above.'),
  'alarm-cleared': ofChassis('info', 'An alarm is over.', nothing),
  'alarm-acknowledged': ofChassis('info', 'Somebody has taken an alarm on; the text says who.', nothing),
  'fast-path-on': ofChassis('info', 'Sessions are forwarded in the kernel.', nothing),
  'fast-path-off': ofChassis(
    'info',
    'The gateway forwards every packet itself; the text says why.',
    '*Sessions are not forwarded in the kernel* in troubleshooting.md has the reasons.',
  ),
  'fast-path-failing': ofChassis(
    'warning',
    'The kernel refused a change of what it forwards.',
    'The next audit makes up for it. If it goes on, report it.',
  ),
  'forwarding-repaired': ofChassis(
    'warning',
    'The audit found that the kernel forwarded otherwise than the sessions say, and repaired it.',
    'Nobody else may write these maps: report it.',
  ),
  'service-ports-missing': ofChassis(
    'warning',
    'Sockets of the service addresses of a pair cannot be opened; the text says which, and why. The others serve.',
    'See the alarm service-ports-missing, above.',
  ),
  'service-ports-open': ofChassis('info', 'Every socket of the service addresses is open after all.', nothing),
  'session-manager-ended': ofChassis(
    'warning',
    'The thread of a session manager has ended; the text says why. Another one takes its place, and the others serve on.',
    'The event session-manager-restarted follows. If the text does not say that an operator did it: always worth a report.',
  ),
  'session-manager-restarted': ofChassis(
    'warning',
    'A session manager was begun anew, after faults or by an operator; its sessions are there again.',
    '`show crash list` has the faults: always worth a report.',
  ),
  'sessions-recovered': ofChassis('info', 'The sessions that were on disk are there again.', nothing),
  'recovery-rows-refused': ofChassis(
    'warning',
    'Some sessions that were on disk are not there again; the text counts the reasons.',
    'They attach anew. `docs/operations/recovery.md` has the reasons.',
  ),
  'recovery-store-set-aside': ofChassis(
    'warning',
    'What was on disk could not be read, was moved aside, and a new store begun.',
    'Its sessions are lost here. Keep the file for a report; look at the disk.',
  ),
  'recovery-write-failing': ofChassis(
    'warning',
    'Sessions cannot be written to disk.',
    'The disk is full or gone; the service goes on. The alarm recovery-failing stands until they are written.',
  ),
  'recovery-writing-again': ofChassis('info', 'Sessions are written to disk again.', nothing),
  'chassis-transition': ofChassis(
    'info',
    'A chassis of a pair went into another state; the text says from which, why and with which term.',
    '`show srp info` has the last ones; `show srp call-loss statistics` what a switchover cost.',
  ),
  'chassis-connection': ofChassis(
    'info',
    'The connection to the peer is there, or gone.',
    'If it comes and goes: `show srp statistics` has what the link refuses, and the stalls.',
  ),
  'chassis-term-raised': ofChassis('info', 'A chassis takes a term that is higher than any it has heard of.', nothing),
  'chassis-lineage-begun': ofChassis('info', 'A chassis begins with sessions of its own.', nothing),
  'chassis-lineage-abandoned': ofChassis(
    'warning',
    'Both chassis served, and this one gives its sessions up for those of the other.',
    'The link between them was cut: *peer-silent* in troubleshooting.md. Its subscribers attach anew.',
  ),
  'chassis-switchover-refused': ofChassis(
    'warning',
    'A planned switchover was refused; the text names the conditions that failed.',
    '`srp validate-switchover` says for each what to do.',
  ),
  'chassis-promotion-stage-failed': ofChassis(
    'warning',
    'A stage of taking the role failed, and the chassis serves all the same.',
    '*promotion-failed* in troubleshooting.md has each stage.',
  ),
  'chassis-state-not-stored': ofChassis(
    'warning',
    'The term of the chassis cannot be written to disk.',
    'The disk is full or gone, or the folder may not be written to. Until then the chassis may not take the role.',
  ),
  'chassis-state-stored': ofChassis('info', 'The term of the chassis is on disk now.', nothing),
  'service-addresses-incomplete': ofChassis(
    'warning',
    'Service addresses could not be taken or given back.',
    '`add: EPERM`: the process needs CAP_NET_ADMIN. `add: ENODEV`: the interface has another name here.',
  ),
  'srp-refused': ofChassis(
    'warning',
    'The link between the chassis refused a connection or a packet; the text has the reason.',
    '`bad-tag`: the shared keys differ. `not-the-peer`: it came from another address. `wrong-peer`: another chassis answers there.',
  ),
  'srp-dial-failed': ofChassis(
    'info',
    'The peer could not be reached.',
    'While the peer is down that is so every few seconds. Otherwise look at the network between them.',
  ),
  'srp-listen-failed': ofChassis(
    'warning',
    'The link between the chassis has no port to listen at.',
    'Something else has it: `ss -ltnp`.',
  ),
  'srp-thread-failed': ofChassis(
    'warning',
    'The thread of the link between the chassis failed.',
    'A fault of the gateway: it is begun anew, and worth a report.',
  ),
};
