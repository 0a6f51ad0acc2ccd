import type { Lab } from '../lab.ts';
import type { Scenario } from '../scenario.ts';
import type { ExpectedStep } from '../step-watcher.ts';
import { dataBothWays, decided, established, message, moves, pbaTo, switched, withSessionAddress } from './expected.ts';

/** Of the method that the lab's UEs and AAA server speak. */
const eapRounds = 3;

function steps(lab: Lab): readonly ExpectedStep[] {
  const toWlc = (what: string) => message('samog', what, 'access', 'wlc1');
  return [
    {
      number: 1,
      text: 'the WLC sends an Access-Request with the UE’s identity',
      seenBy: message('access', 'Access-Request', 'samog', 'wlc1'),
    },
    { number: 2, text: 'SaMOG relays it to the AAA server', seenBy: message('samog', 'Access-Request', 'aaa') },
    { number: 3, text: 'the AAA server asks the UE', seenBy: message('aaa', 'Access-Challenge', 'samog') },
    { number: 4, text: 'SaMOG relays the question to the WLC', seenBy: toWlc('Access-Challenge') },
    { number: 5, text: 'after all rounds the AAA server accepts', seenBy: message('aaa', 'Access-Accept', 'samog') },
    { number: 6, text: 'SaMOG registers the UE with the LMA first', seenBy: message('samog', 'PBU', 'lma') },
    { number: 7, text: 'the LMA gives an address', seenBy: message('lma', 'PBA', 'samog') },
    { number: 8, text: 'the session is up', seenBy: established(lab, 'pmipv6', { eogreFlow: true }) },
    { number: 9, text: 'SaMOG lets the Access-Accept go to the WLC', seenBy: toWlc('Access-Accept') },
    { number: 10, text: 'the WLC sends its PBU', seenBy: message('access', 'PBU', 'samog', 'wlc1') },
    {
      number: 11,
      text: 'SaMOG answers with the session’s address',
      seenBy: withSessionAddress(lab, pbaTo('wlc1', 0)),
    },
    { number: 12, text: 'data flows both ways through the WLC', seenBy: dataBothWays('wlc1'), after: 11 },
    {
      number: 13,
      text: 'the WLC has the UE authenticated again: the session goes on',
      seenBy: decided('session-reauthenticated'),
      after: 12,
    },
    { number: 14, text: 'SaMOG lets the second Access-Accept go', seenBy: toWlc('Access-Accept'), after: 13 },
    { number: 15, text: 'the UE moves to an RG that speaks EoGRE', seenBy: moves('rg1') },
    { number: 16, text: 'SaMOG switches the path to the EoGRE tunnel', seenBy: switched(lab, 'dhcp') },
    { number: 17, text: 'data flows both ways through the RG', seenBy: dataBothWays('rg1'), after: 16 },
  ];
}

export const radiusAttach: Scenario = {
  name: 'radius-attach',
  title: 'EAP through SaMOG to the AAA server, then PMIPv6; authenticated again under traffic; on to an RG',
  lab: { radiusTrigger: true },
  steps,
  play: async (stage) => {
    const { lab, ue } = stage;
    lab.aaa.eap!.rounds = eapRounds;
    await stage.attach(lab.wlc1);
    await stage.measureTraffic(60);
    const before = stage.session();
    const nas = lab.wlc1.nas!;
    let keysAgree = false;
    stage.tell((at) =>
      nas.authenticate(
        ue.mac,
        'the same as before',
        (outcome) => {
          keysAgree = outcome.kind === 'accepted' && outcome.keysAgree;
        },
        at,
      ),
    );
    await stage.until(() => stage.watcher.hasSeen(14), 'the second Access-Accept');
    await stage.until(() => keysAgree, 'the keys of the second authentication');
    await stage.measureTraffic(60);
    const after = stage.session();
    stage.expect(
      before?.kind === 'Live' && after?.kind === 'Live' && before.durable.id === after.durable.id,
      'the session is another',
    );
    stage.expect(lab.wlc1.counters.get('access.accepted') === 1, 'the UE and the WLC have different keys');
    stage.expect(
      stage.counter('access-radius.challenge.sent') === 2 * eapRounds,
      'a challenge was lost, or sent twice',
    );
    await stage.handover(lab.rg1, 'dhcp-discover');
  },
};
