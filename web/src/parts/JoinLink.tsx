import type { Schemas } from "../api/client";
import { pairOf, roomPath } from "../api/room_address";
import { texts } from "../i18n/language";

interface JoinLinkProps {
  session: Schemas["Session"];
  /** The id of the session's time, which names the session of the link. */
  describedBy?: string;
}

/** The way into the room of a session, while its members may join (R37). */
export function JoinLink({ session, describedBy }: JoinLinkProps) {
  const pair = pairOf(session);
  if (!session.canJoin || !pair) return null;
  return (
    <a class="button primary" href={roomPath(pair)} aria-describedby={describedBy}>
      {texts.value.room.join}
    </a>
  );
}
