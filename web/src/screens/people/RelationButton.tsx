import { useLayoutEffect, useRef } from "preact/hooks";
import type { RelationOfMember } from "../../api/people";
import { useRelationAction } from "./relation_action";

interface RelationButtonProps {
  person: { userId: string; name: string };
  change: RelationOfMember;
  text: string;
  /** The text with the name of the person, for a screen reader. */
  label: string;
}

/** A button that changes one relation to a person. It disappears with the relation, and leaves the focus nearby. */
export function RelationButton({ person, change, text, label }: RelationButtonProps) {
  const { send, isPending } = useRelationAction(person);
  const button = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => () => leaveFocus(button.current), []);
  return (
    <button
      ref={button}
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

function leaveFocus(button: HTMLButtonElement | null): void {
  if (!button || document.activeElement !== button) return;
  const heading = button.closest("section")?.querySelector<HTMLElement>("h2[tabindex]");
  (heading ?? document.getElementById("content"))?.focus();
}
