import { type People, usePeople } from "../../api/people";
import { texts } from "../../i18n/language";
import { instantWords } from "./instant_words";
import { standingOf } from "./standing";
import { WatchSwitch } from "./WatchSwitch";

/** What stands beside a favorite: a block or a snooze, which keeps the two apart, and the switch of the messages. */
export function FavoriteControls({ person }: { person: People["favorites"][number] }) {
  const { people } = texts.value;
  const known = usePeople().data;
  const standing = known && standingOf(known, person.userId);
  return (
    <>
      {standing?.isBlocked && <span class="apart">{people.isBlocked}</span>}
      {standing?.snoozedUntil && (
        <span class="apart">{people.isSnoozedUntil(instantWords(new Date(standing.snoozedUntil)))}</span>
      )}
      <WatchSwitch person={person} />
    </>
  );
}
