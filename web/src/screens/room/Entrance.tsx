import { useEffect } from "preact/hooks";
import type { Schemas } from "../../api/client";
import { useApp } from "../../app_context";
import { isolated, texts } from "../../i18n/language";
import { partnerName } from "../../parts/former_member";
import { refusalText } from "../../parts/refusal_text";
import type { RoomMedia } from "../../room/media";
import { timeRange } from "../../time/formats";
import { DeviceFields, DeviceWords } from "./DeviceFields";
import type { Entry } from "./entry";
import { LevelMeter } from "./LevelMeter";
import { OwnPicture } from "./OwnPicture";

interface EntranceProps {
  session: Schemas["Session"];
  media: RoomMedia;
  entry: Entry;
}

/** The check of camera and microphone before a room, and the way in. */
export function Entrance({ session, media, entry: { join, enter, isParted } }: EntranceProps) {
  const { config } = useApp();
  const { room } = texts.value;
  const name = isolated(partnerName(session.users[1]) ?? "");
  // Another provider's room has a check of its own.
  const hasOwnRoom = config.roomProvider === "lockstep";
  async function press() {
    if (join.isPending) return;
    await join.mutateAsync().then(enter, () => undefined);
  }
  return (
    <>
      <h1 tabIndex={-1}>{room.title(name)}</h1>
      <p>
        {timeRange(new Date(session.startTime), session.duration / 60_000)}
        {session.users[1]?.joinedAt && ` · ${room.isThere(name)}`}
      </p>
      {isParted && <p role="status">{room.isParted}</p>}
      {hasOwnRoom && <DeviceCheck media={media} />}
      <div class="actions">
        <button type="button" class="primary" aria-disabled={join.isPending} onClick={press}>
          {join.isPending ? room.joining : room.join}
        </button>
      </div>
      {join.isError && (
        <p role="alert">{refusalText(join.error, { not_available: room.joinNotYet, too_late: room.joinTooLate })}</p>
      )}
    </>
  );
}

function DeviceCheck({ media }: { media: RoomMedia }) {
  const { room } = texts.value;
  useEffect(() => {
    media.start();
  }, [media]);
  return (
    <section class="check" aria-labelledby="room-check">
      <h2 id="room-check">{room.check}</h2>
      <p class="quiet">{room.checkText}</p>
      <OwnPicture media={media} label={room.preview} />
      <LevelMeter track={media.microphone.track.value} />
      <DeviceFields media={media} />
      <DeviceWords media={media} />
    </section>
  );
}
