import { acctTerminateCause } from '../../wire/radius/constants.ts';
import type { Lab } from '../lab.ts';
import type { Scenario } from '../scenario.ts';
import type { ExpectedStep } from '../step-watcher.ts';
import { bookedAccount, expectOneAccount } from './booked-account.ts';
import { dataBothWays, decided, established, message, recordAnswered, recordFrom } from './expected.ts';

function steps(lab: Lab): readonly ExpectedStep[] {
  return [
    { number: 1, text: 'the session is up', seenBy: established(lab, 'pmipv6', { eogreFlow: true }) },
    // Before the session there is the Accounting-On of the gateway itself.
    {
      number: 2,
      text: 'SaMOG begins its account at AAA',
      seenBy: message('samog', 'Accounting-Request', 'aaa'),
      after: 1,
    },
    { number: 3, text: 'WLC 1 starts the session in its accounting', seenBy: recordFrom('wlc1'), after: 1 },
    { number: 4, text: 'SaMOG has it, and answers', seenBy: recordAnswered('wlc1'), after: 3 },
    { number: 5, text: 'WLC 1 stops it', seenBy: recordFrom('wlc1'), after: 4 },
    { number: 6, text: 'the session waits for another START', seenBy: decided('handoff-waiting'), after: 4 },
    { number: 7, text: 'data flows both ways meanwhile', seenBy: dataBothWays('wlc1'), after: 6 },
    { number: 8, text: 'WLC 2 starts it', seenBy: recordFrom('wlc2'), after: 6 },
    { number: 9, text: 'the session goes on', seenBy: decided('handoff-completed'), after: 6 },
    { number: 10, text: 'SaMOG answers WLC 2', seenBy: recordAnswered('wlc2'), after: 9 },
    { number: 11, text: 'WLC 2 stops it, and nobody starts it', seenBy: decided('handoff-waiting'), after: 9 },
    { number: 12, text: 'the session ends', seenBy: decided('session-ended'), after: 11 },
    {
      number: 13,
      text: 'SaMOG ends its account at AAA',
      seenBy: message('samog', 'Accounting-Request', 'aaa'),
      after: 12,
    },
  ];
}

export const accountingHandoff: Scenario = {
  name: 'accounting-handoff',
  title: 'a WLC stops a session and another starts it in time: one session, one account, to the octet',
  lab: { accounting: true },
  steps,
  play: async (stage) => {
    const { lab, ue } = stage;
    const { nas1, nas2 } = lab;
    await stage.attach(lab.wlc1);
    const session = stage.session();
    if (session?.kind !== 'Live') throw new Error('there is no session');
    const booked = () => bookedAccount(stage, session.durable);
    const of = (acctSessionId: string) => ({ mac: ue.mac, acctSessionId, framedIpAddress: ue.address });
    await stage.until(() => booked() !== undefined, 'the START at AAA');
    stage.tell(() => nas1.say('start', of('a1')));
    await stage.until(() => nas1.answered.length === 1, 'the answer to the START');
    await stage.measureTraffic(60);
    stage.tell(() => nas1.say('stop', { ...of('a1'), cause: acctTerminateCause.lostCarrier }));
    await stage.until(() => nas1.answered.length === 2, 'the answer to the STOP');
    await stage.measureTraffic(60);
    stage.tell(() => nas2.say('start', of('b1')));
    await stage.until(() => nas2.answered.length === 1, 'the answer to the START of the other WLC');
    // Longer than the first STOP would have let the session stand.
    await stage.pause(2500);
    const after = stage.session();
    stage.expect(after?.kind === 'Live' && after.durable.id === session.durable.id, 'the session is another');
    stage.stopTraffic();
    let usage = lab.gateway.manager.flows.usage(session.durable.id);
    stage.tell(() => nas2.say('stop', { ...of('b1'), cause: acctTerminateCause.userRequest }));
    // A packet may be late on a busy machine: what counts is what was forwarded until the session ended.
    const isOver = () => {
      usage = lab.gateway.manager.flows.usage(session.durable.id) ?? usage;
      return booked()?.hasStopped === true;
    };
    await stage.until(isOver, 'the STOP at AAA', 10_000);
    const entry = booked();
    expectOneAccount(stage, entry, acctTerminateCause.userRequest, usage);
    stage.figures['inputOctets'] = entry?.inputOctets ?? 0;
    stage.figures['outputOctets'] = entry?.outputOctets ?? 0;
    stage.figures['records'] = entry?.records ?? 0;
  },
};
