import { formatPrefix } from '../../kernel/address.ts';
import type { TwanProfile } from '../../services/samog/config.ts';
import { fieldLines } from './format.ts';
import { shown, type View } from './view.ts';

export interface TwanProfileData {
  readonly profiles: readonly {
    readonly name: string;
    readonly accessType: string;
    readonly sessionTrigger: string;
    readonly clients: readonly string[];
    /** Who of them speaks RADIUS to the gateway. */
    readonly radiusClients: readonly string[];
    /** Whether it is associated with the MRME service; clients of one that is not are unknown. */
    readonly associated: boolean;
  }[];
  /** Whether PMIPv6 sessions get the UE-MAC flow that lets them move to EoGRE. */
  readonly eogreFlowsInstalled: boolean;
}

export const twanProfile: View<TwanProfileData> = {
  words: ['twan-profile'],
  summary: 'TWAN profiles: which access nodes speak what',
  role: 'view',
  options: [],
  build: ({ config, manager }) => {
    const associated = new Set(manager.profiles.profiles.map(({ name }) => name));
    const profiles = config.twanProfiles.map(({ name, accessType, sessionTrigger, clients, radius }: TwanProfile) => ({
      name,
      accessType,
      sessionTrigger,
      clients: clients.map(formatPrefix),
      radiusClients: (radius?.clients ?? []).map(({ address }) => formatPrefix(address)),
      associated: associated.has(name),
    }));
    return shown({ profiles, eogreFlowsInstalled: manager.profiles.hasDhcpTrigger });
  },
  render: ({ profiles, eogreFlowsInstalled }) => [
    ...profiles.flatMap((profile) => [
      `TWAN Profile Name: ${profile.name}`,
      ...fieldLines([
        ['Access Type', profile.accessType],
        ['Session Trigger', profile.sessionTrigger],
        ['Associated with MRME Service', profile.associated ? 'yes' : 'no'],
        ...profile.clients.map((client): [string, string] => ['Client', client]),
        ...profile.radiusClients.map((client): [string, string] => ['RADIUS Client', client]),
      ]),
    ]),
    eogreFlowsInstalled
      ? 'EoGRE flows: installed at PMIPv6 session setup, because a profile with trigger dhcp is associated'
      : 'EoGRE flows: not installed, because no profile with trigger dhcp is associated; PMIP to EoGRE handovers are denied',
  ],
};
