import { checkpoints } from '../../../icsr/catalogue/catalogue.ts';
import { producedHere } from '../../../services/samog/checkpoints/commands.ts';

/** Whether this chassis makes a checkpoint, and when; `missing` says what it would need. */
export type CheckpointProduction = { readonly trigger: string } | { readonly missing: string };

const ready = 'READY_STATE of both session managers, and a refusal of it';

/** Of the framework, and of those whose producer is here and whose subject is not. */
const others: readonly (readonly [name: string, CheckpointProduction])[] = [
  ...[checkpoints.apnIdMapping, checkpoints.serviceIdMapping, checkpoints.vpnmgrIdMapping].map(
    ({ name }) => [name, { trigger: ready }] as const,
  ),
  [checkpoints.instanceLevel.name, { trigger: 'time: the digests of the three maps, told again where they differ' }],
  ['SESS_UCHKPT_CMD_ACS_GX_LI_INFO', { missing: 'ECS' }],
  ['SESS_UCHKPT_CMD_PGW_UPDATE_LI_PARAM', { missing: 'a P-GW' }],
];

/** By the catalogue's names; a checkpoint that is not among them has its producer on no chassis of ours. */
export const productions: ReadonlyMap<string, CheckpointProduction> = new Map([
  ...others,
  ...producedHere.map((production) => [production.name, production] as const),
]);
