import { useState } from "preact/hooks";
import { usePeople } from "../../api/people";
import { isolated, texts } from "../../i18n/language";
import { BlockDialog } from "./BlockDialog";
import { ContextMenu, type MenuEntry } from "./ContextMenu";
import { useRelationAction } from "./relation_action";
import { SnoozeDialog } from "./SnoozeDialog";
import { standingOf } from "./standing";
import "../availability/availability.css";
import "./people.css";

interface PersonMenuProps {
  person: { userId: string; name: string };
  /** The links to the profile and the availability, which the profile itself has elsewhere. */
  withLinks?: boolean;
}

/** The context menu of a person, with the actions that the present relations leave. */
export function PersonMenu({ person, withLinks = false }: PersonMenuProps) {
  const { people, words } = texts.value;
  const known = usePeople().data;
  const change = useRelationAction(person);
  const [dialog, setDialog] = useState<"snooze" | "block" | null>(null);
  const close = () => setDialog(null);
  if (!known) return null;
  const standing = standingOf(known, person.userId);
  const entries: (MenuEntry | false)[] = [
    withLinks && { text: words.seeAvailability, href: `/people/${person.userId}/availability` },
    withLinks && { text: people.profile, href: `/people/${person.userId}` },
    standing.isFavorite
      ? { text: people.removeFavorite, action: () => change.send({ relation: "favorite", holds: false }) }
      : { text: people.addFavorite, action: () => change.send({ relation: "favorite", holds: true }) },
    standing.snoozedUntil
      ? { text: people.endSnooze, action: () => change.send({ relation: "snooze", until: null }) }
      : { text: people.snooze, action: () => setDialog("snooze") },
    standing.isBlocked
      ? { text: people.unblock, action: () => change.send({ relation: "block", holds: false }) }
      : { text: people.block, action: () => setDialog("block"), isDanger: true },
  ];
  return (
    <>
      <ContextMenu label={people.moreAbout(isolated(person.name))} entries={entries.filter((entry) => entry !== false)}>
        <span aria-hidden="true">⋯</span>
      </ContextMenu>
      {dialog === "snooze" && <SnoozeDialog person={person} onClose={close} />}
      {dialog === "block" && <BlockDialog person={person} onClose={close} />}
    </>
  );
}
