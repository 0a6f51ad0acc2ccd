import { useState } from 'preact/hooks';
import type { SubscriberExplanation } from '../../operations/explain/explain-subscriber.ts';
import type { EventsData } from '../../operations/views/events.ts';
import { durationText } from '../../operations/views/format.ts';
import type { LadderData } from '../../operations/views/ladder.ts';
import type { SubscriberDetail } from '../../operations/views/subscriber.ts';
import type { SubscribersData } from '../../operations/views/subscribers.ts';
import { holdsRole, post } from '../api.ts';
import { countText, timeText } from '../format.ts';
import { Badge, Command, Empty, Panel, Problem } from '../parts/basics.tsx';
import { CaptureButton } from '../parts/capture.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { LadderDrawing } from '../parts/ladder.tsx';
import { SubscriberFields } from '../parts/subscriber-fields.tsx';
import { Tunnels } from '../parts/tunnels.tsx';
import { goTo, place, subscriberLink } from '../place.ts';
import { usePolled } from '../poll.ts';

const detailMs = 2000;
const ladderMs = 1000;

/** One subscriber, whose MAC address is in the address of the page; without it, those looked at lately. */
export function SubscriberPage() {
  const mac = place.value.query['mac'];
  return mac === undefined ? <Lately /> : <OneSubscriber key={mac} mac={mac} />;
}

/** Whom to look at: those of whom something was heard last. */
function Lately() {
  const events = usePolled<EventsData>('/v1/show/events', { limit: '200' }, detailMs);
  const seen = new Map<string, string>();
  for (const { mac, text, time } of events.data?.events ?? []) {
    if (mac !== null) {
      seen.delete(mac);
      seen.set(mac, `${timeText(time)} ${text}`);
    }
  }
  const latest = [...seen].reverse().slice(0, 20);
  const find = (event: Event) => {
    event.preventDefault();
    const mac = String(new FormData(event.currentTarget as HTMLFormElement).get('mac') ?? '').trim();
    if (mac !== '') goTo('subscriber', { mac });
  };
  return (
    <>
      <form class="filter" onSubmit={find}>
        <label>
          MAC address, in any usual writing
          <input name="mac" placeholder="02:00:5e:11:22:33" autocomplete="off" spellcheck={false} />
        </label>
        <button type="submit">Show</button>
      </form>
      <Panel title="Of whom something was heard last">
        <Problem of={events} />
        {latest.length === 0 ? (
          <Empty what="Nobody." next="They appear here with their first message." />
        ) : (
          <ul class="plain">
            {latest.map(([mac, text]) => (
              <li key={mac}>
                <a href={subscriberLink(mac)}>{mac}</a> <span class="quiet">{text}</span>
              </li>
            ))}
          </ul>
        )}
      </Panel>
    </>
  );
}

function OneSubscriber({ mac }: { mac: string }) {
  const found = usePolled<SubscribersData>('/v1/show/subscribers/samog-only', { mac, full: '' }, detailMs);
  const explanation = usePolled<SubscriberExplanation>('/v1/explain/subscriber', { mac }, detailMs);
  const ladder = usePolled<LadderData>('/v1/show/ladder', { mac, limit: '200' }, ladderMs);
  const gone = found.problem?.kind === 'refused' && found.problem.refusal.code === 'not-found';
  const detail = gone ? undefined : (found.data?.subscribers?.[0] as SubscriberDetail | undefined);
  return (
    <>
      <div class="row">
        <p class="who">
          <strong>{detail?.mac ?? mac}</strong>{' '}
          {detail === undefined ? null : (
            <Badge verdict={detail.state === 'Established' ? 'good' : 'warning'}>{detail.state}</Badge>
          )}
          {gone && <Badge verdict="unknown">no session</Badge>}
        </p>
        <div class="actions">
          <Command text={`explain subscriber ${mac}`} />
          <CaptureButton mac={mac} />
          {detail !== undefined && <EndSession mac={detail.mac} />}
        </div>
      </div>
      {!gone && detail === undefined && <Problem of={found} />}
      <Panel title="What is so, and why" wide>
        <Problem of={explanation} />
        {explanation.data !== undefined && <Explained of={explanation.data} />}
      </Panel>
      <Panel title="Ladder" wide>
        <Problem of={ladder} />
        {ladder.data !== undefined && <LadderDrawing data={ladder.data} />}
      </Panel>
      {detail !== undefined && <SubscriberFields of={detail} />}
      {detail !== undefined && (
        <Panel title="Do long packets get through?" wide>
          <p class="quiet">
            Connections that open and then wait for ever are packets that get lost for their length. What swallows them
            without a word is found by a check alone.
          </p>
          <Tunnels peers={peersOf(detail)} />
        </Panel>
      )}
      <Panel title="Timeline" wide>
        {explanation.data === undefined ? <Empty what="Asking the gateway …" /> : <Timeline of={explanation.data} />}
      </Panel>
    </>
  );
}

