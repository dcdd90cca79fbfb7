import type { RelationOfMember } from "../../api/people";
import { useRelationAction } from "./relation_action";

interface RelationButtonProps {
  person: { userId: string; name: string };
  change: RelationOfMember;
  text: string;
  /** The text with the name of the person, for a screen reader. */
  label: string;
}

/** A button that changes one relation to a person. */
export function RelationButton({ person, change, text, label }: RelationButtonProps) {
  const { send, isPending } = useRelationAction(person);
  return (
    <button
      type="button"
      aria-label={label}
      aria-disabled={isPending}
      onClick={() => {
        if (!isPending) send(change);
      }}
    >
      {text}
    </button>
  );
}
