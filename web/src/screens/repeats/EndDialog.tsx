import { useQueryClient } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import { endRepeat, type Repeat, refreshRepeats } from "../../api/repeats";
import { useApp } from "../../app_context";
import { Choices } from "../../forms/Choices";
import { texts } from "../../i18n/language";
import { announce } from "../../parts/announcements";
import { Dialog } from "../../parts/Dialog";
import { TaskButton } from "../../parts/TaskButton";
import { patternText } from "./repeat_text";
import "../../forms/forms.css";

interface EndDialogProps {
  repeat: Repeat;
  onClose: () => void;
}

/** The question before the end of a repeat: its unchanged sessions ahead are kept or cancelled. */
export function EndDialog({ repeat, onClose }: EndDialogProps) {
  const { api } = useApp();
  const queries = useQueryClient();
  const [chosen, choose] = useState<"keep" | "cancel">("keep");
  const { repeats: text, words } = texts.value;
  const end = async () => {
    const isCancelling = chosen === "cancel";
    await endRepeat(api, repeat.repeatId, isCancelling).finally(() => {
      refreshRepeats(queries);
    });
    onClose();
    announce(isCancelling ? text.endedAndCancelled : text.ended);
    // Nothing outside of the dialog can have the focus before it is closed.
    setTimeout(() => document.getElementById("repeats-title")?.focus());
  };
  return (
    <Dialog title={text.endTitle} onClose={onClose}>
      <p>{patternText(repeat)}</p>
      <p>{text.endExplanation}</p>
      <Choices
        legend={text.sessionsAhead}
        name="sessions"
        type="radio"
        choices={[
          { value: "keep", text: text.keepSessions },
          { value: "cancel", text: text.cancelSessions, hint: text.cancelHint },
        ]}
        chosen={[chosen]}
        onChange={choose}
      />
      <div class="actions">
        <TaskButton kind="danger" text={text.endNow} action={end} />
        <button type="button" onClick={onClose}>
          {words.cancel}
        </button>
      </div>
    </Dialog>
  );
}
