import { isolated, texts } from "../../i18n/language";
import { useRelationAction } from "./relation_action";

/** The button that adds a member to the favorites. */
export function AddFavorite({ person }: { person: { userId: string; name: string } }) {
  const { people } = texts.value;
  const change = useRelationAction(person);
  return (
    <button
      type="button"
      aria-label={people.addFavoriteOf(isolated(person.name))}
      aria-disabled={change.isPending}
      onClick={() => change.send({ relation: "favorite", holds: true })}
    >
      {people.addFavorite}
    </button>
  );
}
