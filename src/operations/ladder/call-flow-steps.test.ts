import { describe, expect, it } from 'vitest';
import { parseMac } from '../../kernel/address.ts';
import type { EventName } from '../../services/samog/event-names.ts';
import type { SamogEvent } from '../../services/samog/events.ts';
import type { LoggedEvent } from '../logged-event.ts';
import { callFlowSteps } from './call-flow-steps.ts';

const ue = parseMac('02:00:5e:11:22:33')!;
const other = parseMac('02:00:5e:11:22:90')!;

function partyOf(name: EventName): SamogEvent['party'] {
  if (name.startsWith('dhcp')) return 'rg';
  if (name.startsWith('access-')) return 'aaa';
  return name.endsWith('-received') || name.endsWith('-sent') ? 'wlc' : 'samog';
}

/** One step of a flow: an event's name, what it says if that matters, and the step that it is expected to be. */
type Line = readonly [name: EventName, step: string, text?: string];

function logged([name, , text = name]: Line, number: number, mac = ue): LoggedEvent {
  const direction = name.endsWith('-received') ? 'received' : name.endsWith('-sent') ? 'sent' : 'internal';
  return {
    ...{ number, at: number, text },
    event: { name, mac, sessionId: 1, peer: undefined, party: partyOf(name), direction },
  };
}

const texts = (logs: readonly LoggedEvent[]): string[] =>
  callFlowSteps(logs).map((step) => (step === undefined ? '' : `${step.table}.${step.number}`));

const toEogre = 'handover pmip-to-eogre accepted';
const toPmip = 'handover eogre-to-pmip accepted';

function attachByPbu(step: string): Line[] {
  return [
    ['proxyBindingUpdate-received', ''],
    ['session-attempted', ''],
    ['access-request-sent', ''],
    ['session-established', step],
    ['proxyBindingAcknowledgement-sent', ''],
  ];
}

function cleanup(table: number, first: number): Line[] {
  return [
    ['bindingRevocationIndication-sent', `${table}.${first}`],
    ['bindingRevocationIndication-sent', `${table}.${first}`],
    ['bindingRevocationAcknowledgement-received', `${table}.${first + 1}`],
    ['access-session-cleaned', `${table}.${first + 2}`],
  ];
}

const flows: Readonly<Record<string, readonly Line[]>> = {
  'PMIPv6 to EoGRE by DHCPDISCOVER, and a renewal later': [
    ...attachByPbu('1.1'),
    ['dhcp-discover-received', '1.4'],
    ['handover-accepted', '1.5', toEogre],
    ['path-switched', '1.5'],
    ['dhcp-offer-sent', '1.6'],
    ['dhcp-request-received', '1.8'],
    ['dhcp-ack-sent', '1.9'],
    ...cleanup(1, 11),
    ['dhcp-request-received', ''],
    ['dhcp-ack-sent', ''],
  ],
  'PMIPv6 to EoGRE by DHCPREQUEST': [
    ...attachByPbu('1.1'),
    ['dhcp-request-received', '1.4'],
    ['handover-accepted', '1.5', toEogre],
    ['path-switched', '1.5'],
    ['dhcp-ack-sent', '1.9'],
    ...cleanup(1, 11),
  ],
  'PMIPv6 to EoGRE by data': [
    ...attachByPbu('2.1'),
    ['handover-accepted', '2.5', toEogre],
    ['path-switched', '2.5'],
    ...cleanup(2, 7),
  ],
  'EoGRE to PMIPv6, and back by data before the first revocation is over': [
    ['dhcp-discover-received', ''],
    ['session-established', '3.1'],
    ['dhcp-offer-sent', ''],
    ['dhcp-request-received', ''],
    ['dhcp-ack-sent', ''],
    ['proxyBindingUpdate-received', '3.3'],
    ['handover-accepted', '3.4', toPmip],
    ['path-switched', '3.4'],
    ['proxyBindingAcknowledgement-sent', '3.5'],
    ['proxyBindingUpdate-received', ''],
    ['proxyBindingAcknowledgement-sent', ''],
    ['handover-accepted', '2.5', toEogre],
    ['path-switched', '2.5'],
    ['bindingRevocationIndication-sent', '2.7'],
    ['proxyBindingUpdate-received', '3.3'],
    ['handover-accepted', '3.4', toPmip],
    ['path-switched', '3.4'],
    ['bindingRevocationAcknowledgement-received', '2.8'],
    ['proxyBindingAcknowledgement-sent', '3.5'],
    ['access-session-cleaned', '2.9'],
  ],
  'handovers without a table, refusals, and a session that ends': [
    ['session-established', ''],
    ['dhcp-discover-received', ''],
    ['handover-accepted', '', 'handover dhcp-to-dhcp accepted'],
    ['path-switched', ''],
    ['dhcp-offer-sent', ''],
    ['dhcp-request-received', ''],
    ['handover-denied', ''],
    ['session-ended', ''],
    ['path-switched', ''],
    ['bindingRevocationIndication-sent', ''],
  ],
};

describe('the steps of the call flows', () => {
  it.each(Object.entries(flows))('are told of %s', (_, lines) => {
    expect(texts(lines.map((line, index) => logged(line, index)))).toEqual(lines.map(([, step]) => step));
  });

  it('are told of each subscriber for itself', () => {
    const lines = flows['PMIPv6 to EoGRE by DHCPDISCOVER, and a renewal later']!;
    const both = lines.flatMap((line, index) => [logged(line, 2 * index), logged(line, 2 * index + 1, other)]);
    expect(texts(both)).toEqual(lines.flatMap(([, step]) => [step, step]));
  });

  it('are told of what is left when the beginning is forgotten', () => {
    const lines = flows['PMIPv6 to EoGRE by data']!.slice(6);
    expect(texts(lines.map((line, index) => logged(line, index)))).toEqual(lines.map(() => ''));
  });
});
