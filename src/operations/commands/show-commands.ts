import { viewOperation } from '../api/operations.ts';
import { views } from '../views/registry.ts';
import type { View } from '../views/view.ts';
import type { OperatorCommand } from './command.ts';

/** `show …`: a command for each view. */
export const showCommands: readonly OperatorCommand[] = views.map(showCommand);

function showCommand(view: View): OperatorCommand {
  return {
    words: ['show', ...view.words],
    summary: view.summary,
    options: view.options,
    operation: viewOperation(view),
    input: (args) => ({ ok: true, value: { query: args } }),
    render: (data) => view.render(data),
  };
}