/** The other ends of its tunnels. */
function peersOf({ accessPeer, s2a }: SubscriberDetail): string[] {
  return [accessPeer, s2a?.lma].filter((peer) => peer !== null && peer !== undefined);
}

function Explained({ of: { findings, advice } }: { of: SubscriberExplanation }) {
  return (
    <>
      {findings.map((finding) => (
        <p key={finding}>{finding}</p>
      ))}
      {advice.length > 0 && (
        <div class="note">
          <b>What to do</b>
          {advice.map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
        </div>
      )}
    </>
  );
}

const arrows: Readonly<Record<string, string>> = { received: '←', sent: '→', internal: '◆' };

/** The same events as the ladder's, in words. */
function Timeline({ of: { events } }: { of: SubscriberExplanation }) {
  if (events.length === 0)
    return <Empty what="No event of it is remembered." next="The gateway remembers the last 4,096." />;
  return (
    <ol class="timeline">
      {events.toReversed().map(({ time, ageSeconds, direction, party, peer, text, meaning }, index) => (
        <li key={`${time} ${text} ${events.length - index}`}>
          <time dateTime={time ?? ''} title={time ?? ''}>
            {timeText(time)}
          </time>{' '}
          <span class="quiet">{ageSeconds === null ? '' : `${durationText(ageSeconds)} ago`}</span>
          <br />
          {arrows[direction]} {direction === 'internal' ? '' : `${party} ${peer ?? ''}: `}
          {text}
          {meaning === null ? null : <span class="meaning"> {meaning}</span>}
        </li>
      ))}
    </ol>
  );
}

/** Ends its session, when whoever asks for it has been asked. */
function EndSession({ mac }: { mac: string }) {
  const [open, setOpen] = useState(false);
  const [outcome, setOutcome] = useState<string>();
  if (!holdsRole('operate')) return null;
  const end = async () => {
    const answer = await post<{ cleared: number }>('/v1/clear/subscribers', { mac });
    if (answer.kind === 'data') setOpen(false);
    setOutcome(
      answer.kind === 'data'
        ? `${countText(answer.data.cleared)} session is ended.`
        : answer.kind === 'refused'
          ? `${answer.refusal.what}. ${answer.refusal.hint}.`
          : 'The gateway does not answer.',
    );
  };
  return (
    <>
      <span role="status">{outcome}</span>
      <button type="button" onClick={() => setOpen(true)}>
        End the session …
      </button>
      {open && (
        <Dialog title="End the session" onClose={() => setOpen(false)}>
          <p>
            The session of <strong>{mac}</strong> is ended at the access node, at AAA and at the LMA. The subscriber can
            attach anew at once.
          </p>
          <div class="actions">
            <button type="button" onClick={() => setOpen(false)}>
              Cancel
            </button>
            <button type="button" class="danger" onClick={() => void end()}>
              End it
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}
