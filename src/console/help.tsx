import { Dialog } from './parts/dialog.tsx';
import { pages } from './place.ts';
import { helpShown } from './shortcuts.ts';

/** The keys there are. */
export function Help() {
  if (!helpShown.value) return null;
  const close = () => {
    helpShown.value = false;
  };
  return (
    <Dialog title="Keys" onClose={close}>
      <dl class="keys">
        <dt>
          <kbd>/</kbd>
        </dt>
        <dd>Search for a MAC address, or filter subscribers</dd>
        {pages.map(({ name, title, key }) => (
          <>
            <dt key={name}>
              <kbd>g</kbd> <kbd>{key}</kbd>
            </dt>
            <dd>{title}</dd>
          </>
        ))}
        <dt>
          <kbd>?</kbd>
        </dt>
        <dd>This list</dd>
      </dl>
      <div class="actions">
        <button type="button" onClick={close}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
