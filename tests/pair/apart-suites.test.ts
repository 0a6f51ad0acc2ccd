/** What holds of a pair holds as well where its instances are apart from their chassis, with every message between them cloned. */
import { PairWorld } from './pair-world.ts';

PairWorld.placement = 'apart';
await import('./dynamic-authorization.test.ts');
await import('./failover.test.ts');
await import('./hostile-peer.test.ts');
await import('./intercept.test.ts');
await import('./journal.test.ts');
await import('./lineage.test.ts');
await import('./pair-faults.test.ts');
await import('./planned-switchover.test.ts');
await import('./radius.test.ts');
await import('./service-accounting.test.ts');
