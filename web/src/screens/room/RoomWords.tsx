import type { ComponentChildren } from "preact";
import { texts } from "../../i18n/language";

interface RoomWordsProps {
  title: string;
  text: string;
  children?: ComponentChildren;
}

/** The words in place of a room that is not open for the member, with a way on. */
export function RoomWords({ title, text, children }: RoomWordsProps) {
  return (
    <>
      <h1 tabIndex={-1}>{title}</h1>
      <p role="status">{text}</p>
      {children}
      <p>
        <a href="/sessions">{texts.value.room.toSessions}</a>
      </p>
    </>
  );
}
