import type { Schemas } from "../../api/client";
import { isolated, texts } from "../../i18n/language";
import { partnerName } from "../../parts/former_member";
import { dayText, timeText } from "../../time/formats";
import { RoomWords } from "./RoomWords";
import { type RoomPhase, roomTimes } from "./room_phase";

interface PhaseWordsProps {
  session: Schemas["Session"];
  phase: Exclude<RoomPhase, "open">;
}

/** The words of a room that is not open, by the state of its session. */
export function PhaseWords({ session, phase }: PhaseWordsProps) {
  const { room } = texts.value;
  const times = roomTimes(session);
  if (phase === "early") {
    const opens = new Date(times.opens);
    const name = isolated(partnerName(session.users[1]) ?? "");
    return <RoomWords title={room.early(name)} text={room.opensAt(dayText(opens), timeText(opens))} />;
  }
  if (phase === "seeking")
    return <RoomWords title={room.seeking} text={room.seekingText(timeText(new Date(times.chanceUntil)))} />;
  return <RoomWords title={room.phases[phase].title} text={room.phases[phase].text} />;
}
