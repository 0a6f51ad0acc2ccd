import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/** A dialog over the page. Escape closes it, and the focus goes back to where it was: the browser sees to both. */
export function Dialog({
  title,
  onClose,
  children,
}: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const shown = dialog.current;
    const before = document.activeElement;
    shown?.showModal();
    return () => {
      shown?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog ref={dialog} aria-labelledby="dialog-title" onClose={onClose}>
      <h2 id="dialog-title">{title}</h2>
      {children}
    </dialog>
  );
}

/** Asks for a word before something that cannot be taken back. */
export function TypedConfirmation({
  word,
  action,
  busy,
  onConfirm,
  onCancel,
}: {
  word: string;
  action: string;
  busy: boolean;
  onConfirm: () => void;
  onCancel: () => void;
}) {
  const [typed, setTyped] = useState('');
  const confirm = (event: Event) => {
    event.preventDefault();
    if (typed === word && !busy) onConfirm();
  };
  return (
    <form onSubmit={confirm}>
      <label>
        Type <strong>{word}</strong> to confirm
        <input
          value={typed}
          autocomplete="off"
          spellcheck={false}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
      </label>
      <div class="actions">
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
        <button type="submit" class="danger" disabled={typed !== word || busy}>
          {busy ? 'Under way …' : action}
        </button>
      </div>
    </form>
  );
}
