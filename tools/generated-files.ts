import { configReference } from '../src/operations/config/reference.ts';
import { mibText } from '../src/operations/snmp/mib-text.ts';
import { apiPage, openApiText } from './api-reference.ts';
import { apiTypes } from './api-types.ts';
import { chassisStateTable } from './chassis-table.ts';
import { checkpointReference } from './checkpoint-reference.ts';
import { conformancePages } from './conformance.ts';
import { counterReference } from './counter-reference.ts';
import { counterSentencesSource } from './counter-sentences-source.ts';
import { dashboardFiles } from './dashboards.ts';
import { eventReference } from './event-reference.ts';
import type { GeneratedFile } from './generated-file.ts';
import { metricReference } from './metric-reference.ts';
import { sessionStateTable } from './state-tables.ts';

/** Every generated file: add yours here, and `npm run generate`, `--check` and the test know of it. */
export const generatedFiles: readonly GeneratedFile[] = [
  { file: 'docs/reference/configuration.md', render: configReference },
  { file: 'docs/state-machines/session.md', render: sessionStateTable },
  { file: 'docs/state-machines/chassis.md', render: chassisStateTable },
  { file: 'docs/reference/checkpoints.md', render: checkpointReference },
  { file: 'docs/operations/counters.md', render: counterReference },
  { file: 'src/operations/metrics/counter-sentences.ts', render: counterSentencesSource },
  { file: 'docs/reference/metrics.md', render: metricReference },
  { file: 'docs/reference/events.md', render: eventReference },
  { file: 'docs/reference/openapi.json', render: openApiText },
  { file: 'docs/reference/api.html', render: apiPage },
  { file: 'docs/reference/api.d.ts', render: apiTypes },
  { file: 'deploy/snmp/SAMOG-MIB.txt', render: mibText },
  ...dashboardFiles(),
  ...conformancePages(),
];
