import { describe } from 'vitest';
import { fastPathNeeds } from '../fast-path/requirements.ts';
import { requireTool } from '../support/require-tool.ts';
import { handoverSuite } from './handover-suite.ts';
import { endToEndNeeds } from './requirements.ts';

const possible = requireTool(...endToEndNeeds()) && requireTool(...fastPathNeeds());

describe.skipIf(!possible)('handover end to end, forwarded in the kernel', () => handoverSuite('native', 'in-process'));
