import type { ComponentChildren } from "preact";
import { useId, useRef, useState } from "preact/hooks";
import { focusedNext } from "./menu_keys";

/** An entry of a context menu, a link or an action. */
export interface MenuEntry {
  text: string;
  href?: string;
  action?: () => void;
  isDanger?: boolean;
}

interface ContextMenuProps {
  label: string;
  entries: MenuEntry[];
  children: ComponentChildren;
}

/** A button that shows a list of links and actions. Escape closes it, and the arrow keys move in it. */
export function ContextMenu({ label, entries, children }: ContextMenuProps) {
  const [isOpen, setOpen] = useState(false);
  const region = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const id = useId();

  function close(): void {
    setOpen(false);
    opener.current?.focus();
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (!isOpen) return;
    if (event.key === "Escape") close();
    else if (!focusedNext(region.current, event.key)) return;
    event.preventDefault();
  }

  function onFocusOut(event: FocusEvent): void {
    if (!region.current?.contains(event.relatedTarget as Node | null)) setOpen(false);
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: The keys act on the buttons and links within.
    <div ref={region} class="menu" onKeyDown={onKeyDown} onFocusOut={onFocusOut}>
      <button
        ref={opener}
        type="button"
        class="more"
        aria-label={label}
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={() => setOpen(!isOpen)}
      >
        {children}
      </button>
      {isOpen && (
        <ul id={id}>
          {entries.map((entry) => (
            <li key={entry.text}>
              <Entry entry={entry} onChoose={close} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Entry({ entry, onChoose }: { entry: MenuEntry; onChoose: () => void }) {
  if (entry.href) return <a href={entry.href}>{entry.text}</a>;
  // The focus goes back to the opener first, so that a dialog returns it there.
  const choose = () => {
    onChoose();
    entry.action?.();
  };
  return (
    <button type="button" class={entry.isDanger ? "danger" : undefined} onClick={choose}>
      {entry.text}
    </button>
  );
}
