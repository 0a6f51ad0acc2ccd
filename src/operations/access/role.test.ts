import { describe, expect, it } from 'vitest';
import { holds, mayKnow, type NeededRole, type Role, roles, rolesOf } from './role.ts';

describe('roles', () => {
  it.each<[Role, Role[]]>([
    ['view', ['view']],
    ['operate', ['view', 'operate']],
    ['configure', ['view', 'operate', 'configure']],
    ['intercept', ['intercept']],
  ])('%s includes %j', (granted, all) => {
    expect(rolesOf([granted])).toEqual(all);
    for (const needed of roles) expect(holds({ roles: [granted] }, needed)).toBe(all.includes(needed));
  });

  it('nobody but its holder knows of what belongs to intercept', () => {
    const known = (granted: readonly Role[]) =>
      (['any', ...roles] as NeededRole[]).filter((needed) => mayKnow({ roles: granted }, needed));
    expect(known(['configure'])).toEqual(['any', 'view', 'operate', 'configure']);
    expect(known([])).toEqual(['any', 'view', 'operate', 'configure']);
    expect(known(['intercept'])).toContain('intercept');
  });

  it('being known is enough for what anybody may do', () => {
    expect(holds({ roles: [] }, 'any')).toBe(true);
    expect(holds({ roles: [] }, 'view')).toBe(false);
  });
});
