import { useState } from "preact/hooks";
import type { Schemas } from "../../api/client";
import { useUser } from "../../api/people";
import type { Repeat } from "../../api/repeats";
import { isolated, texts } from "../../i18n/language";
import { partnerName } from "../../parts/former_member";
import { pageStyle } from "../../time/formats";
import { EndDialog } from "./EndDialog";
import { NextSessions } from "./NextSessions";
import { RepeatEditor } from "./RepeatEditor";
import { datesText, patternText } from "./repeat_text";
import { SkippedTimes } from "./SkippedTimes";

interface RepeatEntryProps {
  repeat: Repeat;
  /** The member's sessions from today on, null before their response. */
  sessions: readonly Schemas["Session"][] | null;
}

/** A repeat: its pattern, its next sessions, the times that were skipped, and the ways to change and to end it. */
export function RepeatEntry({ repeat, sessions }: RepeatEntryProps) {
  const [opened, setOpened] = useState<"edit" | "end" | null>(null);
  const { repeats: text } = texts.value;
  const close = () => setOpened(null);
  const pattern = patternText(repeat);
  return (
    <li id={repeat.repeatId}>
      <div>
        <h3>{pattern}</h3>
        {repeat.title && <p dir="auto">{repeat.title}</p>}
        <p class="quiet">{datesText(repeat, pageStyle())}</p>
        {repeat.partnerId && <RepeatPartner partnerId={repeat.partnerId} />}
        {sessions && <NextSessions repeatId={repeat.repeatId} sessions={sessions} />}
        <SkippedTimes skipped={repeat.skipped} />
      </div>
      <div class="actions">
        <button type="button" aria-label={text.editName(pattern)} onClick={() => setOpened("edit")}>
          {text.edit}
        </button>
        <button type="button" class="danger" aria-label={text.endName(pattern)} onClick={() => setOpened("end")}>
          {text.end}
        </button>
      </div>
      {opened === "edit" && <RepeatEditor repeat={repeat} onClose={close} />}
      {opened === "end" && <EndDialog repeat={repeat} onClose={close} />}
    </li>
  );
}

/** The partner of a repeat, by name if the profile can be read. */
function RepeatPartner({ partnerId }: { partnerId: string }) {
  const user = useUser(partnerId);
  const { repeats: text } = texts.value;
  const name = partnerName(user.data);
  return <p>{name ? text.partner(isolated(name)) : text.onePartner}</p>;
}
