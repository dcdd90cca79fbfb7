import { texts } from "../../i18n/language";
import type { RoomMedia } from "../../room/media";
import { Picture } from "./Picture";

/** The picture that the partner gets, the camera as in a mirror. */
export function OwnPicture({ media, label }: { media: RoomMedia; label: string }) {
  const isShared = media.screen.value !== null;
  return (
    <Picture track={media.picture.value} label={label} isMirrored={!isShared} isWhole={isShared}>
      <p>{texts.value.room.noPicture}</p>
    </Picture>
  );
}
