import { useEffect, useRef } from "preact/hooks";
import { useLocation, useRoute } from "preact-iso";
import { pairOf, roomPath } from "../../api/room_address";
import { useFollowedSession } from "../../api/rooms";
import { useSessionsFromToday } from "../../api/sessions";
import { texts } from "../../i18n/language";
import { Loaded } from "../../parts/Loaded";
import { present } from "../../time/present";
import { ReportButton } from "../reports/ReportButton";
import { RoomWords } from "./RoomWords";
import { type Followed, pauseOf, roomSession } from "./room_phase";
import { Visit } from "./Visit";
import "./room.css";

// Sessions are booked at most 13 weeks ahead (R30).
const DAYS_AHEAD = 93;

/** The room of a pair, for its members only. It opens, moves to the room of another pair, and closes by itself. */
export default function Room() {
  const { pairId = "" } = useRoute().params;
  const { route } = useLocation();
  const now = present.value;
  const dayAt = (days: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days).toISOString();
  const followed = useRef<Followed | null>(null);
  // A room may still be open after midnight.
  const listed = useSessionsFromToday(dayAt(-1), dayAt(DAYS_AHEAD));
  const found = roomSession(listed.data ?? [], pairId, followed.current, now.getTime());
  const sessionId = found?.sessionId ?? (followed.current?.pairId === pairId ? followed.current.sessionId : undefined);
  const one = useFollowedSession(sessionId, (session) => pauseOf(session, present.value.getTime()));
  const session = one.data ?? found;
  const pair = session && pairOf(session);
  if (sessionId) followed.current = { pairId, sessionId };
  useEffect(() => {
    if (!sessionId || !pair || pair === pairId) return;
    followed.current = { pairId: pair, sessionId };
    route(roomPath(pair), true);
  }, [pair, pairId, sessionId]);
  const { room } = texts.value;
  return (
    <div class="room">
      <Loaded query={listed} title={room.screen}>
        {() =>
          session ? (
            <>
              <Visit key={sessionId} session={session} />
              <div class="report">
                <ReportButton session={session} />
              </div>
            </>
          ) : (
            <RoomWords title={room.none} text={room.noneText} />
          )
        }
      </Loaded>
    </div>
  );
}
