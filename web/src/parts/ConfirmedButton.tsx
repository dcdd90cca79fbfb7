import { useRef, useState } from "preact/hooks";
import { texts } from "../i18n/language";
import { announce } from "./announcements";
import { Dialog } from "./Dialog";
import { refusalText } from "./refusal_text";

interface ConfirmedButtonProps {
  /** The text of the button, and of the one that confirms. */
  text: string;
  /** The name of the button for screen readers, which says what it is about. */
  name?: string;
  question: string;
  explanation: string;
  /** The message after success. */
  doneText: string;
  /** The id of the heading that gets the focus after success, because the button itself has left the page. */
  headingId: string;
  action: () => Promise<unknown>;
}

/** A button whose action cannot be undone. It asks first, and says what happened. */
export function ConfirmedButton({
  text,
  name,
  question,
  explanation,
  doneText,
  headingId,
  action,
}: ConfirmedButtonProps) {
  const [isOpen, setOpen] = useState(false);
  const isRunning = useRef(false);
  const { words } = texts.value;

  async function confirm() {
    if (isRunning.current) return;
    isRunning.current = true;
    try {
      await action();
      setOpen(false);
      announce(doneText);
      // Nothing outside of the dialog can have the focus before it is closed.
      setTimeout(() => document.getElementById(headingId)?.focus());
    } catch (error) {
      announce(refusalText(error), "failure");
    } finally {
      isRunning.current = false;
    }
  }

  return (
    <>
      <button type="button" class="danger" aria-label={name} onClick={() => setOpen(true)}>
        {text}
      </button>
      {isOpen && (
        <Dialog title={question} onClose={() => setOpen(false)}>
          <p>{explanation}</p>
          <p class="outcome">
            <button type="button" class="danger" onClick={confirm}>
              {text}
            </button>
            <button type="button" onClick={() => setOpen(false)}>
              {words.cancel}
            </button>
          </p>
        </Dialog>
      )}
    </>
  );
}
