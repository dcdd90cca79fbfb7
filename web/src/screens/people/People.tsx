import { usePeople } from "../../api/people";
import { isolated, texts } from "../../i18n/language";
import { Loaded } from "../../parts/Loaded";
import { FavoriteControls } from "./FavoriteControls";
import { instantWords } from "./instant_words";
import { PersonList } from "./PersonList";
import { RelationButton } from "./RelationButton";
import { WorkedWith } from "./WorkedWith";
import "../availability/availability.css";
import "./people.css";

/** The favorites, snoozed and blocked members, and those to add. */
export default function People() {
  const { people, layout } = texts.value;
  const lists = usePeople();
  return (
    <>
      <h1>{layout.people}</h1>
      <Loaded query={lists}>
        {({ favorites, snoozed, blocked }) => (
          <>
            <PersonList
              title={people.favorites}
              none={people.noFavorites}
              persons={favorites}
              beside={FavoriteControls}
            >
              <p>
                <a href="/favorites">{layout.favoritesAvailability}</a>
              </p>
            </PersonList>
            <WorkedWith people={{ favorites, snoozed, blocked }} />
            <PersonList
              title={people.snoozed}
              none={people.noSnoozed}
              persons={snoozed}
              beside={({ person }) => (
                <>
                  <span>{people.snoozedUntil(instantWords(new Date(person.until)))}</span>
                  <RelationButton
                    person={person}
                    change={{ relation: "snooze", until: null }}
                    text={people.endSnooze}
                    label={people.endSnoozeOf(isolated(person.name))}
                  />
                </>
              )}
            />
            <PersonList
              title={people.blocked}
              none={people.noBlocked}
              persons={blocked}
              beside={({ person }) => (
                <RelationButton
                  person={person}
                  change={{ relation: "block", holds: false }}
                  text={people.unblock}
                  label={people.unblockOf(isolated(person.name))}
                />
              )}
            />
          </>
        )}
      </Loaded>
    </>
  );
}
