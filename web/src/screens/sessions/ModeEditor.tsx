import { useId } from "preact/hooks";
import { type SessionEdit, useEditSession } from "../../api/sessions";
import { texts } from "../../i18n/language";
import { announce } from "../../parts/announcements";
import { refusalText } from "../../parts/refusal_text";
import type { Session } from "./session_state";

const ACTIVITIES = ["anything", "desk", "moving"] as const;

/** The activity, the quiet mode and the preference for favorites of a session, until its start. */
export function ModeEditor({ session }: { session: Session }) {
  const group = useId();
  const edit = useEditSession(session.sessionId);
  const { repeats, sessions, words } = texts.value;
  const [own] = session.users;
  // A choice shows at once. If it is refused, the session's own state returns.
  const chosen = { ...own, preferFavorites: session.preferFavorites, ...(edit.isPending ? edit.variables : {}) };
  const choose = (body: SessionEdit) =>
    // Each of two quick choices has its own outcome.
    edit.mutateAsync(body).catch((error) => announce(refusalText(error), "failure"));
  const mode = [sessions.activities[chosen.activityType ?? "anything"], chosen.quietMode && words.quietMode];
  return (
    <details class="mode">
      <summary>
        {sessions.mode}: {mode.filter(Boolean).join(" · ")}
      </summary>
      {session.repeatId && <p>{repeats.onlyThis}</p>}
      <fieldset>
        <legend>{sessions.activity}</legend>
        {ACTIVITIES.map((activity) => (
          <label key={activity} class="choice">
            <input
              type="radio"
              name={group}
              checked={chosen.activityType === activity}
              onChange={() => choose({ activityType: activity })}
            />
            {sessions.activities[activity]}
          </label>
        ))}
      </fieldset>
      <Check text={words.quietMode} isOn={Boolean(chosen.quietMode)} onChoose={(quietMode) => choose({ quietMode })} />
      {!session.locked && (
        <Check
          text={sessions.preferFavorites}
          isOn={Boolean(chosen.preferFavorites)}
          onChoose={(preferFavorites) => choose({ preferFavorites })}
        />
      )}
    </details>
  );
}

interface CheckProps {
  text: string;
  isOn: boolean;
  onChoose: (isOn: boolean) => void;
}

function Check({ text, isOn, onChoose }: CheckProps) {
  return (
    <label class="choice">
      <input type="checkbox" checked={isOn} onChange={(event) => onChoose(event.currentTarget.checked)} />
      {text}
    </label>
  );
}
