import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { texts } from "../i18n/language";
import { openDialogs } from "./announcements";
import { Toasts } from "./Toasts";
import "./dialog.css";

interface DialogProps {
  title: ComponentChildren;
  onClose: () => void;
  children: ComponentChildren;
}

/** A modal dialog, open while the page renders it. Escape and the close button close it. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const opened = element.current;
    opened?.showModal();
    openDialogs.value += 1;
    return () => {
      opened?.close();
      openDialogs.value -= 1;
    };
  }, []);
  return (
    <dialog
      ref={element}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <header>
        <h2 id={id}>{title}</h2>
        <button type="button" class="plain" onClick={onClose}>
          {texts.value.layout.close}
        </button>
      </header>
      {children}
      <Toasts isInDialog />
    </dialog>
  );
}
