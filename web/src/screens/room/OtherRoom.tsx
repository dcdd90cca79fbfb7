import type { RoomAccess } from "../../api/rooms";
import { texts } from "../../i18n/language";
import { RoomWords } from "./RoomWords";

/** The way to a room of another provider, in a tab of its own. */
export function OtherRoom({ room: { url } }: { room: RoomAccess }) {
  const { room } = texts.value;
  return (
    <RoomWords title={room.elsewhere} text={room.elsewhereText}>
      <p>
        <a class="button primary" href={url} target="_blank" rel="noopener noreferrer">
          {room.open}
        </a>
      </p>
    </RoomWords>
  );
}
