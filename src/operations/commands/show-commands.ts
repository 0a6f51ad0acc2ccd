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
    request: (args) => ({
      ok: true,
      value: { method: 'GET', path: `/v1/show/${view.words.join('/')}`, query: args },
    }),
    render: (data) => view.render(data),
  };
}
