import { useEffect, useState } from "preact/hooks";
import type { Schemas } from "../../api/client";
import type { RoomAccess } from "../../api/rooms";
import { useApp } from "../../app_context";
import { isolated, texts } from "../../i18n/language";
import { signalLine } from "../../live/signal_line";
import { partnerName } from "../../parts/former_member";
import { Call } from "../../room/call";
import type { RoomMedia } from "../../room/media";
import { keepAwake } from "../../room/wake_lock";
import { Chat } from "./Chat";
import { Controls } from "./Controls";
import { roomTimes } from "./room_phase";
import { SecondChance } from "./SecondChance";
import { Stage } from "./Stage";
import { Timer } from "./Timer";
import { Titles } from "./Titles";

interface CallScreenProps {
  session: Schemas["Session"];
  room: RoomAccess;
  media: RoomMedia;
  /** The present instant of the service in milliseconds. */
  now: number;
  /** When this page entered the room. */
  since: number;
  onAsk: () => void;
  onLeave: () => void;
  onReplaced: (newest: number) => void;
}

// A greeting can be lost while the partner's page connects.
const GREETING_MILLISECONDS = 15_000;

/** The room while the member is in it. */
export function CallScreen(props: CallScreenProps) {
  const { session, media, now, onAsk, onLeave } = props;
  const call = useCall(props);
  const { config } = useApp();
  const { room } = texts.value;
  const [own, partner] = session.users;
  const partnerText = partnerName(partner) ?? "";
  const name = isolated(partnerText);
  useEffect(keepAwake, []);
  return (
    <>
      <h1 tabIndex={-1}>{room.title(name)}</h1>
      {!config.webSocketUrl && <p role="alert">{room.noConnection}</p>}
      {call && (
        <div class="call">
          <div>
            <Stage call={call} session={session} media={media} now={now} />
            <Controls media={media} onLeave={onLeave} />
          </div>
          <div>
            <Timer times={roomTimes(session)} now={now} isQuiet={Boolean(own?.quietMode || partner?.quietMode)} />
            {call.state.value === "alone" && <SecondChance session={session} now={now} onAsk={onAsk} />}
            <Titles call={call} name={name} />
            <Chat call={call} name={partnerText} />
          </div>
        </div>
      )}
    </>
  );
}

/** Return the call of this page from its entry until the member leaves. */
function useCall({ session, room, media, since, onReplaced }: CallScreenProps): Call | null {
  const [call, setCall] = useState<Call | null>(null);
  useEffect(() => {
    const made = new Call({
      sessionId: session.sessionId,
      configuration: {
        iceServers: room.iceServers ?? [],
        iceTransportPolicy: room.relayOnly ? "relay" : "all",
      },
      media,
      line: signalLine,
      since,
    });
    setCall(made);
    return () => made.leave();
  }, []);
  const { title } = session;
  useEffect(() => {
    if (call) call.title.value = title;
  }, [call, title]);
  const isPartnerThere = Boolean(session.users[1]?.joinedAt);
  const state = call?.state.value;
  useEffect(() => {
    if (!isPartnerThere || state !== "alone") return undefined;
    const timer = setInterval(() => call?.announce(), GREETING_MILLISECONDS);
    return () => clearInterval(timer);
  }, [isPartnerThere, state]);
  useEffect(() => {
    if (call && state === "replaced") onReplaced(call.newest);
  }, [state]);
  return call;
}
