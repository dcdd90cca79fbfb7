import { type RelationOfMember, useChangeRelation } from "../../api/people";
import { isolated, texts } from "../../i18n/language";
import { announce } from "../../parts/announcements";
import { refusalText } from "../../parts/refusal_text";

/** Return the action that changes a relation to a person and says what came of it. It resolves to true after success. */
export function useRelationAction(person: { userId: string; name: string }) {
  const action = useChangeRelation();
  const { people } = texts.value;

  async function send(change: RelationOfMember): Promise<boolean> {
    try {
      await action.mutateAsync({ ...change, userId: person.userId });
    } catch (error) {
      const isBlock = change.relation === "block" && change.holds;
      announce(refusalText(error, isBlock ? { busy: people.blockUnfinished } : {}), "failure");
      return false;
    }
    announce(doneText(change)(isolated(person.name)));
    return true;
  }

  return { send, isPending: action.isPending };
}

function doneText(change: RelationOfMember): (name: string) => string {
  const { done } = texts.value.people;
  if (change.relation === "snooze") return change.until ? done.snooze : done.noSnooze;
  if (change.relation === "watch") return change.holds ? done.watch : done.noWatch;
  if (change.relation === "block") return change.holds ? done.block : done.noBlock;
  return change.holds ? done.favorite : done.noFavorite;
}
