import type { Schemas } from "../../api/client";
import { isolated, texts } from "../../i18n/language";
import { partnerName } from "../../parts/former_member";
import type { RoomMedia } from "../../room/media";
import { dayText, timeText } from "../../time/formats";
import { OwnPicture } from "./OwnPicture";
import { RoomWords } from "./RoomWords";
import { type RoomPhase, roomTimes } from "./room_phase";
import { SecondChance } from "./SecondChance";

interface PhaseWordsProps {
  session: Schemas["Session"];
  phase: Exclude<RoomPhase, "open">;
  /** The devices that go on for the room of another partner. */
  media: RoomMedia | null;
  now: number;
  onAsk: () => void;
}

/** The words of a room that is not open, by the state of its session. */
export function PhaseWords({ session, phase, media, now, onAsk }: PhaseWordsProps) {
  const { room } = texts.value;
  const times = roomTimes(session);
  if (phase === "early") {
    const opens = new Date(times.opens);
    const name = isolated(partnerName(session.users[1]) ?? "");
    return <RoomWords title={room.early(name)} text={room.opensAt(dayText(opens), timeText(opens))} />;
  }
  if (phase === "seeking")
    return (
      <RoomWords title={room.seeking} text={room.seekingText(timeText(new Date(times.chanceUntil)))}>
        {media && <OwnPicture media={media} label={room.preview} />}
      </RoomWords>
    );
  return (
    <RoomWords title={room.phases[phase].title} text={room.phases[phase].text}>
      {phase === "alone" && <SecondChance session={session} now={now} onAsk={onAsk} />}
    </RoomWords>
  );
}
