import { useState } from "preact/hooks";
import type { People } from "../../api/people";
import { useSessions } from "../../api/sessions";
import { texts } from "../../i18n/language";
import { instantText } from "../../time/formats";
import { AddFavorite } from "./AddFavorite";
import { PersonList } from "./PersonList";
import { workedWith } from "./worked_with";

const DAY = 86_400_000;
const DAYS_BACK = 28;

/** The partners of the last weeks who are in no list, with a button that adds each to the favorites. */
export function WorkedWith({ people: lists }: { people: People }) {
  const { people } = texts.value;
  const [opened] = useState(() => new Date());
  const start = instantText(new Date(opened.getTime() - DAYS_BACK * DAY));
  const sessions = useSessions(start, instantText(opened));
  if (!sessions.data) return null;
  const persons = workedWith(sessions.data, lists, opened);
  return <PersonList title={people.workedWith} none={people.noWorkedWith} persons={persons} beside={AddFavorite} />;
}
