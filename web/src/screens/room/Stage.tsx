import type { Schemas } from "../../api/client";
import { isolated, texts } from "../../i18n/language";
import { signalLine } from "../../live/signal_line";
import { Face } from "../../parts/Face";
import { partnerName } from "../../parts/former_member";
import type { Call, CallState } from "../../room/call";
import type { RoomMedia } from "../../room/media";
import { timeText } from "../../time/formats";
import { OwnPicture } from "./OwnPicture";
import { Picture } from "./Picture";
import { Sound } from "./Sound";

interface StageProps {
  call: Call;
  session: Schemas["Session"];
  media: RoomMedia;
  now: number;
}

/** The two pictures, with words about the connection. */
export function Stage({ call, session, media, now }: StageProps) {
  const { room } = texts.value;
  const [, partner] = session.users;
  const name = partnerName(partner) ?? "";
  const side = call.partner.value;
  const isShown = call.picture.value !== null && (side === null || side.hasCamera || side.isSharing);
  return (
    <div class="stage">
      <Picture
        track={isShown ? call.picture.value : null}
        label={room.videoOf(isolated(name))}
        isWhole={side?.isSharing ?? false}
      >
        <Face name={name} photoUrl={partner?.photoUrl ?? null} />
      </Picture>
      <div class="own">
        <OwnPicture media={media} label={room.ownVideo} />
      </div>
      <Sound track={call.sound.value} />
      <div role="status" class="words">
        <p>{connectionWords(call.state.value, session, now)}</p>
        {!signalLine.isOpen.value && call.state.value !== "connected" && <p>{room.noLine}</p>}
        {side?.isMuted && <p>{room.partnerMuted(isolated(name))}</p>}
        {side && !side.hasCamera && <p>{room.partnerCameraOff(isolated(name))}</p>}
        {side?.isSharing && <p>{room.partnerShares(isolated(name))}</p>}
      </div>
    </div>
  );
}

function connectionWords(state: CallState, session: Schemas["Session"], now: number): string {
  const { room } = texts.value;
  const name = isolated(partnerName(session.users[1]) ?? "");
  const start = new Date(session.startTime);
  switch (state) {
    case "alone":
      if (session.users[1]?.joinedAt) return room.hasJoined(name);
      return (now < start.getTime() ? room.notHere : room.notHereLate)(name, timeText(start));
    case "left":
      return room.left(name);
    case "connecting":
      return room.connecting(name);
    case "interrupted":
      return room.interrupted;
    default:
      return room.connected(name);
  }
}
