import type { ComponentChildren } from "preact";
import { useEffect, useId, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { texts } from "../i18n/language";
import { openDialogs } from "./announcements";
import { Toasts } from "./Toasts";
import "./dialog.css";
import { DialogHistory } from "./dialog_history";

const HISTORY = new DialogHistory(history);
addEventListener("popstate", () => HISTORY.popped());

interface DialogProps {
  title: ComponentChildren;
  onClose: () => void;
  children: ComponentChildren;
}

/** A modal dialog, open while the page renders it. Escape, the close button and Back close it. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  const leave = useLeave(onClose);
  useEffect(() => {
    const opened = element.current;
    opened?.showModal();
    openDialogs.value += 1;
    return () => {
      opened?.close();
      openDialogs.value -= 1;
      showFocus();
    };
  }, []);
  return (
    <dialog
      ref={element}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        leave();
      }}
    >
      <header>
        <h2 id={id}>{title}</h2>
        <button type="button" class="plain" onClick={leave}>
          {texts.value.layout.close}
        </button>
      </header>
      {children}
      <Toasts isInDialog />
    </dialog>
  );
}

/** Scroll to the element that has the focus again, because the browser does not, and a new session may have moved it. */
function showFocus() {
  const focused = document.activeElement;
  if (focused !== document.body) focused?.scrollIntoView({ block: "nearest" });
}

/** Return the way to close a dialog together with its entry in the browser's history. */
function useLeave(onClose: () => void): () => void {
  const latest = useRef(onClose);
  latest.current = onClose;
  const close = useMemo(() => () => latest.current(), []);
  useLayoutEffect(() => HISTORY.enter(close), [close]);
  return () => HISTORY.leave(close);
}
