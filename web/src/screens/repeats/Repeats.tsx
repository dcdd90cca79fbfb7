import { useEffect } from "preact/hooks";
import { useRepeats } from "../../api/repeats";
import { useSessionsFromToday } from "../../api/sessions";
import { texts } from "../../i18n/language";
import { Entries } from "../../parts/Entries";
import { present } from "../../time/present";
import { sessionRange } from "../invite_links/session_range";
import { SessionLists } from "../sessions/SessionLists";
import { NewRepeat } from "./NewRepeat";
import { RepeatEntry } from "./RepeatEntry";
import "../sessions/sessions.css";
import "../settings/settings.css";
import "./repeats.css";

/** The repeats of the member with their next sessions, and the form for a new one (R40). */
export default function Repeats() {
  const repeats = useRepeats();
  const sessions = useSessionsFromToday(...sessionRange(present.value));
  const { repeats: text } = texts.value;
  useEffect(() => {
    // A session links to its repeat, which appears after the page.
    if (repeats.data && location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  }, [repeats.data !== undefined]);
  return (
    <div class="sessions repeats">
      <h1>{text.title}</h1>
      <SessionLists />
      <p>{text.explanation}</p>
      <h2 id="repeats-title" tabIndex={-1}>
        {text.yours}
      </h2>
      <Entries query={repeats} none={text.none}>
        {(repeat) => <RepeatEntry key={repeat.repeatId} repeat={repeat} sessions={sessions.data ?? null} />}
      </Entries>
      <NewRepeat />
    </div>
  );
}
