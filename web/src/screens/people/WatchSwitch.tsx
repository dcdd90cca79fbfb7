import type { People } from "../../api/people";
import { isolated, texts } from "../../i18n/language";
import { useRelationAction } from "./relation_action";

/** The switch of the messages about new times of a favorite (R45). */
export function WatchSwitch({ person }: { person: People["favorites"][number] }) {
  const { people } = texts.value;
  const { send, isPending } = useRelationAction(person);
  return (
    <label class="choice">
      <input
        type="checkbox"
        aria-label={people.watchOf(isolated(person.name))}
        checked={person.isWatched}
        onChange={(event) => {
          if (!isPending) send({ relation: "watch", holds: event.currentTarget.checked });
        }}
      />
      {people.watch}
    </label>
  );
}
