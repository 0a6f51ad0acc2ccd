import { viewOperation } from '../api/operations.ts';
import { views } from '../views/registry.ts';
import type { View, ViewOption } from '../views/view.ts';
import type { OperatorCommand } from './command.ts';

/** Of the terminal, not of the answer: whoever prints it sees to it. */
const wide: ViewOption = { name: 'wide', description: 'lines as long as they are, on a narrow terminal, too' };

/** `show …`: a command for each view. */
export const showCommands: readonly OperatorCommand[] = views.map(showCommand);

function showCommand(view: View): OperatorCommand {
  return {
    words: ['show', ...view.words],
    summary: view.summary,
    options: [...view.options, wide],
    operation: viewOperation(view),
    input: ({ wide: _, ...query }) => ({ ok: true, value: { query } }),
    render: (data) => view.render(data),
  };
}
