/** What a WLC's accounting says right before the role moves. */
import { describe, expect, it } from 'vitest';
import { AccountingNas } from '../../src/peers/accounting-nas.ts';
import type { SamogConfig } from '../../src/services/samog/config.ts';
import type { LiveSession } from '../../src/services/samog/session/state.ts';
import { utf8Encode } from '../../src/wire/bytes/text.ts';
import { radiusCode } from '../../src/wire/radius/constants.ts';
import { address, radiusConfigOf } from '../scenarios/memory-world.ts';
import { testDigests } from '../support/digests.ts';
import { PairWorld } from './pair-world.ts';

const handoffMs = 10_000;
const endings = ['killed', 'switched over'] as const;

/** A UE at WLC 1, which has said START, and the accounting of both WLCs. */
class Accounted {
  readonly pair: PairWorld;
  readonly nas1: AccountingNas;
  readonly nas2: AccountingNas;

  constructor(config: SamogConfig = radiusConfigOf()) {
    this.pair = PairWorld.attached('wlc1', config);
    this.nas1 = this.#nasAt('wlc1');
    this.nas2 = this.#nasAt('wlc2');
    this.say(this.nas1, 'start', 'a1');
    expect(this.nas1.answered).toHaveLength(1);
  }

  get durable(): LiveSession['durable'] | undefined {
    const { session } = this.pair;
    return session?.kind === 'Live' ? session.durable : undefined;
  }

  say(nas: AccountingNas, status: 'start' | 'stop', acctSessionId: string): void {
    const { world } = this.pair;
    nas.say(status, { mac: world.ue.mac, acctSessionId, framedIpAddress: world.ue.address });
    world.run(20);
  }

  end(how: (typeof endings)[number]): void {
    const { pair } = this;
    if (how === 'killed') pair.kill(pair.a);
    else pair.switchOver();
    pair.world.run(3000);
    expect(pair.active).toBe(pair.b);
  }

  #nasAt(name: 'wlc1' | 'wlc2'): AccountingNas {
    const { world } = this.pair;
    const options = {
      name,
      address: address[name],
      gateway: address.access,
      secret: utf8Encode('a secret of the WLCs'),
    };
    const nas = new AccountingNas(options, world, testDigests);
    world.listen(address[name], nas.port, (datagram) => nas.receive(datagram));
    return nas;
  }
}

describe('right after a STOP', () => {
  it.each(endings)('the active is %s: a START in time keeps the session', (how) => {
    const at = new Accounted();
    const { id, addresses } = at.durable!;
    at.say(at.nas1, 'stop', 'a1');
    at.end(how);
    expect(at.durable).toMatchObject({ id, addresses, handoff: { until: expect.any(Number) } });
    at.say(at.nas2, 'start', 'b1');
    at.pair.world.run(handoffMs);
    expect(at.durable).toMatchObject({ id, handoff: undefined, wlc: { nas: address.wlc2 } });
  });

  it.each(endings)('the active is %s: without a START it ends when it was to end', (how) => {
    const at = new Accounted();
    const { world } = at.pair;
    const stoppedAt = world.now;
    at.say(at.nas1, 'stop', 'a1');
    world.run(4000);
    at.end(how);
    world.run(stoppedAt + handoffMs - 100 - world.now);
    expect(at.durable).toBeDefined();
    world.run(300);
    expect(at.durable).toBeUndefined();
  });
});

describe('a START that its STOP has overtaken', () => {
  it.each(endings)('begins nothing, and keeps nothing, if the active is %s meanwhile', (how) => {
    const at = new Accounted();
    const { world } = at.pair;
    at.say(at.nas1, 'stop', 'a1');
    at.end(how);
    at.say(at.nas1, 'start', 'a1');
    expect(at.nas1.answered).toHaveLength(3);
    world.run(handoffMs);
    expect(at.durable).toBeUndefined();
  });

  it('is known to a standby that came after the STOP', () => {
    const at = new Accounted();
    at.say(at.nas1, 'stop', 'a1');
    const { pair } = at;
    at.end('killed');
    pair.restart(pair.a);
    pair.world.run(3000);
    pair.switchOver();
    pair.world.run(1000);
    expect(pair.active).toBe(pair.a);
    expect(at.durable).toMatchObject({ handoff: expect.anything() });
    at.say(at.nas1, 'start', 'a1');
    pair.world.run(handoffMs);
    expect(at.durable).toBeUndefined();
  });
});

describe('right after an authentication in handoff', () => {
  it.each(endings)('the active is %s: the START that follows completes it without another', (how) => {
    const at = new Accounted();
    const { world } = at.pair;
    const { id, addresses } = at.durable!;
    at.say(at.nas1, 'stop', 'a1');
    let isAccepted = false;
    const { nas } = world.wlc2;
    nas!.authenticate(world.ue.mac, 'me', ({ kind }) => (isAccepted = kind === 'accepted'), world.now);
    for (let ms = 0; ms < 2000 && !isAccepted; ms += 1) world.run(1);
    expect(isAccepted).toBe(true);
    expect(at.durable).toMatchObject({ handoff: expect.anything(), radius: { nas: address.wlc2, userName: 'me' } });
    at.end(how);
    expect(at.durable).toMatchObject({ id, addresses, radius: { nas: address.wlc2, userName: 'me' } });
    let asked = 0;
    at.pair.drops = ({ destination, bytes }) => {
      if (destination === address.aaa && bytes[0] === radiusCode.accessRequest) asked += 1;
      return false;
    };
    at.say(at.nas2, 'start', 'b1');
    world.run(handoffMs);
    expect(at.durable).toMatchObject({ id, addresses, handoff: undefined, wlc: { nas: address.wlc2 } });
    expect(asked).toBe(0);
  });
});
