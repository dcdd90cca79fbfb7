import { useState } from "preact/hooks";
import { announce } from "./announcements";
import { makingRefusalText, refusalText } from "./refusal_text";

interface TaskButtonProps {
  text: string;
  /** The name of the button for screen readers, which says what it is about. */
  name?: string;
  /** The message after success. Without it the action says itself what happened. */
  doneText?: string;
  /** The look of a button with a special weight. */
  kind?: "primary" | "danger";
  /** True for an action that makes something new each time. */
  isMaking?: boolean;
  action: () => Promise<unknown>;
}

/** A button with one action at the service. It is inert while the action runs, and says what happened. */
export function TaskButton({ text, name, doneText, kind, isMaking = false, action }: TaskButtonProps) {
  const [isRunning, setRunning] = useState(false);

  async function run() {
    if (isRunning) return;
    setRunning(true);
    try {
      await action();
      if (doneText) announce(doneText);
    } catch (error) {
      announce((isMaking ? makingRefusalText : refusalText)(error), "failure");
    } finally {
      setRunning(false);
    }
  }

  return (
    <button type="button" class={kind} aria-label={name} aria-disabled={isRunning} onClick={run}>
      {text}
    </button>
  );
}
