import { isolated, texts } from "../../i18n/language";
import { RelationButton } from "./RelationButton";

/** The button that adds a member to the favorites. */
export function AddFavorite({ person }: { person: { userId: string; name: string } }) {
  const { people } = texts.value;
  return (
    <RelationButton
      person={person}
      change={{ relation: "favorite", holds: true }}
      text={people.addFavorite}
      label={people.addFavoriteOf(isolated(person.name))}
    />
  );
}
