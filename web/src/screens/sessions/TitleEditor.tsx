import { useId, useRef, useState } from "preact/hooks";
import { useEditSession } from "../../api/sessions";
import { texts } from "../../i18n/language";
import { announce } from "../../parts/announcements";
import { refusalText } from "../../parts/refusal_text";
import type { Session } from "./session_state";

const LONGEST = 200;

interface TitleEditorProps {
  session: Session;
  describedBy: string;
}

/** The title of a session, which is edited in place. */
export function TitleEditor({ session, describedBy }: TitleEditorProps) {
  const [isEdited, setEdited] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const { sessions } = texts.value;
  if (isEdited) {
    const end = () => {
      setEdited(false);
      // The button returns with the next frame.
      requestAnimationFrame(() => opener.current?.focus());
    };
    return <TitleForm session={session} onEnd={end} />;
  }
  return (
    <p class="session-title">
      {session.title ? <span dir="auto">{session.title}</span> : <span class="quiet">{sessions.noTitle}</span>}
      <button ref={opener} type="button" class="plain" aria-describedby={describedBy} onClick={() => setEdited(true)}>
        {session.title ? sessions.editTitle : sessions.addTitle}
      </button>
    </p>
  );
}

/** The form of a title. After a failure the typed text stays. */
function TitleForm({ session, onEnd }: { session: Session; onEnd: () => void }) {
  const id = useId();
  const [text, setText] = useState(session.title ?? "");
  const edit = useEditSession(session.sessionId);
  const { repeats, sessions, words } = texts.value;
  async function save(event: Event) {
    event.preventDefault();
    if (edit.isPending) return;
    try {
      await edit.mutateAsync({ title: text.trim() || null });
    } catch {
      return;
    }
    announce(sessions.titleSaved);
    onEnd();
  }
  return (
    <form class="title-form" onSubmit={save}>
      <label for={id}>{sessions.sessionTitle}</label>
      <input
        id={id}
        ref={focusOnce}
        dir="auto"
        maxLength={LONGEST}
        value={text}
        aria-invalid={edit.isError}
        aria-describedby={session.repeatId ? `${id}-hint` : undefined}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Escape" && onEnd()}
      />
      {session.repeatId && <p id={`${id}-hint`}>{repeats.onlyThis}</p>}
      <div class="actions">
        <button type="submit" class="primary" aria-disabled={edit.isPending}>
          {edit.isPending ? words.saving : words.save}
        </button>
        <button type="button" onClick={onEnd}>
          {sessions.discard}
        </button>
      </div>
      {edit.isError && <p role="alert">{refusalText(edit.error)}</p>}
    </form>
  );
}

/** Focus a field when it appears. */
function focusOnce(field: HTMLInputElement | null): void {
  field?.focus();
}
