import { describe } from 'vitest';
import { requireTool } from '../support/require-tool.ts';
import { handoverSuite } from './handover-suite.ts';
import { endToEndNeeds } from './requirements.ts';

describe.skipIf(!requireTool(...endToEndNeeds()))('handover end to end', () => handoverSuite('off', 'in-process'));
