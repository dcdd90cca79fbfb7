import type { Schemas } from "../../api/client";
import type { RoomAccess } from "../../api/rooms";
import { texts } from "../../i18n/language";
import { RoomWords } from "./RoomWords";
import { SecondChance } from "./SecondChance";

interface OtherRoomProps {
  session: Schemas["Session"];
  room: RoomAccess;
  /** The present instant of the service in milliseconds. */
  now: number;
  onAsk: () => void;
}

/** The way to a room of another provider, in a tab of its own. */
export function OtherRoom({ session, room: { url }, now, onAsk }: OtherRoomProps) {
  const { room } = texts.value;
  return (
    <RoomWords title={room.elsewhere} text={room.elsewhereText}>
      <p>
        <a class="button primary" href={url} target="_blank" rel="noopener noreferrer">
          {room.open}
        </a>
      </p>
      <SecondChance session={session} now={now} onAsk={onAsk} />
    </RoomWords>
  );
}
