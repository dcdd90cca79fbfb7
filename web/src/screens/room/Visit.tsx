import { useEffect, useRef, useState } from "preact/hooks";
import type { Schemas } from "../../api/client";
import { pairOf } from "../../api/room_address";
import { texts } from "../../i18n/language";
import { RoomMedia } from "../../room/media";
import { CallScreen } from "./CallScreen";
import { Entrance } from "./Entrance";
import { useEntry } from "./entry";
import { OtherRoom } from "./OtherRoom";
import { PhaseWords } from "./PhaseWords";
import { RoomWords } from "./RoomWords";

interface VisitProps {
  session: Schemas["Session"];
}

/** How a member went out of a call. `newest` is when the page entered that took its place. */
type Exit = { kind: "left" } | { kind: "replaced"; newest: number };

/** The visit of a member to the room of a session, from the time before it opens to the time after it closes. */
export function Visit({ session }: VisitProps) {
  const [exit, setExit] = useState<Exit | null>(null);
  const [isBack, setBack] = useState(false);
  const entry = useEntry(session);
  const { now, phase, joined } = entry;
  const media = useMedia(entry.isIn && (exit === null || isBack));
  const pair = pairOf(session);
  useKeptFocus(phase === "open" ? (joined && "call") || (exit && !isBack && "exit") || "entrance" : phase);
  const go = (how: Exit | null) => {
    entry.leave();
    setExit(how);
    setBack(false);
  };
  if (phase !== "open") return <PhaseWords session={session} phase={phase} media={media} now={now} onAsk={entry.ask} />;
  if (exit && !isBack) return <ExitWords exit={exit} onBack={() => setBack(true)} />;
  if (!media) return null;
  if (!joined) return <Entrance session={session} media={media} entry={entry} />;
  if (pairOf(joined.session) !== pair) return <p aria-busy="true">{texts.value.room.joining}</p>;
  if (joined.room.provider !== "lockstep")
    return <OtherRoom session={session} room={joined.room} now={now} onAsk={entry.ask} />;
  const since = Math.max(Math.round(now), exit?.kind === "replaced" ? exit.newest + 1 : 0);
  return (
    <CallScreen
      key={pair}
      session={session}
      room={joined.room}
      media={media}
      now={now}
      since={since}
      onAsk={entry.ask}
      onLeave={() => go({ kind: "left" })}
      onReplaced={(newest) => go({ kind: "replaced", newest })}
    />
  );
}

/** Move the focus to the heading when the view changes, unless the member has it elsewhere on the page. */
function useKeptFocus(view: string): void {
  const shown = useRef(view);
  useEffect(() => {
    if (shown.current === view) return;
    shown.current = view;
    if (document.activeElement === document.body) document.querySelector<HTMLElement>(".room h1")?.focus();
  }, [view]);
}

/** Return the devices of a visit while they are needed. Then they are stopped. */
function useMedia(isNeeded: boolean): RoomMedia | null {
  const [media, setMedia] = useState<RoomMedia | null>(null);
  useEffect(() => {
    if (!isNeeded) return undefined;
    const made = new RoomMedia();
    setMedia(made);
    return () => {
      made.stop();
      setMedia(null);
    };
  }, [isNeeded]);
  return media;
}

function ExitWords({ exit, onBack }: { exit: Exit; onBack: () => void }) {
  const { room } = texts.value;
  const hasLeft = exit.kind === "left";
  return (
    <RoomWords title={hasLeft ? room.hasLeft : room.replaced} text={hasLeft ? room.hasLeftText : room.replacedText}>
      <button type="button" class="primary" onClick={onBack}>
        {hasLeft ? room.joinAgain : room.useHere}
      </button>
    </RoomWords>
  );
}
